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

interface HeardRouter {
  readonly address: IpAddress;
  /** When it was heard last. */
  atMs: number;
}

/** Which routers of a virtual router were heard. Times are of any clock that outlives the program, in milliseconds. */
export class SoleBackup {
  /**
   * The router that stands for the other node: one of its addresses, or the first that was heard. If it was not heard for
   * as long as a third one counts, the next one takes its place: the other node has another address.
   */
  #one: HeardRouter | null = null;
  #third: HeardRouter | null = null;

  /** A third router was heard then, in an earlier run. */
  remember(address: IpAddress, atMs: number): void {
    this.#third = { address, atMs };
  }

  /** True if this is the router that stands for the other node, which was heard again: nothing changes. */
  heardAgain(from: IpAddress, nowMs: number): boolean {
    if (from !== this.#one?.address) return false;
    this.#one.atMs = nowMs;
    return true;
  }

  /** A router was heard. Returns the third one if that makes one, or `null`. */
  heard(from: IpAddress, others: OtherRouters, nowMs: number): IpAddress | null {
    const one = this.#one;
    const heard = { address: from, atMs: nowMs };
    if (one === null || one.address === from || nowMs - one.atMs >= THIRD_ROUTER_MS) {
      this.#one = heard;
      if (one !== null && this.#third?.address === from) this.#third = null;
      return null;
    }
    const known = theOnlyOther(others)?.addresses ?? [];
    if (!known.includes(from)) return this.#thirdHeard(from, nowMs);
    this.#one = heard;
    return known.includes(one.address) ? null : this.#thirdHeard(one.address, nowMs);
  }

  #thirdHeard(address: IpAddress, nowMs: number): IpAddress {
    this.#third = { address, atMs: nowMs };
    return address;
  }

  verdict(choice: SoleBackupChoice, others: OtherRouters, nowMs: number): SoleBackupVerdict {
    if (choice === false) return { applies: false, why: "`sole_backup: false`" };
    const third = this.#third;
    if (third !== null && nowMs - third.atMs < THIRD_ROUTER_MS) {
      return { applies: false, why: `a third router, ${third.address}, was heard within 24 h` };
    }
    if (choice === true) return { applies: true, why: "`sole_backup: true`" };
    const other = theOnlyOther(others);
    if (other !== null) {
      return other.addresses.length > 0
        ? { applies: true, why: `${other.name} is the only other node` }
        : { applies: false, why: `the address of ${other.name} is not known` };
    }
    const count = others.unicast?.length ?? others.nodes.length;
    return count === 0
      ? { applies: false, why: "neither `peers` nor `unicast` says who the other node is" }
      : { applies: false, why: `there are ${count} other nodes` };
  }

  /** Whether priority 0 from this router may be answered at once. */
  mayTakeOver(
    from: IpAddress,
    choice: SoleBackupChoice,
    others: OtherRouters,
    nowMs: number,
  ): boolean {
    if (!this.verdict(choice, others, nowMs).applies) return false;
    const other = theOnlyOther(others);
    return other === null || other.addresses.length === 0
      ? choice === true
      : other.addresses.includes(from);
  }
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
