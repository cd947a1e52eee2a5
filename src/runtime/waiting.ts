/**
 * Waiting with a limit.
 *
 * @module
 */

/** Waits for `promise`, but no longer than `limitMs`; the answer is then `late`. */
export async function atMost<T, L>(promise: Promise<T>, limitMs: number, late: L): Promise<T | L> {
  const { promise: limit, resolve } = Promise.withResolvers<L>();
  const timer = setTimeout(() => resolve(late), limitMs);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `promise`, but no longer than `limitMs`; rejects with what `late` makes then. */
export async function within<T>(
  promise: Promise<T>,
  limitMs: number,
  late: () => Error,
): Promise<T> {
  const isLate = Symbol();
  const answer = await atMost<T, typeof isLate>(promise, limitMs, isLate);
  if (answer === isLate) throw late();
  return answer as T;
}

/** Settles as `promise` does; rejects with the signal's reason as soon as that aborts. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A pause that can be ended before its time; one at a time. */
export class Pause {
  #end = () => {};

  /** Resolves after `ms`, or as soon as it is ended. */
  async wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#end = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }

  /** Ends the pause; does nothing while there is none. */
  end(): void {
    this.#end();
  }
}
