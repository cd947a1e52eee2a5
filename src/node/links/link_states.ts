/**
 * The links of the host's interfaces as the instances see them. If an interface has delays, a change of its link counts
 * only when it has lasted: a switch port that comes up may pass nothing for seconds, and a flap costs no election.
 *
 * @module
 */

import type { LinkDelays } from "../../config/model.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { Interfaces } from "../../host/interfaces.ts";

/** `settling`: it has a carrier, but not for as long as its `up_delay` yet. */
export type LinkState = "up" | "absent" | "down" | "no_carrier" | "settling";

/** The questions of the instances. */
export interface Links {
  state(interfaceName: string): LinkState;
}

/** An interface whose link has delays. */
interface DelayedLink {
  readonly delays: LinkDelays;
  /** The state that counts now. */
  up: boolean;
  /** Of the interface that has the name: another one begins from the start. */
  index: number | null;
  /** `null` while what counts is what is. */
  cancelChange: CancelTimer | null;
}

export class LinkStates implements Links {
  readonly #host: Clock & Interfaces;
  readonly #changed: (interfaceName: string) => void;
  #delayed: ReadonlyMap<string, DelayedLink> = new Map();

  /** `changed` is called when a delay is over and the link's state counts from now on. */
  constructor(
    delays: readonly LinkDelays[],
    host: Clock & Interfaces,
    changed: (interfaceName: string) => void,
  ) {
    this.#host = host;
    this.#changed = changed;
    this.reconfigure(delays);
  }

  state(interfaceName: string): LinkState {
    const state = this.#host.interfaceState(interfaceName);
    if (!state) return "absent";
    const counted = this.#delayed.get(interfaceName)?.up ?? state.up;
    if (counted) return "up";
    if (state.up) return "settling";
    return state.enabled ? "no_carrier" : "down";
  }

  /** Other delays from now on: what waits begins its wait again, what has none any more counts at once. */
  reconfigure(delays: readonly LinkDelays[]): void {
    const before = this.#delayed;
    this.#delayed = new Map(delays.map((entry) => {
      const state = this.#host.interfaceState(entry.name);
      // At the start the link counts as it is: start_delay is for ports that pass nothing then.
      const { up = state?.up ?? false, index = state?.index ?? null } = before.get(entry.name) ??
        {};
      return [entry.name, { delays: entry, up, index, cancelChange: null }];
    }));
    for (const { cancelChange } of before.values()) cancelChange?.();
    for (const name of this.#delayed.keys()) this.interfaceChanged(name);
  }

  /** Looks at the interface again; the caller calls it before anyone asks for its state. */
  interfaceChanged(interfaceName: string): void {
    const link = this.#delayed.get(interfaceName);
    if (!link) return;
    const state = this.#host.interfaceState(interfaceName);
    const index = state?.index ?? null;
    if (index !== link.index) link.up = false;
    link.index = index;
    if ((state?.up ?? false) === link.up) {
      link.cancelChange?.();
      link.cancelChange = null;
    } else if (!link.cancelChange) this.#settle(interfaceName, link);
  }

  close(): void {
    for (const { cancelChange } of this.#delayed.values()) cancelChange?.();
    this.#delayed = new Map();
  }

  #settle(interfaceName: string, link: DelayedLink): void {
    const delayMs = link.up ? link.delays.downDelayMs : link.delays.upDelayMs;
    if (delayMs === 0) {
      link.up = !link.up;
      return;
    }
    link.cancelChange = this.#host.setTimer(this.#host.nowMs() + delayMs, () => {
      link.cancelChange = null;
      link.up = !link.up;
      this.#changed(interfaceName);
    });
  }
}

/** The fault of an interface's link, as the end of a sentence that names it; `null` if nothing is. */
export function linkProblem(state: LinkState): string | null {
  return state === "up" ? null : LINK_PROBLEMS[state];
}

const LINK_PROBLEMS: Readonly<Record<Exclude<LinkState, "up">, string>> = {
  absent: "does not exist",
  down: "is down",
  no_carrier: "has no carrier",
  settling: "has a carrier, but its up_delay is not over",
};
