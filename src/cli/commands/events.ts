/** `vipd events`. */

import { DaemonRefusedError, DaemonUnreachableError } from "../../api/client_errors.ts";
import { parseDuration } from "../../config/values/durations.ts";
import { journalPaths, readJournal } from "../../daemon/files/journal_file.ts";
import { logLine } from "../../daemon/log.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { JournalEntry } from "../../status/journal.ts";
import { printable } from "../../wire/printable.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, DAEMON_OPTIONS, DAEMON_OPTIONS_HELP, READ_TOKEN_HELP } from "../command.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { type Daemon, daemonFor } from "../target/target.ts";
import { entryLine } from "../text/event_text.ts";
import { styleFor } from "../text/terminal/style.ts";
import { TIMES_HELP, TIMES_OPTIONS, timesFor } from "../text/times.ts";
import { readWrittenStatus } from "../status/written_status.ts";

/** How long a follower waits before it connects again to a vipd that went away, in milliseconds. */
const RECONNECT_MS = 1000;

export const events: Command = {
  name: "events",
  summary: "show what happened, and follow what happens",
  help: `Shows the journal of the running vipd: changes of state with their reasons,
checks, commands, alarms, discarded packets. The oldest entry comes first. While
the API of this machine's vipd does not answer, it shows the journal's file.

Examples:
  vipd events
  vipd events --follow
  vipd events --since 1h
  vipd events --node lb02 --follow
  vipd events --since 42 --json | jq -r .message

Options:
  --follow           go on with what happens from now on; a vipd that restarts
                     is waited for
  --since WHEN       only entries of the last 90s, 10m, 1h or 2d, those from a
                     time on, such as 20:10 or "2026-11-30 20:10:00", or those
                     after the one with this id
${TIMES_HELP}
${READ_TOKEN_HELP}${
    DAEMON_OPTIONS_HELP.replace("print the answer of the API", "one JSON object a line")
  }
`,
  options: {
    ...DAEMON_OPTIONS,
    "token-file": "text",
    ...TIMES_OPTIONS,
    follow: "flag",
    since: "text",
  },
  maxOperands: 0,
  async execute(args, context) {
    const since = sinceOf(args, context);
    const daemon = await daemonFor(args, context);
    const render = renderer(args, context);
    if (args.flag("follow")) return await follow(daemon, since, render, context);
    const { entries, code } = await read(daemon, since, context);
    const filter = new Filter(since, context);
    for (const entry of entries.filter((one) => filter.takes(one))) {
      context.output.out(render(entry));
    }
    return code;
  },
};

/** Which entries are wanted. */
interface Since {
  /** Those with a larger id. */
  readonly id: number;
  /** Entries that are no older count, in milliseconds since the epoch. */
  readonly fromMs: number;
}

/** A bare number is an id. */
function sinceOf(args: Arguments, context: CliContext): Since {
  const since = args.text("since") ?? "0";
  if (/^\d{1,15}$/.test(since)) return { id: Number(since), fromMs: -Infinity };
  const durationMs = /[a-z]$/.test(since) ? parseDuration(since) : null;
  if (durationMs !== null) return { id: 0, fromMs: Date.now() - durationMs };
  const fromMs = timesFor(args, context).read(since, Date.now());
  if (fromMs !== null) return { id: 0, fromMs };
  throw usageError(
    '--since takes a time such as 90s, 10m, 1h, 20:10 or "2026-11-30 20:10:00", or the id of an ' +
      `entry, not ${JSON.stringify(since)}`,
  );
}

/**
 * Passes on the wanted entries, in the sequence of their ids. If that begins again, or has not reached the wanted id, it
 * is the sequence of another journal: all of it is wanted then, and the user learns why.
 */
class Filter {
  readonly #fromMs: number;
  readonly #context: CliContext;
  #lastId: number;

  constructor({ id, fromMs }: Since, context: CliContext) {
    this.#lastId = id;
    this.#fromMs = fromMs;
    this.#context = context;
  }

  /** The id of the entry that came last; before the first, the one after which entries are wanted. */
  get lastId(): number {
    return this.#lastId;
  }

  /** True also for an entry whose time nobody can read. */
  takes({ id, time }: JournalEntry): boolean {
    if (id <= this.#lastId) {
      this.#context.output.err(
        `vipd: the journal has begun again, or entry ${this.#lastId} is of another one; this is ` +
          "all that it has\n",
      );
    }
    this.#lastId = id;
    return !(Date.parse(time) < this.#fromMs);
  }
}

interface ReadEvents {
  readonly entries: readonly JournalEntry[];
  readonly code: ExitCode;
}

/** The answer of vipd, else the contents of its journal's file. Throws the error of the client if there is neither. */
async function read(daemon: Daemon, { id }: Since, context: CliContext): Promise<ReadEvents> {
  try {
    return { entries: await daemon.client.events(id), code: EXIT.ok };
  } catch (error) {
    const answered = error instanceof DaemonRefusedError && !error.withoutEngine;
    const silent = error instanceof DaemonUnreachableError || error instanceof DaemonRefusedError;
    if (answered || !silent || daemon.stateDir === null) throw error;
    return await readFile(daemon, daemon.stateDir, id, error, context);
  }
}

async function readFile(
  { runDir }: Daemon,
  stateDir: string,
  id: number,
  error: Error,
  { output }: CliContext,
): Promise<ReadEvents> {
  const { entries: all, problems } = await readJournal(stateDir);
  for (const problem of problems) output.err(`vipd: ${printable(problem)}\n`);
  if (all.length === 0) throw error;
  const { current } = journalPaths(stateDir);
  output.err(`vipd: ${error.message}\nvipd: this is what ${current} holds\n`);
  const kept = runDir === null ? null : await readWrittenStatus(runDir);
  const entries = (all.at(-1)?.id ?? 0) < id ? all : all.filter((entry) => entry.id > id);
  return { entries, code: kept?.engineRuns ? EXIT.ok : EXIT.unreachable };
}

/**
 * Follows until nobody reads any more, and waits for a vipd that restarts. The first connection must succeed, unless the
 * journal of this machine's vipd is there: that is what came before.
 */
async function follow(
  daemon: Daemon,
  since: Since,
  render: (entry: JournalEntry) => string,
  context: CliContext,
): Promise<ExitCode> {
  const { output } = context;
  const filter = new Filter(since, context);
  let connected = false;
  // Why vipd was not there the last time: one reason is one line.
  let said = "";
  while (true) {
    try {
      for await (const entry of daemon.client.follow(filter.lastId)) {
        connected = true;
        said = "";
        if (filter.takes(entry)) output.out(render(entry));
        if (!output.hasReader()) return EXIT.ok;
      }
    } catch (error) {
      if (!(error instanceof DaemonUnreachableError)) throw error;
      if (connected) {
        if (error.message !== said) output.err(`vipd: ${error.message}; asks again\n`);
        said = error.message;
      } else if (daemon.stateDir === null) throw error;
      else {
        const { entries } = await readFile(
          ...[daemon, daemon.stateDir, filter.lastId, error, context] as const,
        );
        connected = true;
        for (const entry of entries) {
          if (filter.takes(entry)) output.out(render(entry));
        }
        said = error.message;
        output.err("vipd: waits for vipd\n");
      }
      if (!output.hasReader()) return EXIT.ok;
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
  }
}

function renderer(args: Arguments, context: CliContext): (entry: JournalEntry) => string {
  const { output } = context;
  if (args.flag("json")) return (entry) => logLine(entry, "json");
  const style = styleFor(output.colour && !args.flag("no-color"));
  const { exact } = timesFor(args, context);
  return (entry) => entryLine(entry, style, exact);
}
