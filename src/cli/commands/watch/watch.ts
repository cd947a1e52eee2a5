/** `vipd watch`. */

import { EXIT } from "../../../exit.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  READ_TOKEN_HELP,
} from "../../command.ts";
import { usageError } from "../../errors.ts";
import { daemonFor } from "../../target/target.ts";
import { styleFor } from "../../text/terminal/style.ts";
import { TIMES_HELP, TIMES_OPTIONS, timesFor } from "../../text/times.ts";
import { seeStatus } from "../../target/seen_status.ts";
import {
  selectInstances,
  SELECTION_HELP,
  SELECTION_OPTIONS,
  selectionOf,
} from "../../status/selection.ts";
import { Watching } from "./watching.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export const watch: Command = {
  name: "watch",
  summary: "show the status and what happens, live, until Ctrl-C",
  help: `Shows what vipd status shows, drawn again when something happens and once a
second, and below it the latest of what vipd events shows. While vipd does not
answer, what is known otherwise stays with its age, and it is asked again. It
fits the terminal: a long line ends with an ellipsis, and what has no place is
counted.

Examples:
  vipd watch
  vipd watch VI_1 'web*'
  vipd watch --node lb02
  vipd watch --all       this node and its peers, compared

Options:
  --all              also what the nodes of peers say, and where they differ
${SELECTION_HELP}
${TIMES_HELP}
${READ_TOKEN_HELP}${DAEMON_OPTIONS_HELP.replace(/\n {2}--json.*$/s, "")}
`,
  options: {
    api: DAEMON_OPTIONS.api,
    "ca-file": DAEMON_OPTIONS["ca-file"],
    config: DAEMON_OPTIONS.config,
    node: DAEMON_OPTIONS.node,
    "token-file": "text",
    ...SELECTION_OPTIONS,
    ...TIMES_OPTIONS,
    all: "flag",
  },
  maxOperands: Infinity,
  async execute(args, context) {
    const { output } = context;
    if (output.rows() === null) {
      throw usageError("vipd watch needs a terminal; elsewhere: vipd status, vipd events --follow");
    }
    const selection = selectionOf(args);
    const daemon = await daemonFor(args, context);
    // If the daemon does not answer now, the error is the same as for any other command.
    const seen = await seeStatus(daemon);
    selectInstances(seen.status, selection);
    const ending = new AbortController();
    const end = () => ending.abort();
    for (const signal of SIGNALS) Deno.addSignalListener(signal, end);
    try {
      const style = styleFor(output.colour && !args.flag("no-color"));
      const options = { all: args.flag("all"), style, selection, times: timesFor(args, context) };
      await new Watching(daemon, output, options, seen).run(ending.signal);
    } finally {
      for (const signal of SIGNALS) Deno.removeSignalListener(signal, end);
    }
    return EXIT.ok;
  },
};
