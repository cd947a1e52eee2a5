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

/** The front is back within a second of its end, as a rule. */
export const REPEAT_TIMES: RepeatTimes = { pauseMs: 200, limitMs: 10_000 };

/**
 * Calls `attempt` until it is answered, whatever the answer, or the time is over: then throws what it threw last.
 *
 * @param attempt gets true when it is not the first.
 */
export async function untilAnswered<T>(
  attempt: (repeated: boolean) => Promise<T>,
  { pauseMs, limitMs }: RepeatTimes,
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

/** Whether somebody may still know the answer, a moment later. */
function isUnanswered(error: unknown): boolean {
  if (error instanceof DaemonUnreachableError) return error.broken;
  return error instanceof DaemonRefusedError && error.withoutEngine;
}
