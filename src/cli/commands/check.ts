/** `vipd check`. */

import { type Diagnostic, formatDiagnostic } from "../../config/diagnostics.ts";
import type { Config } from "../../config/model.ts";
import { loadAny } from "../../daemon/config/load.ts";
import { EXIT } from "../../exit.ts";
import { printableJson } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, DEFAULT_CONFIG } from "../command.ts";

export const check: Command = {
  name: "check",
  summary: "check a configuration file",
  help: `Checks a configuration (default /etc/vipd/vipd.yaml; - is standard input)
without touching the network. Every problem is told at once, with line, column
and remedy, on standard error. Ends with 3 when the configuration is not valid.
A keepalived.conf is valid where vipd does all it says; see vipd import --help.

Examples:
  vipd check
  vipd check lb01.yaml
  generate-config | vipd check -

Options:
  --accept-loss  a loss in a keepalived.conf is a warning, as for vipd run
  --vrrp-only    load balancing in a keepalived.conf is no loss
  --json         print an object: valid, node, diagnostics
`,
  options: { json: "flag", "accept-loss": "flag", "vrrp-only": "flag" },
  maxOperands: 1,
  async execute(args, context) {
    const path = args.operands[0] ?? DEFAULT_CONFIG;
    const result = await loadAny(path, context, keepalivedOptions(args));
    const diagnostics = result.ok ? result.warnings : result.diagnostics;
    const code = result.ok ? EXIT.ok : EXIT.configInvalid;
    if (args.flag("json")) {
      const node = result.ok ? result.config.node : null;
      const report = { valid: result.ok, node, diagnostics };
      context.output.out(`${printableJson(JSON.stringify(report, null, 2))}\n`);
      return code;
    }
    context.output.err(diagnosticsText(diagnostics));
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    context.output.out(
      result.ok
        ? `${path} is valid\n${summary(result.config)}`
        : `${path} is not valid: ${errors} ${errors === 1 ? "error" : "errors"}\n`,
    );
    return code;
  },
};

/** The options about a keepalived.conf. */
export function keepalivedOptions(args: Arguments) {
  return { acceptLoss: args.flag("accept-loss"), vrrpOnly: args.flag("vrrp-only") };
}

/** Each diagnostic with its line of the file; empty if there is none. */
export function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((diagnostic) => `${formatDiagnostic(diagnostic, { excerpt: true })}\n`)
    .join("");
}

/** A summary of the configuration, for a second look. */
function summary(config: Config): string {
  const instances = config.instances.map((instance) => {
    const { name, vrid, version, priority, addresses } = instance;
    const list = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    return `  instance ${name}: ${
      list.join(", ") || "no address"
    } on ${instance.interface}, VRID ${vrid}, ` +
      `VRRP version ${version}, priority ${priority}\n`;
  });
  const checks = config.checks.map(({ name, type, intervalMs }) =>
    `  check ${name}: ${type}, every ${intervalMs / 1000} s\n`
  );
  return [`  node ${config.node}\n`, ...instances, ...checks].join("");
}
