/** `vipd rehearse`. */

import type { ApiClient } from "../../api/client.ts";
import { CliError, EXIT } from "../../exit.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import { comparedPeers } from "../../status/pair/rehearsal_parts.ts";
import { printableJson } from "../../wire/printable.ts";
import {
  type Command,
  DAEMON_OPTIONS,
  DAEMON_OPTIONS_HELP,
  TOKEN_OPTIONS_HELP,
} from "../command.ts";
import { daemonFor } from "../target/target.ts";
import { rehearsalText } from "../text/rehearsal_text.ts";
import { timesIn } from "../text/times.ts";

export const rehearse: Command = {
  name: "rehearse",
  summary: "try out what this node's nginx would answer",
  help: `Asks this node's own nginx, for each name that either node serves, what it would
answer a client of the virtual addresses, and prints status codes, certificates
and what differs from the other node. vipd does the same by itself after each
reload of nginx and every 15 minutes; see rehearse in the configuration. With
--node it prints the last rehearsal of that node, which is asked for nothing.
With --json it prints what GET /v1/rehearsal answers, and compared: each peer
with its findings, which are null if it has not rehearsed.

A standby cannot ask for a name that nginx listens for at the virtual address
alone: it does not have the address. With one more listen 127.0.0.1:443 ssl; in
that server it asks there (vipd man rehearsal).

The exit code is 1 if this node would serve less than another one, or if it
serves now, and clients of a name fail.

Examples:
  vipd rehearse
  vipd rehearse --json | jq -r '.compared[].findings[]?.message'
  vipd rehearse --node lb02

Options:
${TOKEN_OPTIONS_HELP}
${DAEMON_OPTIONS_HELP}
`,
  options: { ...DAEMON_OPTIONS, "token-file": "text" },
  maxOperands: 0,
  async execute(args, context) {
    const { output } = context;
    const { client, runDir } = await daemonFor(args, context);
    const node = args.text("node");
    // Another node of the pair can only be read.
    const isOther = node !== undefined && runDir === null;
    const rehearsal = isOther ? await lastOf(client, node) : await client.rehearse();
    const status = await client.status();
    const compared = comparedPeers(status);
    if (args.flag("json")) {
      output.out(`${printableJson(JSON.stringify({ ...rehearsal, compared }, null, 2))}\n`);
    } else output.out(rehearsalText(rehearsal, status, timesIn(context.timeZone)));
    const found = compared.flatMap(({ findings }) => findings ?? []);
    const failed = found.some(({ code, node }) => FAILED.includes(code) && node === status.node);
    return failed ? EXIT.failure : EXIT.ok;
  },
};

const FAILED: readonly string[] = ["rehearsal_failed", "serves_less"];

async function lastOf(client: ApiClient, node: string): Promise<Rehearsal> {
  const last = await client.rehearsal();
  if (last !== null) return last;
  throw new CliError(EXIT.failure, `${node} has not rehearsed yet: ssh ${node} vipd rehearse`);
}
