/**
 * An order that is asked for again until it is answered: it carries an id, and vipd carries each id out once.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import { DaemonRefusedError, DaemonUnreachableError } from "./client_errors.ts";

/** The header with the id of an order (draft-ietf-httpapi-idempotency-key-header). */
export const ORDER_ID_HEADER = "idempotency-key";

/** How often and how long an order is asked for again. */
export interface RepeatTimes {
  readonly pauseMs: number;
  /** From the first time that the answer did not come. */
  readonly limitMs: number;
}

/** What only asks is asked again where the connection is cut, as when a server under a flood gives it up. */
export const ASK_AGAIN_TIMES: RepeatTimes = { pauseMs: 50, limitMs: 1000 };

/** The front is back within a second of its end, as a rule. */
export const REPEAT_TIMES: RepeatTimes = { pauseMs: 200, limitMs: 10_000 };

/**
 * Calls `attempt` until it is answered, whatever the answer, or the time is over: then throws what it threw last.
 *
 * @param attempt gets true when it is not the first.
 * @param isUnanswered whether somebody may still know the answer, a moment after `attempt` threw this.
 */
export async function untilAnswered<T>(
  attempt: (repeated: boolean) => Promise<T>,
  { pauseMs, limitMs }: RepeatTimes,
  isUnanswered: (error: unknown) => boolean = isBroken,
): Promise<T> {
  let unansweredSinceMs: number | null = null;
  for (;;) {
    try {
      return await attempt(unansweredSinceMs !== null);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      unansweredSinceMs ??= performance.now();
      if (performance.now() - unansweredSinceMs + pauseMs > limitMs) throw error;
    }
    await setTimeout(pauseMs);
  }
}

/** The connection ended under way: whoever listens there can be asked again. */
export function isCut(error: unknown): boolean {
  return error instanceof DaemonUnreachableError && error.cut;
}

/** An order may have been carried out, and whoever listens next learns of the engine what became of it. */
function isBroken(error: unknown): boolean {
  if (error instanceof DaemonUnreachableError) return error.broken;
  return error instanceof DaemonRefusedError && error.withoutEngine;
}
