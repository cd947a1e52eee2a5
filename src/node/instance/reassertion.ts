/**
 * Notices that a mastership was disputed and has been upheld: a weaker master was heard, as after a partition, and
 * yielded. Its deeds as master, such as moving a cloud's address to itself, are then to be undone.
 *
 * @module
 */

import type { Clock, Timer } from "../../host/clock.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Advertisement } from "../../wire/vrrp.ts";

/** A weaker master that is silent for so many of its intervals has yielded: two lost adverts are no end. */
const YIELDED_INTERVALS = 2.9;
/** Least time between two reports, in milliseconds: on a link that loses very many adverts some are one. */
const LEAST_GAP_MS = 10_000;
/** Number of its intervals within which the master that was preempted says its last word. */
const CHANGE_INTERVALS = 2;

export class Reassertion {
  readonly #clock: Clock;
  readonly #timer: Timer;
  #masterSinceMs = 0;
  #reportedMs = -Infinity;
  /** The weaker master that was heard last; from then on the timer is set. */
  #last: { readonly source: IpAddress; readonly priority: number } | null = null;

  /** `upheld` is called once for each dispute, when it is over and this node is still master. */
  constructor(clock: Clock, upheld: (source: IpAddress, priority: number) => void) {
    this.#clock = clock;
    this.#timer = clock.newTimer(() => {
      const { source, priority } = this.#last!;
      this.#reportedMs = clock.nowMs();
      upheld(source, priority);
    });
  }

  /** A mastership begins, or ends and with it every dispute. */
  stateChanged(): void {
    this.#masterSinceMs = this.#clock.nowMs();
    this.#timer.cancel();
  }

  /** This node is master and stays so, although a weaker master has just been heard. */
  heard(source: IpAddress, { priority, intervalCs }: Advertisement): void {
    const nowMs = this.#clock.nowMs();
    const intervalMs = centisecondsToMs(intervalCs);
    if (nowMs - this.#masterSinceMs < CHANGE_INTERVALS * intervalMs) return;
    this.#last = { source, priority };
    const atMs = Math.max(nowMs + YIELDED_INTERVALS * intervalMs, this.#reportedMs + LEAST_GAP_MS);
    this.#timer.set(atMs);
  }
}
