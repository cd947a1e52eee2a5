/** `vipd status`. */

import { EXIT } from "../../../exit.ts";
import { printableJson } from "../../../wire/printable.ts";
import { type Command, DAEMON_OPTIONS, DAEMON_OPTIONS_HELP } from "../../command.ts";
import { daemonFor } from "../../target/target.ts";
import { peerComparisonText } from "../../text/peer_comparison_text.ts";
import { statusText } from "../../text/status_text.ts";
import { styleFor } from "../../text/style.ts";
import { notLiveLine } from "../../text/written_status_text.ts";
import { seeStatus } from "./seen_status.ts";

export const status: Command = {
  name: "status",
  summary: "show who is master, why, and what the checks say",
  help: `Shows the state of the running vipd: each instance with its addresses, who is
master, why, and since when; each check with its last result.

Examples:
  vipd status
  vipd status --json | jq -r '.instances[].state'
  vipd status --all      this node and its peers, side by side
  vipd status --api https://lb02:9112 --ca-file lb02.pem

While the API does not answer, the status that vipd itself wrote last is shown
instead, with its age. The exit code is 5 then, unless vipd runs and wrote it
within the last 15 seconds. If it hangs or does not run, the addresses are as
the kernel has them now, all else is as it was.

Options:
  --all              also what the nodes of peers say, and where they differ
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, all: "flag" },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    const { status, notLive } = await seeStatus(await daemonFor(args, context));
    const style = styleFor(output.colour && !args.flag("no-color"));
    const line = notLive && notLiveLine(notLive.kept.ageMs, notLive.problem);
    // The JSON status contains the peers in any case.
    if (args.flag("json")) {
      if (line !== null) output.err(`vipd: ${line}\n`);
      output.out(`${printableJson(JSON.stringify(status, null, 2))}\n`);
    } else {
      if (line !== null) output.out(`${style.bad(`! ${line}`)}\n`);
      output.out(statusText(status, style, notLive?.kept.engineRuns ?? true));
      if (args.flag("all")) output.out(`\n${peerComparisonText(status, style)}`);
    }
    return notLive === null || notLive.kept.engineRuns ? EXIT.ok : EXIT.unreachable;
  },
};
