/** Drives one virtual router on virtual time and writes its effects as short text. */

import { VirtualRouter } from "../../src/vrrp/router.ts";
import type { RouterEffect, RouterEvent, RouterParameters } from "../../src/vrrp/router_events.ts";
import type { IpAddress } from "../../src/wire/address.ts";
import type { Advertisement } from "../../src/wire/vrrp.ts";

/** Below, equal to and above the driven router's own address, as numbers; as text the order is another. */
export const LOWER_ADDRESS = "192.0.2.9";
export const OWN_ADDRESS = "192.0.2.10";
export const HIGHER_ADDRESS = "192.0.2.11";

const DEFAULTS: RouterParameters = {
  version: 2,
  advertIntervalCs: 100,
  priority: 100,
  downTimerAdverts: 3,
  preempt: true,
  preemptDelayMs: 0,
  primaryAddress: OWN_ADDRESS,
};

/** Master_Down_Interval and Skew_Time of the defaults, in milliseconds. */
export const DOWN_MS = 3609.375;
export const SKEW_MS = 609.375;
/** How long the default router waits in a hand-over, in milliseconds. */
export const HAND_OVER_MS = 1000 * 255 / 256 + 200;

/** One effect as text: `send 100`, `set adver 1000`, `init -> backup: startup`. */
export function describeEffect(effect: RouterEffect): string {
  switch (effect.kind) {
    case "sendAdvertisement":
      return `send ${effect.priority}`;
    case "acquireAddresses":
      return "acquire";
    case "releaseAddresses":
      return "release";
    case "announceAddresses":
      return effect.cause === "goodbye" ? "announce after goodbye" : "announce";
    case "setTimer":
      return `set ${effect.timer} ${effect.atMs}`;
    case "clearTimer":
      return `clear ${effect.timer}`;
    case "handOverEnded":
      return effect.taken ? "taken over" : effect.nobodyCame ? "nobody came" : "not taken over";
    case "stateChanged":
      return `${effect.from} -> ${effect.to}: ${effect.reason}`;
  }
}

export class Driver {
  readonly router: VirtualRouter;
  readonly #parameters: RouterParameters;

  constructor(parameters: Partial<RouterParameters> = {}) {
    this.#parameters = { ...DEFAULTS, ...parameters };
    this.router = new VirtualRouter(this.#parameters);
  }

  /** One event at `nowMs`; its effects as text, in order. */
  at(nowMs: number, event: RouterEvent | RouterEvent["kind"]): string[] {
    const whole = typeof event === "string" ? wholeEvent(event) : event;
    return this.router.handle(whole, nowMs).map(describeEffect);
  }

  /** A timer fires at `nowMs`. */
  fires(nowMs: number, timer: "adver" | "masterDown" | "handOver"): string[] {
    return this.at(nowMs, { kind: "timerFired", timer });
  }

  /** An accepted advert arrives at `nowMs`. */
  hears(
    nowMs: number,
    priority: number,
    from: IpAddress = LOWER_ADDRESS,
    intervalCs = this.#parameters.advertIntervalCs,
  ): string[] {
    const { version } = this.#parameters;
    const advertisement: Advertisement = {
      version,
      vrid: 51,
      priority,
      intervalCs,
      addresses: ["192.0.2.1"],
    };
    return this.at(nowMs, { kind: "advertisementReceived", from, advertisement });
  }

  /** Priority 0 arrives at `nowMs`, from the only other router as far as this node knows. */
  hearsOnlyOther(nowMs: number, from: IpAddress = LOWER_ADDRESS): string[] {
    const { version, advertIntervalCs: intervalCs } = this.#parameters;
    const addresses = ["192.0.2.1"];
    const advertisement: Advertisement = { version, vrid: 51, priority: 0, intervalCs, addresses };
    return this.at(nowMs, {
      kind: "advertisementReceived",
      from,
      advertisement,
      soleBackup: true,
    });
  }

  /** Something breaks at `nowMs`; `silent` when the link is gone too. */
  fails(nowMs: number, silent = false): string[] {
    return this.at(nowMs, { kind: "fault", silent });
  }
}

function wholeEvent(kind: RouterEvent["kind"]): RouterEvent {
  if (kind === "handOver") return { kind, reason: "demote" };
  return kind === "takeOver" ? { kind, reason: "promote" } : { kind } as RouterEvent;
}

/** A router that became backup at 0. */
export function backup(parameters: Partial<RouterParameters> = {}): Driver {
  const driver = new Driver(parameters);
  driver.at(0, "startup");
  return driver;
}

/** A router that became master at 0, so that its next advert is due one interval later. */
export function master(parameters: Partial<RouterParameters> = {}): Driver {
  const driver = new Driver(parameters);
  const { masterDownIntervalMs } = driver.router;
  driver.at(-masterDownIntervalMs, "startup");
  driver.fires(0, "masterDown");
  return driver;
}
