/** `vipd manpage`. */

import { configReference } from "../../config/schema/reference.ts";
import { EXIT } from "../../exit.ts";
import { VERSION } from "../../version.ts";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";
import { EXIT_CODES_HELP } from "../text/help.ts";
import { helpParts } from "../text/option_help.ts";
import { heading, item, page, paragraph, subheading, titleLine, verbatim } from "../text/roff.ts";

/** The command that prints the man pages of `commands()`. */
export function manpageCommand(commands: () => readonly Command[]): Command {
  return {
    name: "manpage",
    summary: "print a man page",
    help: `Prints the man page vipd(8), or vipd.yaml(5) when that is named: the helps of
the commands, and the reference of the configuration, as roff.

Examples:
  vipd manpage | man -l -
  vipd manpage vipd.yaml | man -l -
`,
    options: {},
    maxOperands: 1,
    execute({ operands }, { output }) {
      const name = operands[0] ?? "vipd";
      if (name !== "vipd" && name !== "vipd.yaml") {
        throw usageError(`there is no page ${JSON.stringify(name)}; there are vipd and vipd.yaml`);
      }
      output.out(name === "vipd" ? programPage(commands()) : configPage());
      return EXIT.ok;
    },
  };
}

/** vipd(8). */
function programPage(commands: readonly Command[]): string {
  return page([
    titleLine("vipd", 8, VERSION),
    heading("name"),
    "vipd \\- keeps a virtual IP address alive on a pair of load balancers\n",
    heading("synopsis"),
    "\\fBvipd\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n",
    heading("description"),
    paragraph(
      "Two nodes, one address: the backup takes over when the master, its network or its nginx " +
        "fails. vipd speaks VRRP, version 2 and 3.",
    ),
    heading("commands"),
    ...commands.flatMap(commandSection),
    heading("exit status"),
    ...EXIT_CODES_HELP.map(([code, meaning]) => item(String(code), "", meaning)),
    heading("files"),
    item("/etc/vipd/vipd.yaml", "", "the configuration, vipd.yaml(5)"),
    item("/run/vipd/token", "", "the token of the API, made at the first start"),
    item("/var/lib/vipd", "", "what outlives a boot: orders by hand"),
    heading("signals"),
    item("SIGTERM, SIGINT", "", "hand over, take the addresses off, end"),
    item("SIGHUP", "", "take a changed configuration"),
    heading("see also"),
    paragraph("vipd.yaml(5), systemctl(1), ip(8)"),
  ]);
}

function commandSection({ name, summary, help }: Command): string[] {
  const { text, examples, options } = helpParts(help);
  return [
    subheading(`vipd ${name}`),
    paragraph(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`),
    ...text.map(paragraph),
    ...options.map(({ flag, value, meaning }) => item(flag, value, meaning)),
    ...(examples.length > 0 ? [paragraph("Examples:"), verbatim(examples)] : []),
  ];
}

/** vipd.yaml(5). */
function configPage(): string {
  const plain = (markdown: string) => markdown.replaceAll("`", "");
  return page([
    titleLine("vipd.yaml", 5, VERSION),
    heading("name"),
    "vipd.yaml \\- configuration of vipd\n",
    heading("description"),
    paragraph(
      "YAML 1.2, strict: an unknown key is an error. vipd check tells every problem with its place " +
        "and its remedy. Durations carry a unit (1s, 500ms); a bare number is seconds.",
    ),
    ...configReference().flatMap(({ title, keys }) => [
      heading(plain(title)),
      ...keys.map(({ key, value, byDefault, meaning }) => {
        const need = byDefault === "required" ? "Required." : `Default: ${plain(byDefault)}.`;
        return item(key, plain(value), `${plain(meaning)} ${need}`.trim());
      }),
    ]),
    heading("see also"),
    paragraph("vipd(8)"),
  ]);
}
