/**
 * The host's own addresses in the networks of virtual ones that have just been lost. The kernel may have removed the
 * virtual addresses with them, and they are to come after them again.
 *
 * @module
 */

import { type PlacedAddress, sharesNetwork } from "../../vip/network.ts";

/**
 * How long an own address may be away without any consequence, in milliseconds: a program that configures the network
 * removes and adds addresses, and peers wait for much longer than that.
 */
export const ADDRESS_GRACE_MS = 200;

export class LostAddresses {
  /** The own addresses that the networks have, or had a moment ago; when each was lost. */
  #known: readonly { readonly own: PlacedAddress; readonly lostMs: number | null }[] = [];

  /** Takes those that the devices have now. */
  look(own: readonly PlacedAddress[], nowMs: number): void {
    const lost = this.#known.filter((known) =>
      !own.some((other) => standsFor(other, known.own)) && !isOver(known.lostMs, nowMs)
    );
    this.#known = [
      ...own.map((address) => ({ own: address, lostMs: null })),
      ...lost.map((known) => ({ own: known.own, lostMs: known.lostMs ?? nowMs })),
    ];
  }

  /** True while a network has lost its own address, or the host one of IPv6, which may be back in a moment. */
  someAwaited(nowMs: number): boolean {
    return this.#known.some(({ lostMs }) => lostMs !== null && !isOver(lostMs, nowMs));
  }

  /** Until when the own address of this virtual one's network is waited for; `null` when it is not. */
  awaitedUntilMs(virtual: PlacedAddress): number | null {
    const network = this.#known.filter(({ own }) => sharesNetwork(own, virtual));
    const lostMs = network[0]?.lostMs ?? null;
    return lostMs === null ? null : lostMs + ADDRESS_GRACE_MS;
  }
}

/** True if nothing is missing of `lost` while `other` is there. */
function standsFor(other: PlacedAddress, lost: PlacedAddress): boolean {
  const same = other.address === lost.address && other.device === lost.device;
  return same || sharesNetwork(other, lost);
}

function isOver(lostMs: number | null, nowMs: number): boolean {
  return lostMs !== null && nowMs >= lostMs + ADDRESS_GRACE_MS;
}
