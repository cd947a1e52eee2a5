/** `vipd events`. */

import type { ApiClient } from "../../api/client.ts";
import { DaemonUnreachableError } from "../../api/client_errors.ts";
import { logLine } from "../../daemon/log.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { JournalEntry } from "../../status/journal.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, DAEMON_OPTIONS, DAEMON_OPTIONS_HELP } from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { clientFor } from "../target/target.ts";
import { type Style, styleFor } from "../text/style.ts";

/** How long a follower waits before it connects again to a vipd that went away, in milliseconds. */
const RECONNECT_MS = 1000;

export const events: Command = {
  name: "events",
  summary: "show what happened, and follow what happens",
  help: `Shows the journal of the running vipd: changes of state with their reasons,
checks, orders, alarms, discarded packets. The oldest entry comes first.

Examples:
  vipd events
  vipd events --follow
  vipd events --since 42 --json | jq -r .message

Options:
  --follow           go on with what happens from now on; a vipd that restarts
                     is waited for
  --since ID         only entries after the one with this id
${DAEMON_OPTIONS_HELP.replace("print the answer of the API", "one JSON object a line")}
`,
  options: { ...DAEMON_OPTIONS, follow: "flag", since: "text" },
  maxOperands: 0,
  async execute(args, context) {
    const since = sinceOf(args);
    const client = await clientFor(args, context);
    const render = renderer(args, context);
    if (args.flag("follow")) return await follow(client, since, render, context);
    for (const entry of await client.events(since)) context.output.out(render(entry));
    return EXIT.ok;
  },
};

function sinceOf(args: Arguments): number {
  const since = args.text("since") ?? "0";
  if (/^\d{1,15}$/.test(since)) return Number(since);
  throw usageError(`--since takes the id of an entry, not ${JSON.stringify(since)}`);
}

/** Follows until nobody reads any more. The first connection must succeed; it waits for later ones. */
async function follow(
  client: ApiClient,
  since: number,
  render: (entry: JournalEntry) => string,
  { output }: CliContext,
): Promise<ExitCode> {
  let lastId = since;
  let connected = false;
  while (true) {
    try {
      for await (const entry of client.follow(lastId)) {
        connected = true;
        lastId = entry.id;
        output.out(render(entry));
        if (!output.hasReader()) return EXIT.ok;
      }
    } catch (error) {
      if (!(error instanceof DaemonUnreachableError)) throw error;
      if (!connected) throw error;
      output.err(`vipd: ${error.message}; asks again\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
  }
}

function renderer(args: Arguments, { output }: CliContext): (entry: JournalEntry) => string {
  if (args.flag("json")) return (entry) => logLine(entry, "json");
  const style = styleFor(output.colour && !args.flag("no-color"));
  return (entry) => entryLine(entry, style);
}

/** An entry for a person; ends with a newline. */
export function entryLine(entry: JournalEntry, style: Style): string {
  return `${paintOf(entry, style)(logLine(entry, "text").trimEnd())}\n`;
}

function paintOf({ severity }: JournalEntry, style: Style): (text: string) => string {
  switch (severity) {
    case "error":
      return style.bad;
    case "warning":
      return style.warning;
    case "notice":
      return (text) => text;
    default:
      return style.dim;
  }
}
