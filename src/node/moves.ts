/**
 * How often a virtual router came to this node and left it, across the ends of its engine, read from the journal that the
 * engine's runs have left.
 *
 * @module
 */

import type { JournalEntry } from "./journal.ts";

/** `died`: the engine ended while it was master, without a word. */
export interface Move {
  /** In milliseconds since the epoch; of a death, when the next engine started. */
  readonly atMs: number;
  readonly kind: "came" | "left" | "died";
}

/** What of an entry counts here. */
export type MoveEntry = Pick<JournalEntry, "time" | "code" | "subject" | "transition">;

/**
 * The moves of an instance, oldest first.
 *
 * @param entries the journal's, oldest first; its last one about a start is that of the present engine
 */
export function movesOf(entries: readonly MoveEntry[], instance: string): Move[] {
  const moves: Move[] = [];
  let master = false;
  for (const { time, code, subject, transition } of entries) {
    const atMs = Date.parse(time);
    if (code === "started") {
      if (master) moves.push({ atMs, kind: "died" });
      master = false;
    } else if (code === "state_changed" && subject === instance && transition) {
      if (transition.to === "master") moves.push({ atMs, kind: "came" });
      else if (transition.from === "master") moves.push({ atMs, kind: "left" });
      master = transition.to === "master";
    }
  }
  return moves;
}
