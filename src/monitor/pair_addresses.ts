/**
 * The addresses that a pair's routers have recently advertised. By them a listener knows which routers belong to the
 * pair.
 *
 * @module
 */

import { KNOWN_MS } from "../vrrp/known_routers.ts";
import type { IpAddress } from "../wire/address.ts";

/** A bound, so that forged adverts cannot fill the memory; an advert has at most 255 addresses. */
const MAX_ADDRESSES = 512;

export class PairAddresses {
  /** When each address was last advertised, in monotonic milliseconds; the oldest first. */
  readonly #advertisedMs = new Map<IpAddress, number>();

  advertised(addresses: readonly IpAddress[], nowMs: number): void {
    for (const address of addresses) {
      this.#advertisedMs.delete(address);
      this.#advertisedMs.set(address, nowMs);
    }
    for (const oldest of this.#advertisedMs.keys()) {
      if (this.#advertisedMs.size <= MAX_ADDRESSES) break;
      this.#advertisedMs.delete(oldest);
    }
  }

  /** True if one of these was advertised within the last hour. */
  has(addresses: readonly IpAddress[], nowMs: number): boolean {
    return addresses.some((address) => {
      const advertisedMs = this.#advertisedMs.get(address);
      return advertisedMs !== undefined && nowMs - advertisedMs < KNOWN_MS;
    });
  }
}
