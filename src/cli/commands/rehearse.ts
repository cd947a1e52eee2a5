/** `vipd rehearse`. */

import { EXIT } from "../../exit.ts";
import { printableJson } from "../../wire/printable.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import { refuseNode } from "../target/peer_target.ts";
import { clientFor } from "../target/target.ts";
import { rehearsalText } from "../text/rehearsal_text.ts";

export const rehearse: Command = {
  name: "rehearse",
  summary: "try out what this node's nginx would answer",
  help: `Asks this node's own nginx, for each name that either node serves, what it would
answer a client of the virtual addresses, and prints status codes, certificates
and what differs from the other node. vipd does the same by itself after each
reload of nginx and every 15 minutes; see rehearse in the configuration.

The exit code is 1 if this node would serve less than another one.

Examples:
  vipd rehearse
  vipd rehearse --json

Options:
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, "token-file": "text" },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    refuseNode(args, ["rehearse"]);
    const client = await clientFor(args, context);
    const rehearsal = await client.rehearse();
    // The engine learns of it when it asks a peer the next time.
    await new Promise((resolve) => setTimeout(resolve, COMPARED_MS));
    const status = await client.status();
    if (args.flag("json")) output.out(`${printableJson(JSON.stringify(rehearsal, null, 2))}\n`);
    else output.out(rehearsalText(rehearsal, status));
    const failed = status.peers.some(({ rehearsal: reasons = [] }) =>
      reasons.some(({ code, node }) => code === "rehearsal_failed" && node === status.node)
    );
    return failed ? EXIT.failure : EXIT.ok;
  },
};

/** Peers are asked once a second. */
const COMPARED_MS = 1500;
