/**
 * The master as a backup has heard it, and the moment of the takeover (RFC 9568 section 6.4.2, RFC 3768 section 6.4.2).
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";
import { type Advertisement, PRIORITY_RELEASE } from "../wire/vrrp.ts";
import type { Election } from "./election.ts";
import type { MasterSeen, RouterEffect, TransitionReason } from "./router_events.ts";
import type { RouterTimers } from "./router_timers.ts";

export class Backup {
  readonly #timers: RouterTimers;
  readonly #election: Election;
  #master: MasterSeen | null = null;
  #heardMs = 0;
  /** When Master_Down_Timer would fire, did it not wait longer because nothing may arrive yet; else `null`. */
  #dueIfHeardMs: number | null = null;
  #takeoverReason: TransitionReason = "master_silent";

  constructor(timers: RouterTimers, election: Election) {
    this.#timers = timers;
    this.#election = election;
  }

  /** The other router that is master, as far as this one has heard; `null` when none was heard or it is this one. */
  get master(): MasterSeen | null {
    return this.#master;
  }

  /** When a master was last heard, or this router began to listen as a backup, in milliseconds. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** The meaning that the running Master_Down_Timer would have if it fired now. */
  get takeoverReason(): TransitionReason {
    return this.#takeoverReason;
  }

  /** True while it hears a master that it does not want to replace. */
  follows(nowMs: number): boolean {
    return this.#master !== null && !this.#timers.masterDownDue(nowMs) &&
      this.#takeoverReason === "master_silent";
  }

  /** Nobody else is master, as far as is known. */
  forgetMaster(): void {
    this.#master = null;
  }

  /** Nothing was heard yet, and nothing may arrive before `notBeforeMs`. */
  begin(listensSinceMs: number, notBeforeMs: number, nowMs: number): RouterEffect {
    this.#heardMs = nowMs;
    this.#timers.forgetInterval();
    this.#takeoverReason = "master_silent";
    const dueMs = listensSinceMs + this.#masterDownIntervalMs;
    this.#dueIfHeardMs = notBeforeMs > dueMs ? dueMs : null;
    return this.#timers.armMasterDown(Math.max(dueMs, notBeforeMs));
  }

  /** This router is no longer master, and no other has spoken. */
  beginAfterMastership(nowMs: number): RouterEffect {
    this.#heardMs = nowMs;
    return this.waitFromNow(nowMs);
  }

  /** The sender is master, instead of this router. */
  beginBehind(from: IpAddress, advertisement: Advertisement, nowMs: number): RouterEffect {
    this.#heardMs = nowMs;
    this.#master = { address: from, priority: advertisement.priority };
    return this.#follow(advertisement, nowMs);
  }

  /** The whole Master_Down_Interval from now on: silence until its end would be that of the master. */
  waitFromNow(nowMs: number): RouterEffect {
    this.#takeoverReason = "master_silent";
    return this.#timers.armMasterDown(nowMs + this.#masterDownIntervalMs);
  }

  /**
   * RFC 9568 section 6.4.2 ("If an ADVERTISEMENT is received"). `null`: the master that it follows says goodbye to this
   * router, the only backup, which becomes master.
   */
  received(
    from: IpAddress,
    advertisement: Advertisement,
    soleBackup: boolean,
    nowMs: number,
  ): RouterEffect[] | null {
    const dueMs = this.#dueIfHeardMs;
    this.#dueIfHeardMs = null;
    this.#heardMs = nowMs;
    const followed = this.#master?.address === from;
    // Deviation from RFC 9568 section 6.4.2: the master to which this router has just yielded says goodbye, or is the
    // weaker one now. It has not heard yet that this one is gone: when it hears this one's last adverts, it yields to
    // them. Nobody serves then, so there is nothing to wait for.
    const crossingMs = this.#timers.crossingMs(advertisement.priority === PRIORITY_RELEASE);
    const crossed = followed &&
      this.#election.spokeAbove(advertisement, from, crossingMs, nowMs);
    if (advertisement.priority === PRIORITY_RELEASE) {
      // Any other than the master that it follows says nothing of it: a real master answers within Skew_Time.
      if (soleBackup && followed && !this.#election.waits(nowMs)) return null;
      this.#master = null;
      this.#election.forgetWeaker();
      this.#takeoverReason = "master_released";
      return [this.#timers.armMasterDown(nowMs + (crossed ? 0 : this.#goodbyeWaitMs))];
    }
    this.#master = { address: from, priority: advertisement.priority };
    if (crossed) {
      this.#takeoverReason = "preempted_lower_priority";
      return [this.#timers.armMasterDown(nowMs)];
    }
    if (!this.#election.replaces(advertisement, nowMs)) return [this.#follow(advertisement, nowMs)];
    // Discarded: the timer runs on and this router takes over when it fires.
    this.#takeoverReason = "preempted_lower_priority";
    if (dueMs === null) return [];
    return [this.#timers.armMasterDown(Math.max(dueMs, nowMs))];
  }

  /** The deadline shifts by what Skew_Time changed; `resortBegins`: from now on this router is a last resort. */
  electionChanged(skewChangedMs: number, resortBegins: boolean, nowMs: number): RouterEffect[] {
    const { masterDownAtMs, lastResortMs } = this.#timers;
    const shiftedMs = masterDownAtMs + skewChangedMs;
    let atMs = shiftedMs;
    if (resortBegins && this.#takeoverReason === "master_released") {
      atMs = Math.max(shiftedMs, nowMs + lastResortMs);
    } else if (resortBegins && this.#takeoverReason === "preempted_lower_priority") {
      this.#takeoverReason = "master_silent";
      atMs = nowMs + this.#masterDownIntervalMs;
    }
    return atMs === masterDownAtMs ? [] : [this.#timers.armMasterDown(atMs)];
  }

  /** Accepts the sender as master and restarts the wait for it. */
  #follow(advertisement: Advertisement, nowMs: number): RouterEffect {
    this.#timers.learnInterval(advertisement.intervalCs);
    return this.waitFromNow(nowMs);
  }

  /** The wait after priority 0, in milliseconds. */
  get #goodbyeWaitMs(): number {
    const { lastResort, priority } = this.#election;
    return lastResort ? this.#timers.lastResortMs : this.#timers.skewTimeMs(priority);
  }

  get #masterDownIntervalMs(): number {
    return this.#timers.masterDownIntervalMs(this.#election.priority);
  }
}
