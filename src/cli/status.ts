/** `vipd status`. */

import { type Command, DAEMON_OPTIONS, DAEMON_OPTIONS_HELP } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { sideBySideText } from "./side_by_side_text.ts";
import { statusText } from "./status_text.ts";
import { styleFor } from "./style.ts";
import { clientFor } from "./target.ts";

export const status: Command = {
  name: "status",
  summary: "show who is master, why, and what the checks say",
  help: `Shows the state of the running vipd: each instance with its addresses, who is
master, why, and since when; each check with its last result.

Examples:
  vipd status
  vipd status --json | jq -r '.instances[].state'
  vipd status --all      this node and its peers, side by side
  vipd status --api unix:/run/vipd/api.sock

Options:
  --all              also what the nodes of peers say, and where they differ
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, all: "flag" },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    const answer = await (await clientFor(args, context)).status();
    const style = styleFor(output.colour && !args.flag("no-color"));
    // The answer has the peers in any case.
    if (args.flag("json")) output.out(`${JSON.stringify(answer, null, 2)}\n`);
    else {
      output.out(statusText(answer, style));
      if (args.flag("all")) output.out(`\n${sideBySideText(answer, style)}`);
    }
    return EXIT.ok;
  },
};
