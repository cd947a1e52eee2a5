/**
 * The winner of an election: this router, or the one that it hears (RFC 9568 sections 6.4.2 and 6.4.3).
 *
 * Beyond the RFC: with a preempt delay (`preempt/hold-time` of RFC 8347) a weaker master is followed for a while before
 * it is replaced.
 *
 * @module
 */

import { compareIp, type IpAddress } from "../wire/address.ts";
import { type Advertisement, PRIORITY_OWNER, PRIORITY_RELEASE } from "../wire/vrrp.ts";
import type { RouterEvent, RouterParameters } from "./router_events.ts";

/** Priority and address, which decide between two routers. */
export interface Rank {
  readonly priority: number;
  /** Source of its adverts; one that is not known decides no tie. */
  readonly address: IpAddress | null;
}

/**
 * Whether of two masters the one with the rank `one` stays and the other yields: the one with the higher priority, of
 * equal ones that with the larger address (RFC 9568 section 6.4.3).
 */
export function outranks(one: Rank, other: Rank): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  return one.address !== null && other.address !== null &&
    compareIp(one.address, other.address) > 0;
}

/** Whether a backup may replace a master: not one of its own priority, whatever the addresses (section 6.4.2). */
export function mayReplace(
  backup: Pick<Rank, "priority">,
  master: Pick<Rank, "priority">,
): boolean {
  return backup.priority > master.priority;
}

/** The rank of this router in an election, and the time since when it hears a weaker master. */
export class Election {
  #priority: number;
  #preempt: boolean;
  #lastResort = false;
  #preemptDelayMs: number;
  /** When a weaker master may be replaced; `null` while none is heard. */
  #preemptAtMs: number | null = null;
  #primaryAddress: IpAddress;
  /** The priority in its last advert. */
  #spokenPriority = PRIORITY_RELEASE;
  /** When it last advertised itself, not priority 0. */
  #spokenMs = -Infinity;

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

  /** An advert of this router leaves. */
  spoke(priority: number, nowMs: number): void {
    this.#spokenPriority = priority;
    if (priority !== PRIORITY_RELEASE) this.#spokenMs = nowMs;
  }

  /**
   * Whether this router has advertised itself within the last `withinMs`, and the sender of this advert yields to that: to
   * what outranks it, or to anything if it has said goodbye.
   */
  spokeAbove(
    { priority }: Advertisement,
    from: IpAddress,
    withinMs: number,
    nowMs: number,
  ): boolean {
    if (nowMs - this.#spokenMs >= withinMs) return false;
    const spoken = { priority: this.#spokenPriority, address: this.#primaryAddress };
    return priority === PRIORITY_RELEASE || outranks(spoken, { priority, address: from });
  }

  /** Whether this backup replaces a master that it has just heard (RFC 9568 section 6.4.2). */
  replaces(master: Advertisement, nowMs: number): boolean {
    if (!this.#preempt || this.#lastResort || !mayReplace(this, master)) {
      this.#preemptAtMs = null;
      return false;
    }
    this.#preemptAtMs ??= nowMs + this.#preemptDelayMs;
    return nowMs >= this.#preemptAtMs;
  }

  /** Whether this master yields to another one. */
  yieldsTo({ priority }: Advertisement, from: IpAddress): boolean {
    const own = { priority: this.#priority, address: this.#primaryAddress };
    return outranks({ priority, address: from }, own);
  }
}
