/**
 * How often the engine ended unasked, and how it ended last, read from the journal of its runs.
 *
 * @module
 */

import type { JournalEntry } from "../../status/journal.ts";
import { type ProcessExit, STOPPED } from "../../status/status.ts";

/** The ends of the runs since the machine's boot. */
export interface EngineRestarts {
  /** Without those that were stopped. */
  readonly restarts: number;
  readonly last: ProcessExit | null;
}

/**
 * A run that ends properly records `stopped`. Entries of the next run before `started`, such as warnings about its
 * configuration, do not count for that. Only runs since the boot count, because a machine that loses its power ends
 * everything.
 *
 * @param entries the entries of earlier runs, oldest first
 * @param bootedAtMs in milliseconds since the epoch
 */
export function engineRestarts(
  entries: readonly JournalEntry[],
  bootedAtMs: number,
): EngineRestarts {
  let restarts = 0;
  let last: ProcessExit | null = null;
  /** The last entry of the run that is not over yet. */
  let running: JournalEntry | null = null;
  const ended = ({ time }: JournalEntry, reason: string) => {
    if (Date.parse(time) < bootedAtMs) return false;
    last = { at: time, reason };
    return true;
  };
  const end = () => {
    if (running !== null && ended(running, reasonOf(running))) restarts++;
  };
  let begun = true;
  for (const entry of entries) {
    if (entry.code === "started") {
      end();
      begun = true;
    }
    if (entry.code === "stopped") {
      begun = false;
      running = null;
      ended(entry, STOPPED);
    }
    // Somebody else says so, and not why.
    if (begun && entry.code !== "engine_died") running = entry;
  }
  end();
  return { restarts, last };
}

function reasonOf({ code, message }: JournalEntry): string {
  return code === "crashed" || code === "stopping"
    ? message.split("\n")[0]!
    : "it was killed: its journal ends without a farewell";
}
