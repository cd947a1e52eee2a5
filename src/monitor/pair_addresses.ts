/**
 * The addresses that a pair's routers have advertised not long ago, by which a listener knows who is of the pair.
 *
 * @module
 */

import { KNOWN_MS } from "../vrrp/known_routers.ts";
import type { IpAddress } from "../wire/address.ts";

/** Forged adverts must not fill the memory; an advert has 255 addresses at most. */
const MAX_ADDRESSES = 512;

export class PairAddresses {
  /** When each was last advertised, monotonic milliseconds; the one longest ago first. */
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

  /** True when one of these was advertised within the last hour. */
  has(addresses: readonly IpAddress[], nowMs: number): boolean {
    return addresses.some((address) => {
      const advertisedMs = this.#advertisedMs.get(address);
      return advertisedMs !== undefined && nowMs - advertisedMs < KNOWN_MS;
    });
  }
}
