/**
 * The evidence on the link of another machine with an instance's addresses, if no node of the pair says that it has them:
 * that machine is none of the pair, or its API does not answer.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import type { AlarmCode } from "../../status/codes/alarms.ts";
import type { PairNode } from "../../status/pair/view.ts";
import type { AddressConflictStatus } from "../../status/status.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { Instance } from "../instance/instance.ts";
import type { Alarms } from "../journal/alarms.ts";

/** The alarms that are about one, the most certain first; `adverts`: raised by them, not by answers to questions. */
const ALARMS = [
  { code: "vrid_differs", adverts: true },
  { code: "split_brain_advert", adverts: true },
  { code: "split_brain_address", adverts: false },
  { code: "address_conflict", adverts: false },
] as const satisfies readonly { readonly code: AlarmCode; readonly adverts: boolean }[];

/** How old what they have seen may be, in milliseconds: two questions, or what an advert may be late. */
const EVIDENCE_MS = { answers: 2000, adverts: 1500 } as const;
/** A peer's word, and this node's look at it, may be older than what is seen on the link, in milliseconds. */
const WORD_MS = 1000;

export class ConflictEvidence {
  readonly #instance: Instance;
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  /** Monotonic: when a peer said last that it has the addresses. Earlier evidence was of that peer. */
  #explainedMs = -Infinity;

  constructor(
    instance: Instance,
    { clock, alarms }: { readonly clock: Clock; readonly alarms: Alarms },
  ) {
    this.#instance = instance;
    this.#clock = clock;
    this.#alarms = alarms;
  }

  /** Takes the present words of the peers. */
  explainedBy(peers: readonly PairNode[]): void {
    const one = peers.some(({ instance }) =>
      instance !== null && (instance.state === "master" || instance.address_on_backup !== undefined)
    );
    if (one) this.#explainedMs = this.#clock.nowMs();
  }

  /** The evidence at this moment; `null` without a conflict. */
  now(): AddressConflictStatus | null {
    for (const alarm of ALARMS) {
      const seen = this.#seen(alarm);
      if (seen === null || seen.seenMs < this.#explainedMs + WORD_MS) continue;
      return { alarm: alarm.code, message: seen.message, hint: seen.hint };
    }
    return null;
  }

  /** The address of another master whose adverts this master hears; `null` if it hears none. */
  otherMaster(): string | null {
    if (this.#instance.router.state !== "master") return null;
    return this.#seen({ code: "split_brain_advert", adverts: true })?.causes?.[0] ?? null;
  }

  /** An alarm whose evidence is not too old. */
  #seen({ code, adverts }: Pick<(typeof ALARMS)[number], "code" | "adverts">) {
    const { name, advertIntervalCs } = this.#instance.config;
    const seen = this.#alarms.standing(code, name);
    const lastsMs = adverts
      ? EVIDENCE_MS.adverts + centisecondsToMs(advertIntervalCs)
      : EVIDENCE_MS.answers;
    return seen === null || this.#clock.nowMs() - seen.seenMs > lastsMs ? null : seen;
  }
}
