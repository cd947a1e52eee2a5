/**
 * A simulated process: it can be killed, hung and woken, and what is to happen in it happens accordingly.
 *
 * @module
 */

export class SimProcess {
  /** What came while it hung, and the timers that were due. */
  #deferred: { readonly arrived: (() => void)[]; readonly due: (() => void)[] } | null = null;
  /** Counts processes: what belongs to one that was killed no longer happens. */
  #life = 0;

  /** Gone without a word; the next one begins. */
  kill(): void {
    this.#life++;
    this.#deferred = null;
  }

  /** Stops (SIGSTOP) until `wake`; timers and datagrams wait. */
  hang(): void {
    this.#deferred ??= { arrived: [], due: [] };
  }

  /** What arrived is delivered before timers fire, as Host promises. */
  wake(): void {
    const { arrived, due } = this.#deferred ?? { arrived: [], due: [] };
    this.#deferred = null;
    for (const run of [...arrived, ...due]) run();
  }

  /** `run` as the present process would: not after it was killed, later while it hangs. */
  bound(run: () => void, kind: "arrived" | "due" = "arrived"): () => void {
    const life = this.#life;
    return () => {
      if (life !== this.#life) return;
      if (this.#deferred) this.#deferred[kind].push(run);
      else run();
    };
  }
}
