/**
 * The timers of one instance: its router sets them, and hears of each that fires.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Timer } from "../../host/clock.ts";
import type { Host } from "../../host/host.ts";
import type { TimerName } from "../../vrrp/router_events.ts";
import { adverEarlyMs, adverStepMs, TAKEOVER_EARLY_MS } from "../../vrrp/timers.ts";

export class InstanceTimers {
  readonly #config: () => InstanceConfig;
  readonly #host: Pick<Host, "newTimer" | "leadMs" | "stepMs">;
  readonly #timers: Readonly<Record<TimerName, Timer>>;

  /** Calls `fired` for each timer that fires. */
  constructor(
    config: () => InstanceConfig,
    host: Pick<Host, "newTimer" | "leadMs" | "stepMs">,
    fired: (name: TimerName) => void,
  ) {
    this.#config = config;
    this.#host = host;
    const timer = (name: TimerName) => host.newTimer(() => fired(name));
    this.#timers = {
      adver: timer("adver"),
      masterDown: timer("masterDown"),
      handOver: timer("handOver"),
    };
  }

  /** `atMs`: monotonic milliseconds, instead of the time that the timer was set to before. */
  set(name: TimerName, atMs: number): void {
    if (name === "adver") return this.#setAdver(atMs);
    // The router ignores a timer that fires earlier than this: no takeover would follow.
    const leadMs = Math.min(this.#host.leadMs, TAKEOVER_EARLY_MS);
    this.#timers[name].set(name === "masterDown" ? atMs - leadMs : atMs);
  }

  clear(name: TimerName): void {
    this.#timers[name].cancel();
  }

  /** No timer runs any more. */
  close(): void {
    for (const timer of Object.values(this.#timers)) timer.cancel();
  }

  #setAdver(atMs: number): void {
    const { advertIntervalCs } = this.#config();
    const stepMs = adverStepMs(atMs, advertIntervalCs, this.#host.stepMs);
    if (stepMs === null) this.#timers.adver.set(atMs, adverEarlyMs(advertIntervalCs));
    // An earlier wake of the program must not separate this advert from the others that leave at this step.
    else this.#timers.adver.set(stepMs);
  }
}
