/**
 * How often the engine ended without being asked to, read from the journal that its runs have left.
 *
 * @module
 */

import type { JournalEntry } from "../../status/journal.ts";
import type { ProcessExit } from "../../status/status.ts";

/** What the runs since the machine started have come to. */
export interface EngineRestarts {
  readonly restarts: number;
  readonly last: ProcessExit | null;
}

/**
 * A run that ends as it should records `stopped` last. Only runs since the boot count, because a machine that loses its
 * power ends everything.
 *
 * @param entries what earlier runs have left, oldest first
 * @param bootedAtMs in milliseconds since the epoch
 */
export function engineRestarts(
  entries: readonly JournalEntry[],
  bootedAtMs: number,
): EngineRestarts {
  let restarts = 0;
  let last: ProcessExit | null = null;
  for (const [index, entry] of entries.entries()) {
    const next = entries[index + 1];
    const isLast = next === undefined || next.code === "started";
    if (!isLast || entry.code === "stopped" || Date.parse(entry.time) < bootedAtMs) continue;
    restarts++;
    last = { at: entry.time, reason: reasonOf(entry) };
  }
  return { restarts, last };
}

function reasonOf({ code, message }: JournalEntry): string {
  return code === "crashed" || code === "stopping"
    ? message.split("\n")[0]!
    : "it was killed: its journal ends without a farewell";
}
