/**
 * Waits for a condition, with a limit and a name for the error message.
 *
 * @module
 */

import { LabError } from "./error.ts";

/** The options of a wait. */
export interface WaitOptions {
  /** Gives up after this long, in milliseconds. */
  readonly timeoutMs: number;
  /** Pause between two looks, in milliseconds. @default {50} */
  readonly everyMs?: number;
  /** Adds information to the error if the wait is given up. */
  readonly explain?: () => string | Promise<string>;
  /** Ends the wait early, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `look` again and again until it returns something other than `null`, `undefined` or `false`.
 *
 * @returns The value from `look`.
 * @throws {LabError} "Waited 5 s for ..." if the time is over.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const deadlineMs = performance.now() + options.timeoutMs;
  while (true) {
    options.signal?.throwIfAborted();
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (performance.now() >= deadlineMs) {
      const known = await options.explain?.() ?? "";
      const after = `Waited ${options.timeoutMs / 1000} s for ${what}`;
      throw new LabError(known === "" ? after : `${after}\n${known}`);
    }
    await sleep(options.everyMs ?? 50);
  }
}

/** Resolves after `ms` milliseconds, or rejects with the signal's reason. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Now, in milliseconds since the epoch with a fraction. One clock for every process of the lab, which all run on
 * one machine: monotonic within a process, comparable between them and with the time stamps of tcpdump.
 */
export function clockMs(): number {
  return performance.timeOrigin + performance.now();
}
