/**
 * The ways out of `master` that somebody waits for: a hand-over that a person asked for, and the stop of the instance.
 *
 * @module
 */

import type { HandOverEnded, RouterState } from "../../vrrp/router_events.ts";

/** How a hand-over that a person asked for ended. */
export type HandOverOutcome = "taken" | "nobody" | "superseded";

export class Departure {
  #handOverWaiter: ((outcome: HandOverOutcome) => void) | null = null;
  #stopWaiter: (() => void) | null = null;
  #stopping = false;
  #cause = "";

  /** The instance is on the way out, for good. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Why it stops, in a few words; empty if vipd does. */
  get cause(): string {
    return this.#cause;
  }

  /** Calls `ended` when the hand-over that begins now has ended. */
  awaitHandOver(ended: (outcome: HandOverOutcome) => void): void {
    this.#handOverWaiter = ended;
  }

  handOverEnded({ taken, nobodyCame }: HandOverEnded): void {
    const waiter = this.#handOverWaiter;
    this.#handOverWaiter = null;
    // An instance that stops obeys nobody any more, however its hand-over ends.
    const obeyed = taken && !this.#stopping;
    waiter?.(obeyed ? "taken" : nobodyCame ? "nobody" : "superseded");
  }

  /** The way out begins; `stopped` is called at its end, instead of one that an earlier call gave. */
  stop(stopped: () => void, cause: string): void {
    this.#stopping = true;
    this.#cause = cause;
    this.#stopWaiter = stopped;
  }

  /** The instance stops now, without a way out. */
  abandon(): void {
    this.#stopping = true;
  }

  /** The router is in this state now: in `init` the way out is at its end. */
  settle(state: RouterState): void {
    const waiter = this.#stopWaiter;
    if (!waiter || state !== "init") return;
    this.#stopWaiter = null;
    waiter();
  }
}
