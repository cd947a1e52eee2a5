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
make no pair. Passwords and keys are compared and never shown. Files that this
one names may be missing: it says which, and which keys it did not compare.

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
                 probed, with --peer also pair (null: nothing was compared),
                 differences, not_read (files), not_compared (keys)
  --peer FILE    the configuration of the other node; - is standard input
  --probe        run each check once
`,
  options: {
    ...{ json: "flag", "accept-loss": "flag", "vrrp-only": "flag" },
    ...{ config: "text", peer: "text", probe: "flag" },
  },
  maxOperands: 1,
  async execute(args, context) {
    const path = fileOf(args);
    const peerPath = args.text("peer");
    const ofImport = keepalivedOptions(args);
    const comparison = peerPath !== undefined;
    const result = await loadAny(path, context, { ...ofImport, comparison });
    const peer = result.ok && comparison
      ? await (await import("./check_peer.ts"))
        .checkPeer({ ...result, path }, peerPath, context, ofImport)
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
    const unseen = result.ok ? result.unseen ?? [] : [];
    const asService = result.ok
      ? await (await import("../../machine/check_service.ts")).checkAsService(
        path,
        result.config,
        [...own, ...unseen.map(({ diagnostic }) => diagnostic)],
        context,
      )
      : null;
    const ofService = asService?.diagnostics ?? [];
    const report: Report = {
      path,
      // A configuration that the service would not take is none.
      config: result.ok && errorsOf(ofService) === 0 ? result.config : null,
      diagnostics: [
        ...asService?.own.slice(0, own.length) ?? own,
        ...ofService,
        ...peer?.diagnostics ?? [],
      ],
      denied: result.ok ? null : deniedFiles(own),
      unseen: Array.from(new Set(unseen.map((one) => one.path))),
      ...{ comparison, peer, probed },
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
  /** True if the two files were to be compared; then `peer` is the outcome, or `null` if this one is not valid. */
  readonly comparison: boolean;
  /** Files that only a comparison can do without: they are not there, or this user may not read them. */
  readonly unseen: readonly string[];
  readonly peer: PeerCheck | null;
  readonly probed: Probed | null;
}

function codeOf({ config, diagnostics, denied, peer, probed }: Report): ExitCode {
  if (denied !== null) return EXIT.notPermitted;
  if (config !== null && peer !== null && peer.denied !== null) return EXIT.notPermitted;
  if (config === null || errorsOf(diagnostics) > 0) return EXIT.configInvalid;
  return probed === null || probed.well ? EXIT.ok : EXIT.failure;
}

function printJson(
  { config, diagnostics, comparison, unseen, peer, probed }: Report,
  { output }: CliContext,
): void {
  const report = {
    valid: config !== null,
    node: config?.node ?? null,
    diagnostics,
    ...(comparison && {
      pair: peer === null || peer.problem !== null ? null : errorsOf(diagnostics) === 0,
      differences: peer?.differences ?? [],
      not_read: unseen,
      not_compared: peer?.uncompared ?? [],
    }),
    ...(probed && { probed: probed.findings }),
  };
  output.out(`${printableJson(JSON.stringify(report, null, 2))}\n`);
}

function printText(
  { path, config, diagnostics, denied, comparison, unseen, peer, probed }: Report,
  { output }: CliContext,
): void {
  output.err(diagnosticsText(diagnostics));
  const errors = errorsOf(diagnostics);
  const count = `${errors} ${errors === 1 ? "error" : "errors"}`;
  const nothing = comparison && peer === null ? "nothing was compared\n" : "";
  if (denied !== null) {
    const files = denied.join(", ");
    return output.out(`${path} was not checked: this user may not read ${files}\n${nothing}`);
  }
  if (config === null) return output.out(`${path} is not valid: ${count}\n${nothing}`);
  output.out(`${path} is valid\n${summary(config)}`);
  if (peer) output.out(peerText(peer, unseen, errors === 0 ? null : count));
  if (probed) output.out(probed.text);
}

/** `count`: how many errors there are; `null` for none. */
function peerText(
  { differences, uncompared, problem }: PeerCheck,
  unseen: readonly string[],
  count: string | null,
): string {
  if (problem !== null) return `nothing was compared: ${printable(problem)}\n`;
  const files = unseen.length > MAX_FILES
    ? [...unseen.slice(0, MAX_FILES), `${unseen.length - MAX_FILES} more`]
    : unseen;
  return [
    count === null ? "with the other node's file it makes a pair" : `it makes no pair: ${count}`,
    ...differences.map((line) => `  differs: ${printable(line)}`),
    ...uncompared.map((line) => `  not compared: ${printable(line)}`),
    ...(files.length === 0 ? [] : [
      `  note: not looked at, because not here or not readable: ${printable(files.join(", "))}`,
    ]),
    "",
  ].join("\n");
}

/** The line about files that were not looked at names no more. */
const MAX_FILES = 5;

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
