/**
 * The bound on the runtime's threads.
 *
 * The runtime has 32 threads for everything that may wait: the reactor's epoll_wait(2), files, name look-ups, native
 * calls, all in one queue. An operation that does not return, because of a silent resolver or a disk that does not
 * answer, occupies its thread, whether or not anybody still waits for it, and 32 of them stop the adverts. Therefore
 * every such operation of the daemon has its turn here. Each use that can stall by itself has its own share, so that
 * nothing else waits behind it.
 *
 * @module
 */

/** The uses of threads, and how many threads each may occupy at a time: 8 in all. */
export const THREAD_SHARES = {
  /** Look-ups of names: the resolver may be silent. */
  name: 2,
  /** Checks of programs before vipd starts them: their file system may not answer. */
  program: 2,
  /** The journal and the state in `state_dir`. */
  state: 1,
  /** Standard error: its reader may not read. */
  log: 1,
  /** All other reading and writing: the configuration, tokens, secrets, `run_dir`. */
  file: 2,
} as const;

export type ThreadUse = keyof typeof THREAD_SHARES;

/** How many operations of one use may wait for their turn. */
export const WAITING_AT_MOST = 1000;

/** The outcome of an operation: its value, or why it never began. */
export type Turn<T> =
  | { readonly ok: true; readonly value: T }
  | {
    readonly ok: false;
    /** `full`: too many wait already. `late`: the signal aborted before its turn came. */
    readonly why: "full" | "late";
  };

export class ThreadPool {
  readonly #shares: Readonly<Record<ThreadUse, Share>>;

  constructor(shares: Readonly<Record<ThreadUse, number>> = THREAD_SHARES) {
    this.#shares = {
      name: new Share(shares.name),
      program: new Share(shares.program),
      state: new Share(shares.state),
      log: new Share(shares.log),
      file: new Share(shares.file),
    };
  }

  /** How many operations have begun and not returned. */
  get underWay(): number {
    return Object.values(this.#shares).reduce((sum, { underWay }) => sum + underWay, 0);
  }

  /**
   * Runs an operation as soon as there is a thread for its use, in the order of the calls; at once if there is one now.
   * It may use one thread at a time, and counts until it settles. Rejects only if the operation does. If an operation
   * waits inside for another of the same use, it may wait for ever.
   *
   * @param signal takes it out of the queue; an operation that has begun continues.
   */
  run<T>(use: ThreadUse, operation: () => Promise<T>, signal?: AbortSignal): Promise<Turn<T>> {
    return this.#shares[use].run(operation, signal);
  }
}

/** The threads for one use. */
class Share {
  readonly #threads: number;
  /** Starts of the waiting operations, oldest first. */
  readonly #waiting = new Set<() => void>();
  #underWay = 0;

  constructor(threads: number) {
    this.#threads = threads;
  }

  get underWay(): number {
    return this.#underWay;
  }

  run<T>(operation: () => Promise<T>, signal?: AbortSignal): Promise<Turn<T>> {
    if (signal?.aborted) return Promise.resolve({ ok: false, why: "late" });
    if (this.#underWay < this.#threads) return this.#begin(operation);
    if (this.#waiting.size >= WAITING_AT_MOST) return Promise.resolve({ ok: false, why: "full" });
    return new Promise((resolve) => {
      const begin = () => {
        signal?.removeEventListener("abort", leave);
        resolve(this.#begin(operation));
      };
      const leave = () => {
        this.#waiting.delete(begin);
        resolve({ ok: false, why: "late" });
      };
      this.#waiting.add(begin);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  async #begin<T>(operation: () => Promise<T>): Promise<Turn<T>> {
    this.#underWay++;
    try {
      return { ok: true, value: await operation() };
    } finally {
      this.#underWay--;
      this.#beginNext();
    }
  }

  #beginNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next();
  }
}

/** The threads of this process, which has one runtime. */
export const threadPool = new ThreadPool();
