/**
 * The virtual addresses on a simulated machine. Its kernel removes a leased one when its time is over, whether or not
 * the process still runs.
 *
 * @module
 */

import type { VirtualAddress } from "../host/addresses.ts";
import { type ActualAddress, type MarkedAddress, sameAddress } from "../vip/addresses.ts";
import type { VirtualTime } from "./time.ts";

/** How late the kernel removes an address whose lease has ended, in milliseconds (vip/lease.ts). */
export const EXPIRY_LATE_MS = 250;

interface Carried {
  readonly address: VirtualAddress;
  /** When it was added or renewed. */
  readonly putMs: number;
  /** When the kernel removes it, in virtual milliseconds. */
  readonly untilMs: number;
}

export class CarriedAddresses {
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #expired: () => void;
  #carried: readonly Carried[] = [];

  /**
   * @param random decides how late the kernel is
   * @param expired called after addresses were removed
   */
  constructor(time: VirtualTime, random: () => number, expired: () => void) {
    this.#time = time;
    this.#random = random;
    this.#expired = expired;
  }

  get all(): VirtualAddress[] {
    return this.#carried.map(({ address }) => address);
  }

  /** All, with when they were renewed. */
  get marked(): MarkedAddress[] {
    return this.#carried.map(({ address, putMs, untilMs }) => ({
      ...address,
      ...(untilMs < Infinity && { renewedAtCs: putMs / 10 }),
    }));
  }

  /** As the kernel shows those on the interfaces that `shows` names. */
  shown(shows: (device: string) => boolean): ActualAddress[] {
    return this.#carried.filter(({ address }) => shows(address.device)).map((
      { address, untilMs },
    ) => ({ ...address, ...(untilMs < Infinity && { ends: true as const }) }));
  }

  /** Adds an address, or gives it a new lease; without one it stays for good. */
  put(address: VirtualAddress, leaseSeconds: number | undefined): void {
    const untilMs = leaseSeconds === undefined
      ? Infinity
      : this.#time.nowMs + leaseSeconds * 1000 + this.#random() * EXPIRY_LATE_MS;
    this.remove((other) => sameAddress(other, address));
    this.#carried = [...this.#carried, { address, putMs: this.#time.nowMs, untilMs }];
    if (leaseSeconds !== undefined) this.#time.schedule(untilMs, () => this.#expire());
  }

  alter(which: (address: VirtualAddress) => boolean, change: Partial<VirtualAddress>): void {
    this.#carried = this.#carried.map(({ address, ...times }) => ({
      address: which(address) ? { ...address, ...change } : address,
      ...times,
    }));
  }

  remove(which: (address: VirtualAddress) => boolean): void {
    this.#carried = this.#carried.filter(({ address }) => !which(address));
  }

  #expire(): void {
    const before = this.#carried;
    this.#carried = before.filter(({ untilMs }) => untilMs > this.#time.nowMs);
    if (this.#carried.length < before.length) this.#expired();
  }
}
