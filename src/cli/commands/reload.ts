/** `vipd reload`. */

import type { ReloadAnswer } from "../../api/answer_shapes.ts";
import { DaemonRefusedError, DaemonUnreachableError } from "../../api/client_errors.ts";
import { changeText } from "../../config/changes.ts";
import { EXIT } from "../../exit.ts";
import { printableJson, printableValue } from "../../wire/printable.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import { refuseNode } from "../target/peer_target.ts";
import { clientFor } from "../target/target.ts";
import { diagnosticsText } from "./check.ts";

export const reload: Command = {
  name: "reload",
  summary: "take the configuration file anew, without a restart",
  help: `Makes the running vipd read its configuration file again and prints what
changed. Where anything is wrong with the file, all of it is told, the
configuration before runs on, and vipd reload ends with 3. What did not change
keeps its state and its addresses. The same as systemctl reload vipd or SIGHUP,
which tell the log.

After a change of api.listen it is asked where it listens still.

Examples:
  vipd reload
  vipd reload --api unix:/run/vipd/api.sock

Options:
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, "token-file": "text" },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    refuseNode(args, ["reload"]);
    const client = await clientFor(args, context);
    const json = (value: unknown) =>
      output.out(`${printableJson(JSON.stringify(value, null, 2))}\n`);
    // Learns which engine runs, so that the client can repeat a reload that is not answered. A client that may not read
    // may still reload.
    await client.status().catch((error) => {
      if (error instanceof DaemonUnreachableError && error.late) throw error;
    });
    let answer: ReloadAnswer;
    try {
      answer = await client.reload();
    } catch (error) {
      if (!(error instanceof DaemonRefusedError && error.code === "reload_failed")) throw error;
      const { diagnostics } = error;
      if (args.flag("json")) json({ reloaded: false, diagnostics });
      output.err(`${diagnosticsText(diagnostics)}vipd: ${error.message}\n`);
      return EXIT.configInvalid;
    }
    output.err(diagnosticsText(answer.warnings));
    if (args.flag("json")) json({ reloaded: true, ...answer });
    else output.out(answerText(answer));
    return EXIT.ok;
  },
};

function answerText(answer: ReloadAnswer): string {
  const { took_ms, changes } = printableValue(answer);
  const count = changes.length === 0
    ? "nothing changed"
    : `${changes.length} ${changes.length === 1 ? "change" : "changes"}`;
  return [...changes.map(changeText), `reloaded: ${count}, ${took_ms} ms`, ""].join("\n");
}
