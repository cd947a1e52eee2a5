/**
 * The timers of one virtual router, as absolute deadlines, and the intervals that they follow from. Arming one returns
 * the effect; that it fired is asked with `...Due`, so that a late or doubled event is harmless.
 *
 * @module
 */

import type { VrrpVersion } from "../wire/vrrp.ts";
import type { RouterEffect, RouterParameters } from "./router_events.ts";
import {
  adverEarlyMs,
  centisecondsToMs,
  crossingMs,
  handOverLimitMs,
  lastResortMs,
  masterDownIntervalMs,
  skewTimeMs,
  TAKEOVER_EARLY_MS,
} from "./timers.ts";

export class RouterTimers {
  readonly #version: VrrpVersion;
  #advertIntervalCs: number;
  #downTimerAdverts: number;
  /** Active_Adver_Interval: learned from the master in version 3, our own in version 2. */
  #masterIntervalCs: number;
  #masterDownAtMs = 0;
  #adverAtMs = 0;
  #handOverAtMs = 0;

  constructor(parameters: RouterParameters) {
    this.#version = parameters.version;
    this.#advertIntervalCs = parameters.advertIntervalCs;
    this.#downTimerAdverts = parameters.downTimerAdverts;
    this.#masterIntervalCs = parameters.advertIntervalCs;
  }

  /** When Master_Down_Timer fires, in milliseconds. */
  get masterDownAtMs(): number {
    return this.#masterDownAtMs;
  }

  /** Skew_Time of a router with this priority, in milliseconds. */
  skewTimeMs(priority: number): number {
    return skewTimeMs(this.#version, priority, this.#masterIntervalCs);
  }

  /** Master_Down_Interval of a router with this priority, in milliseconds. */
  masterDownIntervalMs(priority: number): number {
    return masterDownIntervalMs(
      this.#version,
      priority,
      this.#masterIntervalCs,
      this.#downTimerAdverts,
    );
  }

  /** The wait of a last resort after priority 0, in milliseconds. */
  get lastResortMs(): number {
    return lastResortMs(this.#version, this.#masterIntervalCs);
  }

  /** Within how long the adverts of this router and of the one that it follows may cross, in milliseconds. */
  crossingMs(isGoodbye: boolean): number {
    return crossingMs(this.#masterIntervalCs, isGoodbye);
  }

  /** Another is followed, which says at what interval it speaks (RFC 9568 section 6.4.2); version 2 takes its own. */
  learnInterval(intervalCs: number): void {
    if (this.#version === 3) this.#masterIntervalCs = intervalCs;
  }

  /** Nobody is followed any more. */
  forgetInterval(): void {
    this.#masterIntervalCs = this.#advertIntervalCs;
  }

  /**
   * The configuration changed.
   *
   * @param following whether this router follows another, whose interval it has learned
   */
  configure(advertIntervalCs: number, downTimerAdverts: number, following: boolean): void {
    this.#advertIntervalCs = advertIntervalCs;
    this.#downTimerAdverts = downTimerAdverts;
    if (this.#version === 2 || !following) this.forgetInterval();
  }

  armMasterDown(atMs: number): RouterEffect {
    this.#masterDownAtMs = atMs;
    return { kind: "setTimer", timer: "masterDown", atMs };
  }

  /**
   * Whether adverts of a master are missing that were last heard, or could be heard, at `sinceMs`: half an interval more
   * and a backup takes over.
   */
  advertsMissing(sinceMs: number, nowMs: number): boolean {
    const intervals = this.#downTimerAdverts - 0.5;
    return nowMs - sinceMs >= intervals * centisecondsToMs(this.#masterIntervalCs);
  }

  masterDownDue(nowMs: number): boolean {
    return nowMs >= this.#masterDownAtMs - TAKEOVER_EARLY_MS;
  }

  /** The wait for the slowest possible backup begins. */
  armHandOver(nowMs: number): RouterEffect {
    this.#handOverAtMs = nowMs + handOverLimitMs(this.#version, this.#advertIntervalCs);
    return { kind: "setTimer", timer: "handOver", atMs: this.#handOverAtMs };
  }

  handOverDue(nowMs: number): boolean {
    return nowMs >= this.#handOverAtMs;
  }

  /** An advert has been sent: the next one is due an interval later. */
  armAdver(nowMs: number): RouterEffect {
    return this.#adverAt(nowMs + centisecondsToMs(this.#advertIntervalCs));
  }

  adverDue(nowMs: number): boolean {
    return nowMs >= this.#adverAtMs - adverEarlyMs(this.#advertIntervalCs);
  }

  /**
   * Keeps the cadence when a timer fires late; after a long sleep it starts again instead of catching up. An advert that
   * left early stays in step with those that it left with.
   */
  rearmAdver(nowMs: number): RouterEffect {
    const intervalMs = centisecondsToMs(this.#advertIntervalCs);
    const onTime = Math.min(this.#adverAtMs, nowMs) + intervalMs;
    return this.#adverAt(onTime > nowMs ? onTime : nowMs + intervalMs);
  }

  /** When the last advert was due to be sent, in milliseconds; ask before `configure`. */
  get lastAdverMs(): number {
    return this.#adverAtMs - centisecondsToMs(this.#advertIntervalCs);
  }

  /** The next advert an interval after the last one, where that is sooner than planned; `null` where it is not. */
  hurryAdver(lastAdverMs: number, nowMs: number): RouterEffect | null {
    const sooner = Math.max(nowMs, lastAdverMs + centisecondsToMs(this.#advertIntervalCs));
    return sooner < this.#adverAtMs ? this.#adverAt(sooner) : null;
  }

  /** True when this master has not spoken for as long as its backups wait at least. */
  overslept(nowMs: number): boolean {
    const intervalMs = centisecondsToMs(this.#advertIntervalCs);
    return nowMs - this.#adverAtMs >= (this.#downTimerAdverts - 1) * intervalMs;
  }

  #adverAt(atMs: number): RouterEffect {
    this.#adverAtMs = atMs;
    return { kind: "setTimer", timer: "adver", atMs };
  }
}
