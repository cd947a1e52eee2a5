/**
 * An operation that uses at most one thread of the pool, and that nobody has to wait for.
 *
 * @module
 */

import { type ThreadPool, threadPool, type ThreadUse, type Turn } from "./thread_pool.ts";

export class PooledOperation<T> {
  readonly #use: ThreadUse;
  readonly #operation: () => Promise<T>;
  readonly #pool: ThreadPool;
  #underWay: Promise<Turn<T>> | null = null;

  /** `operation` must be as {@link ThreadPool.run} requires. */
  constructor(use: ThreadUse, operation: () => Promise<T>, pool: ThreadPool = threadPool) {
    this.#use = use;
    this.#operation = operation;
    this.#pool = pool;
  }

  /**
   * Runs the operation. If it is in progress or waits for its turn, the call shares it, so that an operation that does
   * not return is not started again. If the signal aborts, the answer is `late`; the operation continues.
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
