/**
 * An engine that dies whenever it is master would take the addresses from the other node again and again, and drop them.
 * After some such moves it is held back: it takes part with the lowest priority, so that it serves only if nobody else
 * does.
 *
 * @module
 */

import type { WeightedPart } from "../vrrp/priority.ts";
import { PRIORITY_MAX } from "../vrrp/priority.ts";
import { type MoveEntry, movesOf } from "./moves.ts";

/** So many moves within the window, the last one a death, are a loop. Each death has two: it came, it died. */
export const LOOP_MOVES = 4;
export const LOOP_WINDOW_MS = 600_000;

/** How long an engine is held back from its start on, in milliseconds: it shows by then whether it lives. */
export const HOLD_MS = LOOP_WINDOW_MS;

export interface CrashLoop {
  readonly instance: string;
  /** How often the engine died as this instance's master within the window. */
  readonly deaths: number;
}

/** The instances whose engine dies again and again, at the start of the next one at `nowMs` since the epoch. */
export function crashLoops(
  entries: readonly MoveEntry[],
  instances: readonly string[],
  nowMs: number,
): CrashLoop[] {
  return instances.flatMap((instance) => {
    // What is later than now is of before the clock was set back, nobody knows how long ago.
    const moves = movesOf(entries, instance)
      .filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < LOOP_WINDOW_MS);
    if (moves.length < LOOP_MOVES || moves.at(-1)?.kind !== "died") return [];
    return [{ instance, deaths: moves.filter(({ kind }) => kind === "died").length }];
  });
}

/** What makes the priority the lowest, whatever else moves it. */
export function heldBack({ deaths }: CrashLoop): WeightedPart {
  const text = `held back: vipd died ${deaths} times as master`;
  return { what: "crash loop", text, weight: -2 * PRIORITY_MAX, reverse: false, ok: false };
}

export function crashLoopText({ deaths }: CrashLoop) {
  const minutes = LOOP_WINDOW_MS / 60_000;
  return {
    message: `vipd died ${deaths} times as master within ${minutes} minutes: it is held back for ` +
      `${HOLD_MS / 60_000} minutes and serves only if no other node does`,
    hint: "journalctl -u vipd says how it ended; report it, or go back to the version before; " +
      "vipd promote ends the hold",
  };
}
