/**
 * One virtual link: datagrams between simulated hosts, with loss, delay, jitter (and so reordering) and
 * duplication, each direction by itself.
 *
 * @module
 */

import type { VrrpDatagram } from "../host/vrrp.ts";
import type { AddressClaim, IpAddress, MacAddress } from "../wire/address.ts";
import { VRRP_TTL } from "../wire/vrrp.ts";
import type { VirtualTime } from "./time.ts";

/** Loss and delay of a datagram on its way. */
export interface LinkConditions {
  /** Probability in [0, 1] that it is lost. */
  readonly loss: number;
  /** Probability in [0, 1] that it arrives twice. */
  readonly duplication: number;
  /** Least time on the way, in milliseconds. */
  readonly delayMs: number;
  /** Up to so much more, in milliseconds. */
  readonly jitterMs: number;
}

/** A quiet Ethernet segment. */
export const GOOD_LINK: LinkConditions = { loss: 0, duplication: 0, delayMs: 0.1, jitterMs: 0.1 };

/** A machine on the link. */
export interface LinkEnd {
  readonly name: string;
  /** True when datagrams to this address, of a host or a group, reach it. */
  answersFor(destination: IpAddress): boolean;
  /** A datagram comes from a MAC address; `filtered` by the machine's firewall, it does not get further than a tap. */
  arrive(datagram: VrrpDatagram, from: MacAddress, filtered: boolean): void;
  /** The MAC address at which it has the address; `null` if it does not have it. */
  macOf(address: IpAddress): MacAddress | null;
  /** The MAC address of its interface. */
  readonly mac: MacAddress;
  /** Somebody says that he has an address. */
  hearClaim(claim: AddressClaim): void;
}

/** Sees every datagram that was sent, whether it arrives or not. */
export type LinkWatcher = (from: LinkEnd, payload: Uint8Array) => void;

export class SimNetwork {
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #ends: LinkEnd[] = [];
  readonly #directions = new Map<string, LinkConditions>();
  readonly #filtered = new Set<string>();
  readonly #watchers: LinkWatcher[] = [];
  #conditions: LinkConditions = GOOD_LINK;
  #longestMs = 0;

  constructor(time: VirtualTime, random: () => number) {
    this.#time = time;
    this.#random = random;
  }

  attach(end: LinkEnd): void {
    this.#ends.push(end);
  }

  watch(watcher: LinkWatcher): void {
    this.#watchers.push(watcher);
  }

  /** The conditions of every direction that has none of its own. */
  setConditions(conditions: LinkConditions): void {
    this.#conditions = conditions;
  }

  /** The conditions of one direction; `null` puts the common ones back. */
  setDirection(from: string, to: string, conditions: LinkConditions | null): void {
    if (conditions) this.#directions.set(`${from} ${to}`, conditions);
    else this.#directions.delete(`${from} ${to}`);
  }

  /** The firewall of `to` drops the VRRP of `from`, and nothing else. */
  filterVrrp(from: string, to: string): void {
    this.#filtered.add(`${from} ${to}`);
  }

  /** True when adverts can get from one host to the other. */
  connects(from: string, to: string): boolean {
    return this.#conditionsOf(from, to).loss < 1 && !this.#filtered.has(`${from} ${to}`);
  }

  /** How long a datagram can have been on its way at most, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** True when nothing is lost by chance: each direction is whole or cut. */
  get lossless(): boolean {
    return [this.#conditions, ...this.#directions.values()].every(({ loss }) =>
      loss === 0 || loss === 1
    );
  }

  /** Nothing passes between the two sides, either way. */
  partition(left: readonly string[], right: readonly string[]): void {
    const cut = { ...this.#conditions, loss: 1 };
    for (const a of left) {
      for (const b of right) {
        this.setDirection(a, b, cut);
        this.setDirection(b, a, cut);
      }
    }
  }

  /** Ends all partitions, filters and other conditions of single directions. */
  heal(): void {
    this.#directions.clear();
    this.#filtered.clear();
  }

  /** Everyone else on the link learns that `from` has the address (gratuitous ARP). */
  announce(from: LinkEnd, claim: AddressClaim): void {
    for (const end of this.#ends) {
      if (end !== from) this.#claim(from, end, claim);
    }
  }

  /** The machine that has the address answers `from`, whatever its processes do. */
  probe(from: LinkEnd, address: IpAddress): void {
    for (const end of this.#ends) {
      if (end === from || this.#conditionsOf(from.name, end.name).loss === 1) continue;
      const mac = end.macOf(address);
      if (mac) this.#claim(end, from, { address, mac });
    }
  }

  /** Draws no random numbers: a question more or less must not change what else happens. */
  #claim(from: LinkEnd, to: LinkEnd, claim: AddressClaim): void {
    const { loss, delayMs, jitterMs } = this.#conditionsOf(from.name, to.name);
    if (loss === 1) return;
    this.#time.schedule(this.#time.nowMs + delayMs + jitterMs, () => to.hearClaim(claim));
  }

  /** To a multicast group: everyone on the link but the sender; to an address: who has it. */
  send(
    from: LinkEnd,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl = VRRP_TTL,
  ): void {
    for (const watcher of this.#watchers) watcher(from, payload);
    const copy = payload.slice();
    for (const end of this.#ends) {
      if (end === from || !end.answersFor(destination)) continue;
      const conditions = this.#conditionsOf(from.name, end.name);
      if (this.#random() < conditions.loss) continue;
      const copies = this.#random() < conditions.duplication ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        const { delayMs, jitterMs } = conditions;
        this.#longestMs = Math.max(this.#longestMs, delayMs + jitterMs);
        const atMs = this.#time.nowMs + delayMs + this.#random() * jitterMs;
        const datagram = { interface: "", source, destination, ttl, payload: copy };
        const filtered = this.#filtered.has(`${from.name} ${end.name}`);
        this.#time.schedule(atMs, () => end.arrive(datagram, from.mac, filtered));
      }
    }
  }

  #conditionsOf(from: string, to: string): LinkConditions {
    return this.#directions.get(`${from} ${to}`) ?? this.#conditions;
  }
}
