/**
 * How often a virtual router came to this node and left it, across the ends of its engine, read from the journal that the
 * engine's runs have left.
 *
 * @module
 */

import type { JournalEntry } from "../../status/journal.ts";

/** `died`: the engine ended while it was master, without a word. */
export interface Move {
  /** In milliseconds since the epoch; of a death, when the next engine started. */
  readonly atMs: number;
  readonly kind: "came" | "left" | "died";
  /** Why, as the journal's `transition.reason`; empty for a death. */
  readonly reason: string;
  /** The effective priority then; `null` where that is not known. */
  readonly priority: number | null;
  /** An override was in force: promote, demote or a priority. */
  readonly overridden: boolean;
  /** Of one that left: the mastership only tried out what the kernel had refused, and still does. */
  readonly trial: boolean;
}

/** The part of an entry that counts here. */
export type MoveEntry = Pick<
  JournalEntry,
  "time" | "code" | "subject" | "transition" | "priority" | "trial"
>;

/**
 * The moves of an instance since it was last held back, oldest first.
 *
 * The journal's file may lack the last moments before a death, or a whole short run. Then the addresses that were left
 * show a mastership that had just begun. After a hand-over they may be such as serve on for open connections.
 *
 * @param entries the journal's, oldest first; its last one about a start is that of the present engine
 */
export function movesOf(entries: readonly MoveEntry[], instance: string): Move[] {
  let moves: Move[] = [];
  let master = false;
  let handedOver = false;
  let overridden = false;
  let overriddenBefore = false;
  for (const entry of entries) {
    const { time, code, subject, transition, priority = null, trial = false } = entry;
    const atMs = Date.parse(time);
    const unsaid = { atMs, reason: "", priority: null, overridden, trial: false };
    if (code === "started") {
      if (master) moves.push({ ...unsaid, kind: "died" });
      master = handedOver = overridden = false;
    }
    if (subject !== instance) continue;
    if (code === "engine_died") {
      if (!master && !handedOver) moves.push({ ...unsaid, kind: "came" });
      if (!handedOver) moves.push({ ...unsaid, kind: "died" });
      master = handedOver = false;
    }
    if (code === "hold_ended") moves = [];
    if (code === "order_given") overriddenBefore = overridden;
    if (code === "order_given" || code === "order_resumed") overridden = true;
    if (code === "order_failed") overridden = overriddenBefore;
    if (code === "order_ended") overridden = false;
    if (code !== "state_changed" || !transition) continue;
    const kind = moveKind(transition);
    if (kind) moves.push({ atMs, kind, reason: transition.reason, priority, overridden, trial });
    master = transition.to === "master";
    handedOver = kind === "left" && transition.to !== "fault";
  }
  return moves;
}

/** Whether a change of state is a move; `null` where it is none. */
export function moveKind(
  { from, to }: { readonly from: string; readonly to: string },
): "came" | "left" | null {
  if (to === "master") return "came";
  return from === "master" ? "left" : null;
}

/** Ends of a mastership that somebody wanted. */
const WANTED: ReadonlySet<string> = new Set(["promote", "demote", "shutdown"]);

/**
 * The moves that nobody planned, of those masterships that have ended.
 *
 * A mastership that an override brought about is planned, and so is its end when the override ends; a failure during it is
 * not. That another node became stronger is that one's affair: it was promoted, or is back from a stop or a failure. It
 * counts here if the mastership began because adverts were not heard, or if this node became weaker.
 *
 * A resource that the kernel refuses is tried out less and less often by itself (refused_resources.ts): a mastership that showed
 * nothing but that does not count.
 */
export function unplanned(moves: readonly Move[]): Move[] {
  const counted: Move[] = [];
  let begun: Move | null = null;
  for (const move of moves) {
    if (move.kind === "came") {
      begun = move;
      continue;
    }
    if (!WANTED.has(move.reason) && !move.trial && !yielded(begun, move)) {
      counted.push(...(begun && !begun.overridden ? [begun] : []), move);
    }
    begun = null;
  }
  return counted;
}

/** Whether a mastership ended because another node is the better one, or because the override that began it is over. */
function yielded(begun: Move | null, end: Move): boolean {
  if (begun === null || end.reason !== "higher_priority_master") return false;
  if (begun.overridden || end.overridden) return true;
  return begun.reason !== "master_silent" && (end.priority ?? 0) >= (begun.priority ?? 0);
}
