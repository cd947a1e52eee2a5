/**
 * The interface with the virtual router's MAC address, which carries the addresses of an instance that has one
 * (RFC 9568 section 7.3). It is there as long as the instance, and up only while it is master: a backup must discard
 * frames to this MAC address (section 6.4.2), and an interface that is down does.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { sameInterface, type VirtualInterface } from "../vip/virtual_interface.ts";
import type { MacAddress } from "../wire/address.ts";
import { virtualRouterMac } from "../wire/ethernet.ts";
import { Holder, RETRY_MS } from "./holder.ts";
import type { Host, HostError } from "./host.ts";
import type { Journal } from "./journal.ts";

export class VirtualMac {
  readonly mac: MacAddress;
  /** Name of its interface. */
  readonly interface: string;
  readonly #instance: string;
  readonly #wanted: VirtualInterface;
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #made: Holder<VirtualInterface>;
  readonly #raised: Holder<VirtualInterface>;
  #running = false;

  constructor(config: InstanceConfig, name: string, host: Host, journal: Journal) {
    this.mac = virtualRouterMac(config.family, config.vrid);
    this.interface = name;
    this.#instance = config.name;
    this.#wanted = { name, parent: config.interface, mac: this.mac };
    this.#host = host;
    this.#journal = journal;
    this.#made = new Holder({
      same: sameInterface,
      put: (wanted) => host.addInterface(wanted),
      take: () => host.removeInterface(name),
      refused: (action, _, error) => this.#refused(action === "put" ? "made" : "removed", error),
    }, host);
    this.#raised = new Holder({
      same: sameInterface,
      put: () => host.setInterfaceUp(name, true),
      take: () => host.setInterfaceUp(name, false),
      refused: (action, _, error) => this.#refused(action === "put" ? "set up" : "set down", error),
    }, host);
  }

  /** True when the interface is not on the host any more. */
  get none(): boolean {
    return this.#made.held.length === 0;
  }

  /** Why the addresses on the interface do not answer, one sentence: another program has set it down; else `null`. */
  get fault(): string | null {
    const isDown = this.#raised.held.length > 0 &&
      this.#host.interfaceState(this.interface)?.enabled === false;
    return isDown
      ? `interface ${this.interface}, which carries the virtual addresses, is down`
      : null;
  }

  /** Makes the interface, down, as soon as the one below is there. */
  start(): void {
    this.#running = true;
    this.#make();
  }

  /** Sets the interface up: from now on it hears frames to its MAC address. */
  raise(): void {
    this.#raised.want([this.#wanted]);
  }

  /** Sets the interface down. */
  lower(): void {
    this.#raised.want([]);
  }

  /** Removes the interface. */
  stop(): void {
    this.#running = false;
    this.#made.want([]);
  }

  /** An interface changed: with the one below, this one goes; when that one is back, it is made anew. */
  interfaceChanged(): void {
    if (!this.#running) return;
    if (!this.none && this.#host.interfaceState(this.interface) === null) {
      this.#made.lost(this.#made.held);
      this.#raised.lost(this.#raised.held);
    }
    this.#make();
  }

  #make(): void {
    const possible = this.#host.interfaceState(this.#wanted.parent) !== null;
    // Without the interface below there is none, and no need to say so every second.
    if (possible ? this.none : !this.none) this.#made.want(possible ? [this.#wanted] : []);
  }

  #refused(what: string, error: HostError): void {
    const message = `${this.#instance}: interface ${this.interface} cannot be ${what}: ` +
      `${error.message}; tried again every ${RETRY_MS / 1000} s`;
    this.#journal.record("error", "virtual_mac_failed", message, this.#instance);
  }
}
