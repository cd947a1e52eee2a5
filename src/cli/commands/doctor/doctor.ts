/** `vipd doctor`. */

import { type Diagnostic, formatDiagnostic } from "../../../config/diagnostics.ts";
import { loadAny } from "../../../daemon/config/load.ts";
import { type Examination, examine } from "../../../doctor/examine.ts";
import { type Finding, FINDINGS } from "../../../doctor/finding.ts";
import { EXIT } from "../../../exit.ts";
import { printableJson, printableValue } from "../../../wire/printable.ts";
import type { Arguments } from "../../arguments.ts";
import { type Command, DEFAULT_CONFIG } from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { usageError } from "../../errors.ts";
import { shellWord } from "../../../wire/shell_word.ts";
import { checkAsService } from "../../machine/check_service.ts";
import { type Paint, type Style, styleFor } from "../../text/terminal/style.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "examine this machine, and say how to fix what is wrong",
  help: `Examines what an address needs apart from vipd: interfaces, multicast, packet
filter, kernel settings, others on the link, keepalived, nginx, clock, systemd
unit.
Listens to the link for a few adverts, asks it once for the addresses, and
changes nothing without --fix. Needs root, or CAP_NET_RAW and CAP_NET_ADMIN, to
see it all. Prints a line for each point that is right, then what is not, with
the command that fixes it.

Examples:
  vipd doctor
  vipd doctor --config /etc/vipd/vipd.yaml
  vipd doctor --json | jq -r '.findings[] | .code'
  vipd doctor --fix

Options:
  --config FILE  the configuration (default /etc/vipd/vipd.yaml)
  --json         print an object: passed, each with subject and message;
                 findings, each with code, severity, subject, message, meaning,
                 command, fixable
  --fix          fix what vipd can fix itself, after a question: settings of the
                 kernel, its units, the permissions of its tokens, the clock's
                 time source, a keepalived that would start at boot. It keeps a
                 copy of each file that it edits, and examines again
  --yes          with --fix: ask nothing

Ends with 1 when there are errors or warnings, else with 0.
`,
  options: { config: "text", json: "flag", fix: "flag", yes: "flag" },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    const json = args.flag("json");
    if (json && args.flag("fix")) {
      throw usageError("--fix asks a person and --json answers a program: use one of them");
    }
    const show = (examined: Examination) =>
      output.out(
        json
          ? `${printableJson(JSON.stringify(reportOf(examined), null, 2))}\n`
          : examinationText(examined, styleFor(output.colour && !args.flag("no-color"))),
      );
    let examined = await examination(args, context);
    show(examined);
    if (args.flag("fix")) {
      const { fixAll } = await import("./fix.ts");
      if (await fixAll(examined.findings, { agreed: args.flag("yes") }, context)) {
        examined = await examination(args, context);
        show(examined);
      }
    }
    const isWell = examined.findings.every(({ severity }) => severity === "info");
    return isWell ? EXIT.ok : EXIT.failure;
  },
};

async function examination(args: Arguments, context: CliContext): Promise<Examination> {
  const path = args.text("config") ?? DEFAULT_CONFIG;
  const loaded = await loadAny(path, context);
  if (loaded.ok) {
    // Imported here, so that no other command opens libc.
    const { gatherFacts } = await import("./facts.ts");
    if (!args.flag("json")) context.output.err("vipd: listens to the link for some seconds\n");
    const service = await checkAsService(path, loaded.config, loaded.warnings, context);
    return examine(await gatherFacts(loaded.config, service, args, context));
  }
  const findings = loaded.diagnostics.map((diagnostic) => unusable(path, diagnostic));
  return { findings, passed: [] };
}

/** A file that only others may read says nothing about the configuration. */
export function unusable(path: string, diagnostic: Diagnostic): Finding {
  const { code, unreadable } = diagnostic;
  const file = shellWord(path);
  const named = path === DEFAULT_CONFIG ? "" : ` --config ${file}`;
  if (unreadable !== undefined) {
    return {
      code: "config_unreadable",
      severity: "error",
      subject: path,
      message: `this user may not read ${unreadable}, so nothing was examined`,
      command: `sudo vipd doctor${named}`,
    };
  }
  return {
    code: "config_invalid",
    severity: "error",
    subject: path,
    message: formatDiagnostic(diagnostic),
    command: code === "file_not_found" ? "vipd init" : `vipd check ${file}`,
  };
}

/** The examination for programs. */
function reportOf({ findings, passed }: Examination) {
  const shown = findings.map(({ fix, ...finding }) => ({
    ...finding,
    meaning: FINDINGS[finding.code],
    fixable: fix !== undefined,
  }));
  return { passed, findings: shown };
}

/** The points that passed, then each finding with its consequence and the command that fixes it, and how many there are. */
export function examinationText({ findings, passed }: Examination, style: Style): string {
  const paint: Readonly<Record<Finding["severity"], Paint>> = {
    error: style.bad,
    warning: style.warning,
    info: style.dim,
  };
  const points = printableValue(passed).map(({ subject, message }) =>
    `${style.good("ok")} ${subject}: ${message}\n`
  );
  const blocks = printableValue(findings).map(({ code, severity, subject, message, command }) =>
    `${paint[severity](severity)} ${subject}: ${message} [${code}]\n` +
    `  ${FINDINGS[code]}\n  $ ${command}\n`
  );
  const count = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length;
  const summary = findings.length === 0
    ? style.good(`nothing is wrong, at ${passed.length} points`)
    : `errors: ${count("error")}, warnings: ${count("warning")}, not known: ${count("info")}, ` +
      `right: ${passed.length}`;
  return [...(points.length === 0 ? [] : [points.join("")]), ...blocks, `${summary}\n`].join("\n");
}
