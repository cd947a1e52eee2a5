/**
 * The interfaces of a simulated machine: its own one on the virtual link, those that its process has made, and others
 * that are on the link of nobody.
 *
 * @module
 */

import type { VirtualAddress } from "../host/addresses.ts";
import type { InterfaceAddress, InterfaceState, VirtualInterface } from "../host/interfaces.ts";
import { formatMac, type IpAddress, type MacAddress } from "../wire/address.ts";
import type { CarriedAddresses } from "./carried_addresses.ts";

/** How another interface is. */
export interface OtherInterface {
  readonly enabled: boolean;
  readonly up: boolean;
  /** Its number; that of an interface that another one was before differs. 3 if not said. */
  readonly index?: number;
  /** Its own addresses; none if not said. */
  readonly own?: readonly InterfaceAddress[];
}

export class SimInterfaces {
  /** Name of its own interface. */
  readonly name: string;
  /** The MAC address of its own interface. */
  mac: MacAddress;
  /** The addresses of its own interface that are not virtual. */
  own: readonly InterfaceAddress[];
  enabled = true;
  carrier = true;
  readonly #carried: CarriedAddresses;
  /** Interfaces that the program has made, whether they are up, and whether they have its mark. */
  readonly #made = new Map<
    string,
    { readonly desired: VirtualInterface; up: boolean; marked: boolean }
  >();
  /** Interfaces next to its own. */
  readonly #others = new Map<string, OtherInterface>();

  constructor(
    name: string,
    mac: MacAddress,
    own: readonly InterfaceAddress[],
    carried: CarriedAddresses,
  ) {
    this.name = name;
    this.mac = mac;
    this.own = own;
    this.#carried = carried;
  }

  /** True when its own interface is up and has a carrier. */
  get linkUp(): boolean {
    return this.enabled && this.carrier;
  }

  state(name: string): InterfaceState | null {
    const made = this.#made.get(name);
    if (made) {
      const { mac } = made.desired;
      const addresses = this.#carried.shown((device) => device === name);
      return { name, index: 2, enabled: made.up, up: made.up && this.linkUp, mac, addresses };
    }
    const other = this.#others.get(name);
    if (other) {
      const { own = [], ...flags } = other;
      const addresses = [...foreign(own), ...this.#carried.shown((device) => device === name)];
      return { name, index: 3, ...flags, mac: this.mac, addresses };
    }
    if (name !== this.name) return null;
    return {
      name,
      index: 1,
      enabled: this.enabled,
      up: this.linkUp,
      mac: this.mac,
      addresses: this.addresses(),
    };
  }

  /** Its own one, those that its process has made, and the others. */
  names(): string[] {
    return [this.name, ...this.#made.keys(), ...this.#others.keys()];
  }

  /** All addresses of its own interface. */
  addresses(): InterfaceAddress[] {
    const elsewhere = (device: string) => this.#made.has(device) || this.#others.has(device);
    return [
      ...foreign(this.own),
      ...this.#carried.shown((device) => !elsewhere(device)),
    ];
  }

  /** True of the machine's own, which stay as they are. */
  isOwn({ address, device }: VirtualAddress): boolean {
    return device === this.name && this.own.some((own) => own.address === address);
  }

  /** The MAC address of an interface; a virtual one's if it is that of a virtual router. */
  macOn(device: string): MacAddress {
    return this.#made.get(device)?.desired.mac ?? this.mac;
  }

  /** The MAC address that answers for an address here; `null` if none does. */
  macOf(address: IpAddress): MacAddress | null {
    const virtual = this.#carried.all.find((other) => other.address === address);
    const has = virtual !== undefined || this.addresses().some((own) => own.address === address);
    return this.linkUp && has ? this.macOn(virtual?.device ?? this.name) : null;
  }

  hasMac(mac: MacAddress): boolean {
    const macs = [this.mac, ...Array.from(this.#made.values(), ({ desired }) => desired.mac)];
    return macs.some((own) => formatMac(own) === formatMac(mac));
  }

  /** Another interface is there in this state, or gone (`null`). */
  setOther(name: string, state: OtherInterface | null): void {
    if (state) this.#others.set(name, state);
    else this.#others.delete(name);
  }

  /** Makes an interface, down; false if there is one of the name. */
  make(desired: VirtualInterface): boolean {
    if (this.#made.has(desired.name)) return false;
    this.#made.set(desired.name, { desired, up: false, marked: true });
    return true;
  }

  /** An interface that was made has the mark from now on, or has lost it. */
  mark(name: string, marked: boolean): void {
    const made = this.#made.get(name);
    if (made) made.marked = marked;
  }

  /** Sets one that was made up or down; false if there is none. */
  setMade(name: string, up: boolean): boolean {
    const made = this.#made.get(name);
    if (made) made.up = up;
    return made !== undefined;
  }

  /** Removes one that was made, and its addresses. */
  remove(name: string): void {
    this.#made.delete(name);
    this.#carried.remove(({ device }) => device === name);
  }

  /** The names of those that were made and have the mark. */
  marked(): readonly string[] {
    return Array.from(this.#made).filter(([, { marked }]) => marked).map(([name]) => name);
  }

  /** The machine loses its power. */
  clear(): void {
    this.#made.clear();
  }
}

function foreign(addresses: readonly InterfaceAddress[]): InterfaceAddress[] {
  return addresses.map((address) => ({ ...address, foreign: true as const }));
}
