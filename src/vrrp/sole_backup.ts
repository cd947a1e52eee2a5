/**
 * Whether a backup is the only one. Skew_Time (RFC 9568 section 6.1) ranks several backups; a pair has one,
 * and waits for nothing.
 *
 * Deviation from RFC 9568 section 6.4.2, which has every backup wait Skew_Time after priority 0: a sole backup takes
 * over at once. `sole_backup: false` turns it off.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";

/** A third router counts for so long after it was heard last, in milliseconds. */
export const THIRD_ROUTER_MS = 24 * 3_600_000;

/** `sole_backup` of an instance. */
export type SoleBackupChoice = "auto" | boolean;

/** The other routers, as the configuration and the peer's API name them. */
export interface OtherRouters {
  /** `unicast.peers`; `null` with multicast. */
  readonly unicast: readonly IpAddress[] | null;
  /** The nodes of `peers`, each with the addresses from which its adverts may come, as far as they are known. */
  readonly nodes: readonly { readonly name: string; readonly addresses: readonly IpAddress[] }[];
}

/** Whether an instance that is backup is the only one, and why or why not, in words that follow the verdict. */
export interface SoleBackupVerdict {
  readonly applies: boolean;
  readonly why: string;
}

/** No more third routers than these are remembered: one is enough, and adverts can be forged. */
export const MAX_THIRD_ROUTERS = 4;

/** Which routers of a virtual router were heard. Times are of any clock that outlives the program, in milliseconds. */
export class SoleBackup {
  /**
   * The router that stands for the other node: one of its addresses, or the first that was heard. If it was not heard for
   * as long as a third one counts, the next one takes its place: the other node has another address.
   */
  #one: {
    readonly address: IpAddress;
    /** Whether it was known to be the other node since it is heard: its next address makes no third router of it. */
    readonly isOther: boolean;
    /** When it was heard last. */
    atMs: number;
  } | null = null;
  /** When each third router was heard last. */
  readonly #third = new Map<IpAddress, number>();
  readonly #remedy: string;

  /** @param remedy the way to forget a third router that is no node of the pair, in words that follow the verdict */
  constructor(remedy = "") {
    this.#remedy = remedy;
  }

  /** A third router was heard then, in an earlier run. */
  remember(address: IpAddress, atMs: number): void {
    this.#third.set(address, atMs);
  }

  /** True if the other node was heard again, nothing changes, and nothing is left to find out. */
  heardAgain(from: IpAddress, nowMs: number): boolean {
    const one = this.#one;
    if (one === null || from !== one.address || !one.isOther || this.#third.size > 0) return false;
    one.atMs = nowMs;
    return true;
  }

  /** A router was heard. Returns the third one if that makes one, or `null`. */
  heard(from: IpAddress, others: OtherRouters, nowMs: number): IpAddress | null {
    const known = theOnlyOther(others)?.addresses ?? [];
    const isOther = known.includes(from);
    for (const address of known) this.#third.delete(address);
    this.#followClock(nowMs);
    const one = this.#one;
    if (one !== null && nowMs - one.atMs >= THIRD_ROUTER_MS) this.#third.delete(from);
    else if (one !== null && one.address !== from) {
      if (!isOther) return this.#thirdHeard(from, nowMs);
      this.#one = { address: from, isOther, atMs: nowMs };
      const wasOther = one.isOther || known.includes(one.address);
      return wasOther ? null : this.#thirdHeard(one.address, nowMs);
    }
    const wasOther = one?.address === from && one.isOther;
    this.#one = { address: from, isOther: isOther || wasOther, atMs: nowMs };
    return null;
  }

  #thirdHeard(address: IpAddress, nowMs: number): IpAddress {
    for (const [other, atMs] of this.#third) {
      if (nowMs - atMs >= THIRD_ROUTER_MS) this.#third.delete(other);
    }
    if (this.#third.has(address) || this.#third.size < MAX_THIRD_ROUTERS) {
      this.#third.set(address, nowMs);
    }
    return address;
  }

  /** The third routers that were heard. One that turns out to be the other node is none any more. */
  get third(): ReadonlyMap<IpAddress, number> {
    return this.#third;
  }

  /** Nobody knows how long ago it was heard what is later than now: the clock was set back. It counts from now on. */
  #followClock(nowMs: number): void {
    if (this.#one !== null) this.#one.atMs = Math.min(this.#one.atMs, nowMs);
    for (const [address, atMs] of this.#third) {
      if (atMs > nowMs) this.#third.set(address, nowMs);
    }
  }

  /** Whether the goodbye of this master is answered at once; of any, where none is followed (`null`). */
  verdict(
    choice: SoleBackupChoice,
    others: OtherRouters,
    master: IpAddress | null,
    nowMs: number,
  ): SoleBackupVerdict {
    if (choice === false) return { applies: false, why: "`sole_backup: false`" };
    this.#followClock(nowMs);
    const other = theOnlyOther(others);
    for (const [address, atMs] of this.#third) {
      if (nowMs - atMs < THIRD_ROUTER_MS && !other?.addresses.includes(address)) {
        const why = `a third router, ${address}, was heard within 24 h${this.#remedy}`;
        return { applies: false, why };
      }
    }
    if (other !== null && other.addresses.length > 0) {
      if (master !== null && !other.addresses.includes(master)) {
        return { applies: false, why: `its master, ${master}, is not known to be ${other.name}` };
      }
    } else if (choice !== true) return { applies: false, why: whyUnknown(others) };
    return {
      applies: true,
      why: choice === true ? "`sole_backup: true`" : `${other?.name} is the only other node`,
    };
  }
}

/** Why no address of an only other node is known. */
function whyUnknown(others: OtherRouters): string {
  const other = theOnlyOther(others);
  if (other !== null) return `the address of ${other.name} is not known`;
  const count = others.unicast?.length ?? others.nodes.length;
  return count === 0
    ? "neither `peers` nor `unicast` says who the other node is"
    : `there are ${count} other nodes`;
}

/** The one other node, where there is exactly one; `null` where that is not known. */
function theOnlyOther(
  { unicast, nodes }: OtherRouters,
): { readonly name: string; readonly addresses: readonly IpAddress[] } | null {
  if (unicast !== null) {
    const [peer] = unicast;
    return unicast.length === 1 ? { name: peer!, addresses: unicast } : null;
  }
  return nodes.length === 1 ? nodes[0]! : null;
}
