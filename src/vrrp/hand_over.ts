/**
 * The hand-over of a master, beyond the RFC: one that is asked to go sends its last advert (priority 0) but keeps its
 * addresses until it hears the next master, or until the slowest possible backup would have spoken.
 *
 * @module
 */

import { PRIORITY_RELEASE } from "../wire/vrrp.ts";
import type { RouterEffect, TransitionReason } from "./router_events.ts";
import type { RouterTimers } from "./router_timers.ts";

/** A way out of `master`: where it leads once another is master or the wait is over. */
export interface MasterExit {
  readonly next: "backup" | "fault" | "init";
  readonly reason: TransitionReason;
  /** True when the router stays master unless another takes over. */
  readonly onlyIfTaken?: true;
}

/** At most one hand-over at a time, and where it leads. */
export class HandOver {
  readonly #timers: RouterTimers;
  #way: MasterExit | null = null;

  constructor(timers: RouterTimers) {
    this.#timers = timers;
  }

  /** The way that was begun; `null` while no hand-over is under way. */
  get way(): MasterExit | null {
    return this.#way;
  }

  /** The last advert, priority 0 (RFC 9568 section 6.4.3, Shutdown); the addresses stay until another is heard. */
  begin(way: MasterExit, nowMs: number): RouterEffect[] {
    this.#way = way;
    return [
      { kind: "clearTimer", timer: "adver" },
      { kind: "sendAdvertisement", priority: PRIORITY_RELEASE },
      this.#timers.armHandOver(nowMs),
    ];
  }

  /** The hand-over that is under way leads elsewhere from now on. */
  redirect(way: MasterExit): void {
    this.#way = way;
  }

  /** It is over; `taken` if another is master, `nobodyCame` if the wait for one has ended. Nothing if none was under way. */
  end(taken: boolean, nobodyCame = false): RouterEffect[] {
    if (!this.#way) return [];
    this.#way = null;
    return [{ kind: "clearTimer", timer: "handOver" }, {
      kind: "handOverEnded",
      taken,
      nobodyCame,
    }];
  }
}
