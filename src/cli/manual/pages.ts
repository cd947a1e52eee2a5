/**
 * The pages of the manual, from the helps of the commands and the schema of the configuration.
 *
 * @module
 */

import { configReference, type MappingReference } from "../../config/schema/reference.ts";
import { EXIT_MEANINGS } from "../../exit.ts";
import type { Command } from "../command.ts";
import { helpParts } from "../text/option_help.ts";
import { heading, item, type ManualPage, type ManualPart, paragraph, subheading } from "./page.ts";

/** vipd(8). */
export function programPage(commands: readonly Command[]): ManualPage {
  return {
    name: "vipd",
    section: 8,
    parts: [
      heading("name"),
      paragraph("vipd - keeps a virtual IP address alive on a pair of load balancers"),
      heading("synopsis"),
      { kind: "synopsis", program: "vipd", operands: "COMMAND [OPTION]..." },
      heading("description"),
      paragraph(
        "Two nodes, one address: the backup takes over when the master, its network or its nginx " +
          "fails. vipd speaks VRRP, version 2 and 3.",
      ),
      heading("commands"),
      ...commands.flatMap((command) => [
        subheading(`vipd ${command.name}`),
        ...commandParts(command),
      ]),
      ...exitStatus(),
      heading("files"),
      item("/etc/vipd/vipd.yaml", "", "the configuration, vipd.yaml(5)"),
      item("/run/vipd/token", "", "the token of the API, made at the first start"),
      item("/var/lib/vipd", "", "what outlives a boot: overrides"),
      heading("signals"),
      item("SIGTERM, SIGINT", "", "hand over, remove the addresses, end"),
      item("SIGHUP", "", "take a changed configuration"),
      heading("see also"),
      paragraph("vipd.yaml(5), systemctl(1), ip(8)"),
    ],
  };
}

/** One command's part of vipd(8). */
export function commandPage(command: Command): ManualPage {
  return {
    name: `vipd ${command.name}`,
    section: 8,
    parts: [
      heading("name"),
      paragraph(`vipd ${command.name} - ${command.summary}`),
      heading("description"),
      ...commandParts(command),
      ...exitStatus(),
    ],
  };
}

function commandParts({ summary, help }: Command): ManualPart[] {
  const { text, examples, options } = helpParts(help);
  return [
    paragraph(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`),
    ...text.map(paragraph),
    ...options.map(({ flag, value, meaning }) => item(flag, value, meaning)),
    ...(examples.length > 0
      ? [paragraph("Examples:"), { kind: "verbatim", lines: examples } as const]
      : []),
  ];
}

function exitStatus(): ManualPart[] {
  return [
    heading("exit status"),
    ...EXIT_MEANINGS.map(([code, meaning]) => item(String(code), "", meaning)),
  ];
}

/**
 * The part of vipd.yaml(5) about the keys of a name, as `vrid` or as its place, `announce.repeat`, in every mapping that has
 * one, and what such a key holds; `null` if there is none.
 */
export function keyPage(name: string): ManualPage | null {
  const asked = placeOf(name);
  const isMeant = (place: string) => place === asked || place.endsWith(`.${asked}`);
  const parts = configReference().flatMap((mapping) => {
    const place = placeOf(mapping.title);
    const whole = isMeant(place);
    const keys = whole
      ? mapping.keys
      : mapping.keys.filter(({ key }) => key === asked || isMeant(`${place}.${key}`));
    return keys.length === 0 ? [] : mappingParts({ ...mapping, keys });
  });
  return parts.length === 0 ? null : { name: "vipd.yaml", section: 5, parts };
}

/** `instances[].announce`, in quotes or with `[0]`, as `instances.announce`. */
function placeOf(title: string): string {
  return title.replace(/, .*$/, "").replace(/`|\[\d*\]/g, "");
}

/** vipd.yaml(5). */
export function configPage(): ManualPage {
  return {
    name: "vipd.yaml",
    section: 5,
    parts: [
      heading("name"),
      paragraph("vipd.yaml - configuration of vipd"),
      heading("description"),
      paragraph(
        "YAML 1.2, strict: an unknown key is an error. vipd check shows every problem with its place " +
          "and its remedy. Durations carry a unit (1s, 500ms); a bare number is seconds.",
      ),
      ...configReference().flatMap(mappingParts),
      heading("see also"),
      paragraph("vipd(8)"),
    ],
  };
}

function mappingParts({ title, keys }: MappingReference): ManualPart[] {
  const plain = (markdown: string) => markdown.replaceAll("`", "");
  return [
    heading(plain(title)),
    ...keys.map(({ key, value, byDefault, meaning }) => {
      const need = byDefault === "required" ? "Required." : `Default: ${plain(byDefault)}.`;
      return item(key, plain(value), `${plain(meaning)} ${need}`.trim());
    }),
  ];
}
