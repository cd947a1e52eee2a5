/** `vipd check`. */

import { type Diagnostic, diagnosticsText } from "../../../config/diagnostics.ts";
import type { Config } from "../../../config/model.ts";
import { loadAny } from "../../../daemon/config/load.ts";
import { EXIT, type ExitCode } from "../../../exit.ts";
import { printable, printableJson } from "../../../wire/printable.ts";
import { type Arguments, keepalivedOptions } from "../../arguments.ts";
import { type Command, DEFAULT_CONFIG } from "../../command.ts";
import type { CliContext } from "../../context.ts";
import { deniedFiles } from "../../text/unusable_config.ts";
import { usageError } from "../../errors.ts";
import type { PeerCheck } from "./check_peer.ts";
import type { Probed } from "./check_probe.ts";

export const check: Command = {
  name: "check",
  summary: "check a configuration file",
  help: `Checks a configuration (default /etc/vipd/vipd.yaml; - is standard input)
without touching the network. Every problem is shown at once, with line,
column and remedy, on standard error. Ends with 3 if the configuration is not
valid.
A file that you may not read ends with 4.
A keepalived.conf is valid where vipd does all it says; see vipd import --help.
As root it also tries as the user of vipd.service, if that reads the file, or
without systemd as the owner of state_dir.

With --probe each check of it runs once on this machine, as vipd would run it,
and the interfaces are looked at; it ends with 1 if a check fails or an instance
would not serve. Needs root, or CAP_NET_RAW and CAP_NET_ADMIN.

With --peer it is compared with the other node's file; it ends with 3 if the two
make no pair. Passwords and keys are compared and never shown.

Examples:
  vipd check
  vipd check lb01.yaml
  vipd check --probe && vipd reload
  vipd check lb01.yaml --peer lb02.yaml
  generate-config | vipd check -

Options:
  --config FILE  the file to check, as other commands name it
  --accept-loss  a loss in a keepalived.conf is a warning, as for vipd run
  --vrrp-only    load balancing in a keepalived.conf is no loss
  --json         print an object: valid, node, diagnostics; with --probe also
                 probed, with --peer also pair, differences
  --peer FILE    the configuration of the other node
  --probe        run each check once
`,
  options: {
    ...{ json: "flag", "accept-loss": "flag", "vrrp-only": "flag" },
    ...{ config: "text", peer: "text", probe: "flag" },
  },
  maxOperands: 1,
  async execute(args, context) {
    const path = fileOf(args);
    const result = await loadAny(path, context, keepalivedOptions(args));
    const peerPath = args.text("peer");
    const peer = result.ok && peerPath !== undefined
      ? await (await import("./check_peer.ts")).checkPeer({ ...result, path }, peerPath, context)
      : null;
    // Imported here, as the others are: every other command starts sooner without them.
    const probed = result.ok && args.flag("probe")
      ? await (await import("./check_probe.ts")).probe({
        ...result.config,
        checks: await (await import("../../machine/check_service.ts"))
          .asRunner(result.config.checks, path, result.config),
      })
      : null;
    const own = result.ok ? result.warnings : result.diagnostics;
    const asService = result.ok
      ? await (await import("../../machine/check_service.ts")).checkAsService(
        path,
        result.config,
        own,
        context,
      )
      : null;
    const ofService = asService?.diagnostics ?? [];
    const report: Report = {
      path,
      // A configuration that the service would not take is none.
      config: result.ok && errorsOf(ofService) === 0 ? result.config : null,
      diagnostics: [...asService?.own ?? own, ...ofService, ...peer?.diagnostics ?? []],
      denied: result.ok ? null : deniedFiles(own),
      ...{ peer, probed },
    };
    if (args.flag("json")) printJson(report, context);
    else printText(report, context);
    return codeOf(report);
  },
};

/** The file to check, named in either way. */
function fileOf(args: Arguments): string {
  const [operand] = args.operands;
  const option = args.text("config");
  if (operand !== undefined && option !== undefined) {
    throw usageError(
      `two files to check, ${operand} and ${option}: name one; --peer names the other node's`,
    );
  }
  return operand ?? option ?? DEFAULT_CONFIG;
}

/** All findings. */
interface Report {
  readonly path: string;
  /** `null` if it is not valid. */
  readonly config: Config | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Files that this user may not read, if nothing else is wrong. */
  readonly denied: readonly string[] | null;
  readonly peer: PeerCheck | null;
  readonly probed: Probed | null;
}

function codeOf({ config, diagnostics, denied, probed }: Report): ExitCode {
  if (denied !== null) return EXIT.notPermitted;
  if (config === null || errorsOf(diagnostics) > 0) return EXIT.configInvalid;
  return probed === null || probed.well ? EXIT.ok : EXIT.failure;
}

function printJson({ config, diagnostics, peer, probed }: Report, { output }: CliContext): void {
  const report = {
    valid: config !== null,
    node: config?.node ?? null,
    diagnostics,
    ...(peer && { pair: errorsOf(diagnostics) === 0, differences: peer.differences }),
    ...(probed && { probed: probed.findings }),
  };
  output.out(`${printableJson(JSON.stringify(report, null, 2))}\n`);
}

function printText(
  { path, config, diagnostics, denied, peer, probed }: Report,
  { output }: CliContext,
): void {
  output.err(diagnosticsText(diagnostics));
  const errors = errorsOf(diagnostics);
  const count = `${errors} ${errors === 1 ? "error" : "errors"}`;
  if (denied !== null) {
    return output.out(`${path} was not checked: this user may not read ${denied.join(", ")}\n`);
  }
  if (config === null) return output.out(`${path} is not valid: ${count}\n`);
  output.out(`${path} is valid\n${summary(config)}`);
  if (peer) output.out(peerText(peer, errors === 0 ? null : count));
  if (probed) output.out(probed.text);
}

/** `problem`: how many errors there are; `null` for none. */
function peerText({ differences }: PeerCheck, problem: string | null): string {
  return [
    problem === null
      ? "with the other node's file it makes a pair"
      : `it makes no pair: ${problem}`,
    ...differences.map((line) => `  differs: ${printable(line)}`),
    "",
  ].join("\n");
}

function errorsOf(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === "error").length;
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
