/** `vipd run`. */

import { diagnosticsText, formatDiagnostic } from "../../config/diagnostics.ts";
import type { LoadAnyOptions } from "../../daemon/config/load.ts";
import { loadInChild, renewInChild } from "../../daemon/config/in_child.ts";
import type { ReloadSource } from "../../daemon/config/reloader.ts";
import { loadToStart, type StartConfig } from "../../daemon/config/start.ts";
import { Log, LOG_FORMATS, LOG_LEVELS, type LogFormat } from "../../daemon/log.ts";
import type { NodeMaker } from "../../daemon/machine.ts";
import type { Severity } from "../../status/journal.ts";
import { type Arguments, keepalivedOptions } from "../arguments.ts";
import { type Command, DEFAULT_CONFIG } from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { unusableCode } from "../text/unusable_config.ts";

export const run: Command = {
  name: "run",
  summary: "run the daemon in the foreground",
  help: `Runs vipd in the foreground until SIGTERM or SIGINT; it then hands over and
removes its addresses. A second signal ends it at once. Needs root, or
CAP_NET_RAW and CAP_NET_ADMIN.

Examples:
  vipd run
  vipd run --config lb01.yaml --log-level debug
  vipd run --record /var/lib/vipd/recording.jsonl
  systemctl start vipd

Options:
  --config FILE      the configuration (default /etc/vipd/vipd.yaml); a
                     keepalived.conf will do where vipd does all it says
  --log-format FORM  text, systemd or json (default: systemd where systemd
                     started vipd, else text)
  --log-level LEVEL  error, warning, notice, info or debug (default info)
  --accept-loss      run a keepalived.conf without what is named as a loss
  --vrrp-only        load balancing in a keepalived.conf is no loss
  --record FILE      record what the engine hears and does, to replay it in a
                     test: up to 64 MiB, without passwords and keys
`,
  options: {
    ...{ config: "text", "log-format": "text", "log-level": "text", record: "text" },
    ...{ "accept-loss": "flag", "vrrp-only": "flag" },
  },
  maxOperands: 0,
  async execute(args, context) {
    const log = new Log({
      format: logFormat(args, context),
      level: logLevel(args),
      write: (octets) => Deno.stderr.write(octets),
    });
    const path = args.text("config") ?? DEFAULT_CONFIG;
    const options = keepalivedOptions(args);
    const start = await loadToStart(path, context, options);
    const { loaded } = start;
    if (!loaded.ok) {
      context.output.err(diagnosticsText(loaded.diagnostics));
      return unusableCode(loaded.diagnostics);
    }
    const warnings = loaded.warnings.map((warning) => ({
      code: warning.code,
      // The journal shows the code itself.
      message: formatDiagnostic(warning).replace(/ \[\w+\]$/, ""),
    }));
    // Loaded here, so that no other command opens libc.
    const [{ runDaemon }, { linuxDaemonProcess }] = await Promise.all([
      import("../../daemon/daemon.ts"),
      import("../../daemon/linux_process.ts"),
    ]);
    const record = args.text("record");
    const around = linuxDaemonProcess(context.build, await nodeMaker(record));
    const source = sourceOf(path, start, context, options);
    return await runDaemon(loaded.config, source, warnings, log, around);
  },
};

/** Loaded only where it is asked for: it costs a start nothing. */
async function nodeMaker(record: string | undefined): Promise<NodeMaker | undefined> {
  if (record === undefined) return undefined;
  const { recordedNode } = await import("../../daemon/recording.ts");
  return recordedNode(record);
}

/** The same file again, for a reload; a pipe can be read once. */
function sourceOf(
  path: string,
  { loaded: { text }, ...afterProbation }: StartConfig,
  context: CliContext,
  options: LoadAnyOptions,
): ReloadSource {
  if (path !== "-") {
    return {
      path,
      load: () => loadInChild(path, context, undefined, options),
      renewCertificate: () => renewInChild(path, context.build),
      ...(text !== undefined && { startText: text }),
      ...afterProbation,
    };
  }
  const message = "the configuration came from standard input, which cannot be read again";
  const hint = "restart vipd with a file: vipd run --config FILE";
  const place = { line: null, column: null, key: null, excerpt: null };
  const diagnostic = {
    ...{ severity: "error", code: "file_unreadable", file: "<stdin>" } as const,
    ...{ ...place, message, hint },
  };
  return {
    path: "<stdin>",
    load: () => Promise.resolve({ ok: false, diagnostics: [diagnostic] }),
  };
}

function logFormat(args: Arguments, { env }: CliContext): LogFormat {
  const asked = args.text("log-format");
  if (asked === undefined) {
    return env("JOURNAL_STREAM") || env("NOTIFY_SOCKET") ? "systemd" : "text";
  }
  const format = LOG_FORMATS.find((known) => known === asked);
  if (format) return format;
  throw usageError(`--log-format takes ${LOG_FORMATS.join(", ")}, not ${JSON.stringify(asked)}`);
}

function logLevel(args: Arguments): Severity {
  const asked = args.text("log-level") ?? "info";
  const level = LOG_LEVELS.find((known) => known === asked);
  if (level) return level;
  throw usageError(`--log-level takes ${LOG_LEVELS.join(", ")}, not ${JSON.stringify(asked)}`);
}
