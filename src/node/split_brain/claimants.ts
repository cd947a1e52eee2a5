/**
 * The hosts that have claimed an instance's addresses since it was noticed that somebody else does. It is bounded, because anybody on the
 * link can claim them from as many MAC addresses as he likes: few claimants are known one by one, the rest is counted.
 *
 * @module
 */

import type { DropReason } from "../../vrrp/receive.ts";
import type { IpAddress } from "../../wire/address.ts";

/** A pair has one other node; there are some places more for foreign hosts. */
const MAX_KNOWN = 16;
const MAX_COUNTED = 1000;
/** More than the nodes that claim an address in a change of master. */
const CROWD = 5;

/** The known facts about a claimant's adverts. */
export type ClaimantAdvert =
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly source: IpAddress; readonly why: DropReason }
  /** It advertises the claimed addresses, or some of them, under this VRID. */
  | { readonly kind: "otherVrid"; readonly source: IpAddress; readonly vrid: number }
  | { readonly kind: "good"; readonly source: IpAddress; readonly priority: number };

/** A MAC address from which the addresses are claimed. */
export interface Claimant {
  readonly mac: string;
  /** The address that it claimed first. */
  readonly address: IpAddress;
  readonly firstMs: number;
  lastMs: number;
  advert: ClaimantAdvert;
}

export class Claimants {
  /** The address that was claimed first, and when. */
  readonly address: IpAddress;
  readonly firstMs: number;
  #lastMs: number;
  readonly #known = new Map<string, Claimant>();
  readonly #adverts = new Map<string, ClaimantAdvert>();
  /** The MAC addresses that were heard since `#countedFromMs`, and in the time before. */
  #macs = new Set<string>();
  #earlierMacs = new Set<string>();
  #countedFromMs: number;

  constructor(address: IpAddress, nowMs: number) {
    this.address = address;
    this.firstMs = nowMs;
    this.#lastMs = nowMs;
    this.#countedFromMs = nowMs;
  }

  /** When the last claim was heard. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** From how many MAC addresses the addresses were claimed of late; 1000 stands for more, too. */
  get count(): number {
    return Math.max(this.#macs.size, this.#earlierMacs.size);
  }

  /** True when more claim the addresses than a change of master explains. */
  get isCrowd(): boolean {
    return this.count >= CROWD;
  }

  /** True when it is one more that is known. */
  claimed(mac: string, address: IpAddress, nowMs: number): boolean {
    this.#lastMs = nowMs;
    if (this.#macs.size < MAX_COUNTED) this.#macs.add(mac);
    const known = this.#known.get(mac);
    if (known) {
      known.lastMs = nowMs;
      return false;
    }
    const advert = this.#adverts.get(mac) ?? { kind: "none" };
    if (this.#known.size >= MAX_KNOWN && !this.#makeRoomFor(advert)) return false;
    this.#known.set(mac, { mac, address, firstMs: nowMs, lastMs: nowMs, advert });
    return true;
  }

  /** An advert came from this MAC address. True when it is the first one of a claimant. */
  advertised(mac: string, advert: ClaimantAdvert): boolean {
    if (this.#adverts.size < MAX_KNOWN || this.#adverts.has(mac)) this.#adverts.set(mac, advert);
    const known = this.#known.get(mac);
    const isFirst = known?.advert.kind === "none";
    if (known) known.advert = advert;
    return isFirst;
  }

  /** Whether one that came since then has sent no advert yet. */
  awaitAdverts(sinceMs: number): boolean {
    return this.#known.values().some(({ firstMs, advert }) =>
      firstMs >= sinceMs && advert.kind === "none"
    );
  }

  /** The host that has claimed the addresses for so long: one whose adverts come rather than another, else the first. */
  lasting(forMs: number): Claimant | null {
    const all = Array.from(this.#known.values())
      .filter(({ firstMs, lastMs }) => lastMs - firstMs >= forMs);
    return all.find(({ advert }) => advert.kind !== "none") ?? all[0] ?? null;
  }

  /** The youngest of those that have claimed the addresses since then. */
  youngestSince(sinceMs: number): Claimant | null {
    return Array.from(this.#known.values()).findLast(({ lastMs }) => lastMs >= sinceMs) ?? null;
  }

  /** A host that has claimed nothing for so long counts as new when it comes again. */
  forgetSilent(forMs: number, nowMs: number): void {
    for (const [mac, { lastMs }] of this.#known) {
      if (nowMs - lastMs > forMs) this.#known.delete(mac);
    }
    if (nowMs - this.#countedFromMs <= forMs) return;
    this.#earlierMacs = this.#macs;
    this.#macs = new Set();
    this.#countedFromMs = nowMs;
  }

  /** A router is not kept out by those that only claim. */
  #makeRoomFor({ kind }: ClaimantAdvert): boolean {
    if (kind === "none") return false;
    const one = Array.from(this.#known.values()).find(({ advert }) => advert.kind === "none");
    return one !== undefined && this.#known.delete(one.mac);
  }
}
