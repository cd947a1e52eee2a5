/** `vipd doctor`. */

import { formatDiagnostic } from "../../../config/diagnostics.ts";
import { loadAny } from "../../../daemon/config/load.ts";
import { examine } from "../../../doctor/examine.ts";
import { type Finding, FINDINGS } from "../../../doctor/finding.ts";
import { EXIT } from "../../../exit.ts";
import { printableJson, printableValue } from "../../../wire/printable.ts";
import { type Command, DEFAULT_CONFIG } from "../../command.ts";
import { type Paint, type Style, styleFor } from "../../text/style.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "examine this machine, and say how to mend what is wrong",
  help: `Examines what an address needs beside vipd: interfaces, multicast, packet
filter, kernel settings, others on the link, keepalived, nginx, clock, systemd
unit.
Listens to the link for a few adverts, asks it once for the addresses, and
changes nothing. Needs root, or CAP_NET_RAW and CAP_NET_ADMIN, to see it all.

Examples:
  vipd doctor
  vipd doctor --config /etc/vipd/vipd.yaml
  vipd doctor --json | jq -r '.findings[] | .code'

Options:
  --config FILE  the configuration (default /etc/vipd/vipd.yaml)
  --json         print an object: findings, each with code, severity, subject,
                 message, meaning, command

Ends with 1 when there are errors or warnings, else with 0.
`,
  options: { config: "text", json: "flag" },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    const path = args.text("config") ?? DEFAULT_CONFIG;
    const loaded = await loadAny(path, context);
    let findings: Finding[];
    if (loaded.ok) {
      // Imported here, so that no other command opens libc.
      const { gatherFacts } = await import("./facts.ts");
      if (!args.flag("json")) output.err("vipd: listens to the link for some seconds\n");
      findings = examine(await gatherFacts(loaded.config, args, context));
    } else {
      findings = loaded.diagnostics.map((diagnostic) => ({
        code: "config_invalid",
        severity: "error",
        subject: path,
        message: formatDiagnostic(diagnostic),
        command: diagnostic.code === "file_not_found" ? "vipd init" : `vipd check ${path}`,
      }));
    }
    const told = findings.map((finding) => ({ ...finding, meaning: FINDINGS[finding.code] }));
    const style = styleFor(output.colour && !args.flag("no-color"));
    output.out(
      args.flag("json")
        ? `${printableJson(JSON.stringify({ findings: told }, null, 2))}\n`
        : findingsText(findings, style),
    );
    return findings.every(({ severity }) => severity === "info") ? EXIT.ok : EXIT.failure;
  },
};

/** Each finding with its consequence and the command that fixes it, and how many there are. */
export function findingsText(findings: readonly Finding[], style: Style): string {
  const paint: Readonly<Record<Finding["severity"], Paint>> = {
    error: style.bad,
    warning: style.warning,
    info: style.dim,
  };
  const blocks = printableValue(findings).map(({ code, severity, subject, message, command }) =>
    `${paint[severity](severity)} ${subject}: ${message} [${code}]\n` +
    `  ${FINDINGS[code]}\n  $ ${command}\n`
  );
  const count = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length;
  const summary = findings.length === 0
    ? style.good("nothing is wrong")
    : `errors: ${count("error")}, warnings: ${count("warning")}, not told: ${count("info")}`;
  return [...blocks, `${summary}\n`].join("\n");
}
