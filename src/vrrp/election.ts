/**
 * Who wins an election: this router, or the one that it hears (RFC 9568 sections 6.4.2 and 6.4.3).
 *
 * Beyond the RFC: with a preempt delay (`preempt/hold-time` of RFC 8347) a weaker master is followed for a while before
 * it is replaced.
 *
 * @module
 */

import { compareIp, type IpAddress } from "../wire/address.ts";
import { type Advertisement, PRIORITY_OWNER } from "../wire/vrrp.ts";
import type { RouterEvent, RouterParameters } from "./router_events.ts";

/** What this router brings to an election, and since when it hears a weaker master. */
export class Election {
  #priority: number;
  #preempt: boolean;
  #lastResort = false;
  #preemptDelayMs: number;
  /** When a weaker master may be replaced; `null` while none is heard. */
  #preemptAtMs: number | null = null;
  #primaryAddress: IpAddress;

  constructor(parameters: RouterParameters) {
    this.#priority = parameters.priority;
    this.#preempt = parameters.preempt;
    this.#preemptDelayMs = parameters.preemptDelayMs;
    this.#primaryAddress = parameters.primaryAddress;
  }

  /** Effective priority now. */
  get priority(): number {
    return this.#priority;
  }

  /** It serves only if nobody else does. */
  get lastResort(): boolean {
    return this.#lastResort;
  }

  /** The owner of the addresses is master from its start (RFC 9568 section 6.4.1). */
  get isOwner(): boolean {
    return this.#priority === PRIORITY_OWNER;
  }

  setPrimaryAddress(address: IpAddress): void {
    this.#primaryAddress = address;
  }

  /** Takes what changed at run time. */
  change(
    { priority, preempt, preemptDelayMs, lastResort = false }: Extract<
      RouterEvent,
      { kind: "electionChanged" }
    >,
  ): void {
    this.#preemptDelayMs = preemptDelayMs;
    if (preemptDelayMs === 0) this.#preemptAtMs = null;
    this.#priority = priority;
    this.#preempt = preempt;
    this.#lastResort = lastResort;
  }

  /** No weaker master is heard any more: the next one is followed for the whole preempt delay. */
  forgetWeaker(): void {
    this.#preemptAtMs = null;
  }

  /** True while a weaker master is followed, within the preempt delay. */
  waits(nowMs: number): boolean {
    return this.#preemptAtMs !== null && nowMs < this.#preemptAtMs;
  }

  /** Whether this backup replaces a master that it has just heard (RFC 9568 section 6.4.2). */
  replaces({ priority }: Advertisement, nowMs: number): boolean {
    if (!this.#preempt || this.#lastResort || priority >= this.#priority) {
      this.#preemptAtMs = null;
      return false;
    }
    this.#preemptAtMs ??= nowMs + this.#preemptDelayMs;
    return nowMs >= this.#preemptAtMs;
  }

  /** Whether this master yields to another one; of equal ones the larger address wins (RFC 9568 section 6.4.3). */
  yieldsTo({ priority }: Advertisement, from: IpAddress): boolean {
    return priority > this.#priority ||
      (priority === this.#priority && compareIp(from, this.#primaryAddress) > 0);
  }
}
