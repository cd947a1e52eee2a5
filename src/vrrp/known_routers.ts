/**
 * The routers that advertised an address of this virtual router not long ago: they are of its pair, even while their
 * addresses are being changed, node by node.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";

/** How long a router stays known without an address in common, in milliseconds. */
export const KNOWN_MS = 3_600_000;
/** A pair has one other node. Forged senders must not fill the memory: who was heard longest ago goes first. */
const MAX_KNOWN = 16;

export class KnownRouters {
  /** When each last advertised an address of ours, monotonic milliseconds. */
  readonly #sharedMs = new Map<IpAddress, number>();

  /** A router has just advertised an address of ours, and passed all receive checks. */
  shared(router: IpAddress, nowMs: number): void {
    if (this.#sharedMs.size >= MAX_KNOWN && !this.#sharedMs.has(router)) this.#forgetOldest();
    this.#sharedMs.set(router, nowMs);
  }

  /** True for one that has advertised an address of ours within the last hour. */
  knows(router: IpAddress, nowMs: number): boolean {
    const sharedMs = this.#sharedMs.get(router);
    return sharedMs !== undefined && nowMs - sharedMs < KNOWN_MS;
  }

  #forgetOldest(): void {
    let oldest: IpAddress | null = null;
    let oldestMs = Infinity;
    for (const [router, sharedMs] of this.#sharedMs) {
      if (sharedMs < oldestMs) [oldest, oldestMs] = [router, sharedMs];
    }
    if (oldest !== null) this.#sharedMs.delete(oldest);
  }
}
