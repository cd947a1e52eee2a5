/**
 * An operation that has one thread of the pool at most, and that nobody has to wait for.
 *
 * @module
 */

import { type ThreadPool, threadPool, type ThreadUse, type Turn } from "./thread_pool.ts";

export class PooledOperation<T> {
  readonly #use: ThreadUse;
  readonly #operation: () => Promise<T>;
  readonly #pool: ThreadPool;
  #underWay: Promise<Turn<T>> | null = null;

  /** `operation` is as {@link ThreadPool.run} wants it. */
  constructor(use: ThreadUse, operation: () => Promise<T>, pool: ThreadPool = threadPool) {
    this.#use = use;
    this.#operation = operation;
    this.#pool = pool;
  }

  /**
   * Runs it. If it is under way or waits for its turn, the call shares it: an operation that does not return is not begun
   * again. When the signal aborts, the answer is `late`; the operation goes on.
   */
  async run(signal: AbortSignal): Promise<Turn<T>> {
    const { promise: aborted, resolve } = Promise.withResolvers<Turn<T>>();
    const abort = () => resolve({ ok: false, why: "late" });
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    try {
      this.#underWay ??= this.#begin();
      return await Promise.race([this.#underWay, aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #begin(): Promise<Turn<T>> {
    try {
      return await this.#pool.run(this.#use, this.#operation);
    } finally {
      this.#underWay = null;
    }
  }
}
