/**
 * A simulated process: it can be killed, hung and woken, and what is to happen in it happens accordingly.
 *
 * @module
 */

import type { CancelTimer } from "../host/clock.ts";
import type { VirtualTime } from "./time.ts";

export class SimProcess {
  readonly #time: VirtualTime;
  /** Arrivals while it hung, and the timers that were due. */
  #deferred: { readonly arrived: (() => void)[]; readonly due: (() => void)[] } | null = null;
  /** Counts processes: what belongs to one that was killed no longer happens. */
  #life = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Gone without a word; the next one begins. */
  kill(): void {
    this.#life++;
    this.#deferred = null;
  }

  /** Stops (SIGSTOP) until `wake`; timers and datagrams wait. */
  hang(): void {
    this.#deferred ??= { arrived: [], due: [] };
  }

  /** Arrivals are delivered before timers fire, as Host promises. */
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

  /** A timer of the present process. */
  setTimer(atMs: number, fire: () => void): CancelTimer {
    let live = true;
    const run = this.bound(() => {
      if (live) fire();
    }, "due");
    const cancel = this.#time.schedule(atMs, run);
    return () => {
      live = false;
      cancel();
    };
  }
}
