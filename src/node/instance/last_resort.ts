/**
 * `when_down: last_resort`: a master that is not well lets another node go first. It asks once for each failure, keeps
 * serving if nobody comes, and asks again if another node is known to be better.
 *
 * Deviation from RFC 9568 section 6.4, which knows no such router: without `when_down` there is none.
 *
 * @module
 */

import type { AlarmPlace, Alarms } from "../journal/alarms.ts";

/** Least time between two attempts to hand over, in milliseconds: the second one is for a goodbye that was lost. */
const AGAIN_MS = 10_000;

/** The other nodes, as their APIs show them. */
export interface OtherNodesSeen {
  /** None of them could serve; `false` where that is not known. */
  readonly noneAble: boolean;
  /** One of the others is well and would serve if it were let. */
  readonly better: boolean;
  /** The name of one that would be better if it were not held back; `null` for none. */
  readonly heldBack: string | null;
}

/** An instance at this moment. */
export interface ResortView {
  /** Why it is not well; empty when it is. */
  readonly unwell: readonly string[];
  /** The alarm that reports the whole of it; `null` without one. */
  readonly reportedBy?: AlarmPlace | null;
  readonly state: "master" | "handing_over" | "other";
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

export class LastResort {
  readonly #instance: string;
  readonly #alarms: Alarms;
  /** When it last let another go first, or began to serve because nobody else did; `null` before the first time. */
  #askedMs: number | null = null;
  #master = false;

  constructor(instance: string, alarms: Alarms) {
    this.#instance = instance;
    this.#alarms = alarms;
  }

  /** The caller calls it whenever any of this may have changed. Returns whether it is to let another node go first now. */
  look(
    { unwell, reportedBy = null, state, nowMs }: ResortView,
    others: () => OtherNodesSeen,
  ): boolean {
    const begins = state !== "other" && !this.#master;
    this.#master = state !== "other";
    if (unwell.length === 0) this.#askedMs = null;
    if (unwell.length === 0 || !this.#master) {
      this.#alarms.clear("serving_unwell", this.#instance);
      return false;
    }
    // Nobody else served.
    if (begins) this.#askedMs ??= nowMs;
    if (state === "handing_over") return false;
    if (this.#mayAsk(nowMs, others)) {
      this.#askedMs = nowMs;
      return true;
    }
    // Spent, although nobody was asked.
    this.#askedMs ??= -Infinity;
    this.#alarms.raise("serving_unwell", this.#instance, {
      message: `serves although it is not well, for no other node does: ${unwell.join("; ")}`,
      hint: this.#remedy(others().heldBack),
      evidenceFor: reportedBy,
    });
    return false;
  }

  /** A hold stands above a last resort, because a node that is held back may be the one that makes the addresses move. */
  #remedy(heldBack: string | null): string {
    return heldBack === null
      ? "repair what is named, here or on the other node; the first node that is well serves"
      : `vipd promote ${this.#instance} on ${heldBack} ends its hold, and it serves; or repair ` +
        "what is named here";
  }

  #mayAsk(nowMs: number, others: () => OtherNodesSeen): boolean {
    if (this.#askedMs === null) return !others().noneAble;
    return nowMs - this.#askedMs >= AGAIN_MS && others().better;
  }
}
