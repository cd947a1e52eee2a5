/**
 * Drives one virtual router: gives it one event after the other, and performs the effects of each in order before the
 * next.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import type { VirtualRouter } from "../../vrrp/router.ts";
import type {
  HandOverEnded,
  RouterEffect,
  RouterEvent,
  StateChanged,
} from "../../vrrp/router_events.ts";
import type { InstanceResources } from "../resources/instance_resources.ts";
import type { OwnAdverts } from "./adverts/own_adverts.ts";
import type { InstanceTimers } from "./instance_timers.ts";

/** The parts that perform the effects of a router. */
export interface RouterParts {
  readonly host: Pick<Host, "nowMs">;
  readonly router: VirtualRouter;
  readonly timers: InstanceTimers;
  readonly adverts: OwnAdverts;
  readonly resources: InstanceResources;
  readonly stateChanged: (change: StateChanged) => void;
  /** All effects of one event are done; `handOver` is the hand-over that ended with it. */
  readonly settled: (handOver: HandOverEnded | null) => void;
}

export class RouterDriver {
  readonly #parts: RouterParts;
  readonly #queue: RouterEvent[] = [];
  #dispatching = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Handles the event. If an effect causes another event, that one waits until all effects before it are done. */
  dispatch(event: RouterEvent): void {
    // Before anything else after a sleep: an instance whose addresses were not renewed in time is backup.
    if (this.#parts.resources.addresses.leaseLapsed) this.#queue.push({ kind: "leaseLapsed" });
    this.#queue.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#handle(next);
    } finally {
      this.#dispatching = false;
    }
  }

  #handle(event: RouterEvent): void {
    const { host, router, adverts, settled } = this.#parts;
    let handOver: HandOverEnded | null = null;
    const wasMaster = router.state === "master";
    const effects = router.handle(event, host.nowMs());
    if (router.state === "master" && !wasMaster) adverts.stall.begin();
    for (const effect of effects) {
      if (effect.kind === "handOverEnded") handOver = effect;
      else this.#perform(effect);
    }
    settled(handOver);
  }

  #perform(effect: Exclude<RouterEffect, HandOverEnded>): void {
    const { timers, adverts, resources } = this.#parts;
    switch (effect.kind) {
      case "sendAdvertisement":
        return adverts.send(effect.priority);
      case "acquireAddresses":
        return resources.acquire();
      case "releaseAddresses":
        adverts.stall.end();
        return resources.release(effect.heard);
      case "announceAddresses":
        return resources.addresses.announce(effect.cause);
      case "setTimer":
        return timers.set(effect.timer, effect.atMs);
      case "clearTimer":
        return timers.clear(effect.timer);
      case "stateChanged":
        return this.#parts.stateChanged(effect);
    }
  }
}
