/** `vipd reload`. */

import type { ReloadAnswer } from "../../api/answer_shapes.ts";
import type { ApiClient, ReloadTerms } from "../../api/client.ts";
import { DaemonRefusedError, DaemonUnreachableError } from "../../api/client_errors.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import { printableJson } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { holdingOption } from "../holding_option.ts";
import { refuseNode } from "../target/peer_target.ts";
import { clientFor } from "../target/target.ts";
import { reloadText } from "../text/reload_text.ts";
import { diagnosticsText } from "../../config/diagnostics.ts";

export const reload: Command = {
  name: "reload",
  summary: "read the configuration file again, without a restart",
  help: `Makes the running vipd read its configuration file again and prints what
changed and the first verdicts: the results of new checks, and the instances.
If the file has problems, all of them are shown, the configuration before runs
on, and vipd reload ends with 3. Everything else keeps its state and its
addresses. The same as systemctl reload vipd or SIGHUP, which write to the log.

New checks run once before the configuration is in force. If they or a missing
interface would put an instance in fault that no other node is known to serve,
it is refused and vipd reload ends with 6.

With --confirm the configuration is on probation: unless vipd reload --keep
comes in time, vipd goes back to the one before. It also goes back if it is
started again meanwhile, after a crash or a reboot. The file is not changed, and
keys, certificates and programs that it names are not rolled back.

After a change of api.listen it is asked where it listens still.

Examples:
  vipd reload
  vipd reload --confirm 60s && vipd status && vipd reload --keep
  vipd reload --api unix:/run/vipd/api.sock

Options:
  --confirm DURATION  go back after this time, such as 60s or 10m, unless kept
  --keep              keep the configuration that is on probation
  --force             take it even if nobody is left to serve
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: {
    ...DAEMON_OPTIONS,
    confirm: "text",
    force: "flag",
    keep: "flag",
    "token-file": "text",
  },
  maxOperands: 0,
  async execute(args, context) {
    const terms = termsOf(args);
    refuseNode(args, ["reload"]);
    const client = await clientFor(args, context);
    // Learns which engine runs, so that the client can repeat a reload that is not answered. A client that may not read
    // may still reload.
    await client.statusToCommand().catch((error) => {
      if (error instanceof DaemonUnreachableError && error.late) throw error;
    });
    if (args.flag("keep")) return await keep(client, args, context);
    let answer: ReloadAnswer;
    try {
      answer = await client.reload(terms);
    } catch (error) {
      if (!(error instanceof DaemonRefusedError && error.code === "reload_failed")) throw error;
      return refused(error, args, context);
    }
    context.output.err(diagnosticsText(answer.warnings));
    if (args.flag("json")) printJson({ reloaded: true, ...answer }, context);
    else context.output.out(reloadText(answer, context.timeZone));
    return terms.confirm === undefined ? EXIT.ok : probationCode(answer, context);
  },
};

function termsOf(args: Arguments): ReloadTerms {
  const confirm = args.text("confirm");
  if (args.flag("keep") && (confirm !== undefined || args.flag("force"))) {
    throw usageError("--keep stands alone: it reads no file");
  }
  holdingOption(args, "confirm", "60s or 10m");
  return {
    ...(confirm !== undefined && { confirm }),
    ...(args.flag("force") && { force: true }),
  };
}

async function keep(client: ApiClient, args: Arguments, context: CliContext): Promise<ExitCode> {
  await client.keep();
  if (args.flag("json")) printJson({ kept: true }, context);
  else context.output.out("the configuration is kept: its probation is over\n");
  return EXIT.ok;
}

function refused(error: DaemonRefusedError, args: Arguments, context: CliContext): ExitCode {
  const { diagnostics } = error;
  if (args.flag("json")) printJson({ reloaded: false, diagnostics }, context);
  context.output.err(`${diagnosticsText(diagnostics)}vipd: ${error.message}\n`);
  const isValid = diagnostics.every(({ code }) => code === "leaves_nobody");
  return diagnostics.length > 0 && isValid ? EXIT.refused : EXIT.configInvalid;
}

/** Nobody may believe in a probation that there is not. */
function probationCode({ probation, verdicts }: ReloadAnswer, { output }: CliContext): ExitCode {
  if (probation !== undefined) return EXIT.ok;
  if (verdicts !== undefined) {
    output.err("vipd: nothing is on probation: it is the configuration that was in force before\n");
    return EXIT.ok;
  }
  output.err(
    "vipd: the running vipd is older than this one and knows no probation: the configuration is " +
      "in force for good\n",
  );
  return EXIT.failure;
}

function printJson(value: unknown, { output }: CliContext): void {
  output.out(`${printableJson(JSON.stringify(value, null, 2))}\n`);
}
