/**
 * A command that the client repeats until it is answered. It carries an id, and vipd carries out each id once.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import { DaemonRefusedError, DaemonUnreachableError } from "./client_errors.ts";

/** The header with the id of a command (draft-ietf-httpapi-idempotency-key-header). */
export const COMMAND_ID_HEADER = "idempotency-key";

/** How often and how long the client repeats a command. */
export interface RepeatTimes {
  readonly pauseMs: number;
  /** From the first missing answer on. */
  readonly limitMs: number;
}

/** A question is repeated if the connection is cut, as when a server closes it under a flood. */
export const ASK_AGAIN_TIMES: RepeatTimes = { pauseMs: 50, limitMs: 1000 };

/** Usually the front is back within a second of its end. */
export const REPEAT_TIMES: RepeatTimes = { pauseMs: 200, limitMs: 10_000 };

/** The question before a command waits for a front that is being started. */
export const AWAIT_FRONT_TIMES: RepeatTimes = { pauseMs: 100, limitMs: 3000 };

/**
 * Calls `attempt` until it is answered, whatever the answer, or the time is over. Then throws the last error.
 *
 * @param attempt gets true if it is not the first.
 * @param isUnanswered whether a process may still know the answer, a moment after `attempt` threw this.
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

/** The connection ended before the answer: the client can ask the process that listens there again. */
export function isCut(error: unknown): boolean {
  return error instanceof DaemonUnreachableError && error.cut;
}

/** The command may have been carried out; the next process that listens gets the outcome from the engine. */
export function isBroken(error: unknown): boolean {
  if (error instanceof DaemonUnreachableError) return error.broken;
  return error instanceof DaemonRefusedError && error.withoutEngine;
}
