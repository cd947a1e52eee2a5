/**
 * Notices that a virtual router changes between master and backup again and again, as it does when its
 * adverts are lost or come too late (RFC 9568 section 2.5: SHOULD be logged, rate-limited).
 *
 * @module
 */

import type { Alarms } from "./alarms.ts";

/** So many masterships begun within the window are no longer an election. */
const MASTERSHIPS = 4;
const WINDOW_MS = 60_000;

const TEXT = {
  message: "became master again and again within a minute; adverts are lost or late",
  hint:
    "look at the network and at the other node's load, or make advert_interval longer on both nodes",
};

export class FlapWatch {
  readonly #instance: string;
  readonly #alarms: Alarms;
  /** When the last masterships began, monotonic milliseconds. */
  #begunMs: number[] = [];

  constructor(instance: string, alarms: Alarms) {
    this.#instance = instance;
    this.#alarms = alarms;
  }

  /** A mastership begins that nobody ordered. */
  becameMaster(nowMs: number): void {
    this.#begunMs = [...this.#begunMs, nowMs].filter((atMs) => nowMs - atMs < WINDOW_MS);
    if (this.#begunMs.length < MASTERSHIPS) return;
    this.#alarms.raise("flapping", this.#instance, TEXT, WINDOW_MS);
  }
}
