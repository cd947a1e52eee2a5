/**
 * The interface with the virtual router's MAC address, which carries the addresses of an instance that has one
 * (RFC 9568 section 7.3). It is there as long as the instance, and up only while it is master: a backup must discard
 * frames to this MAC address (section 6.4.2), and an interface that is down does.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import { sameInterface, type VirtualInterface } from "../../vip/virtual_interface.ts";
import { formatMac, type MacAddress } from "../../wire/address.ts";
import { virtualRouterMac } from "../../wire/ethernet.ts";
import { AlteredLog } from "../journal/altered_log.ts";
import { Reconciler, RETRY_MS } from "./reconciler.ts";
import type { RefusedResources } from "./refused_resources.ts";

/** The rest of an instance as its virtual MAC address needs it. */
export interface VirtualMacContext {
  readonly host: Host;
  readonly journal: Journal;
  readonly refused: RefusedResources;
  /** Is called when the interface was put back later than what needs it. */
  readonly returned: () => void;
}

export class VirtualMac {
  readonly mac: MacAddress;
  /** Name of its interface. */
  readonly interface: string;
  readonly #wanted: VirtualInterface;
  readonly #host: Host;
  readonly #altered: AlteredLog;
  readonly #made: Reconciler<VirtualInterface>;
  readonly #raised: Reconciler<VirtualInterface>;
  #running = false;
  /** True when another program set it down and it could not be set up again at once. */
  #keptDown = false;

  /** `name`: of its interface. */
  constructor(config: InstanceConfig, name: string, context: VirtualMacContext) {
    const { host, journal, refused, returned } = context;
    this.mac = virtualRouterMac(config.family, config.vrid);
    this.interface = name;
    this.#wanted = { name, parent: config.interface, mac: this.mac };
    this.#host = host;
    this.#altered = new AlteredLog(config.name, journal, () => host.nowMs());
    const report = (action: "add" | "remove", what: string, error: HostError) => {
      const message = `interface ${name} cannot be ${what}: ${error.message}; ` +
        `tried again every ${RETRY_MS / 1000} s`;
      refused.refused(action, `${name} ${what}`, "virtual_mac_failed", message);
    };
    const settled = (...whats: string[]) => {
      for (const what of whats) refused.settled(`${name} ${what}`);
    };
    this.#made = new Reconciler({
      same: sameInterface,
      add: (wanted) => this.none ? host.addInterface(wanted) : host.restoreInterface(wanted),
      remove: () => host.removeInterface(name),
      done: () => settled("made", "removed"),
      refused: (action, _, error) => report(action, action === "add" ? "made" : "removed", error),
      retried: () => this.#raised.again(),
    }, host);
    this.#raised = new Reconciler({
      same: sameInterface,
      add: () => host.setInterfaceUp(name, true),
      remove: () => {
        const error = host.setInterfaceUp(name, false);
        // One that went with the interface below it is down.
        return error?.code === "ENODEV" ? null : error;
      },
      done: () => settled("set up", "set down"),
      refused: (action, _, error) =>
        report(action, action === "add" ? "set up" : "set down", error),
      retried: returned,
      awaits: () => this.#made.returning,
    }, host);
  }

  /** True when the interface is not on the host any more. */
  get none(): boolean {
    return this.#made.actual.length === 0;
  }

  /** True while the interface, which another program removed or set down, comes back in a moment. */
  get returning(): boolean {
    return this.#made.returning || this.#raised.returning;
  }

  /**
   * Why the addresses on the interface do not answer, one sentence: another program has set it down, again and again or so
   * that it cannot be set up; else `null`.
   */
  get fault(): string | null {
    return this.#keptDown && this.#isDown
      ? `interface ${this.interface}, which carries the virtual addresses, is down`
      : null;
  }

  get #parentIsThere(): boolean {
    return this.#host.interfaceState(this.#wanted.parent) !== null;
  }

  get #isDown(): boolean {
    return this.#host.interfaceState(this.interface)?.enabled === false;
  }

  /** Makes the interface, down, as soon as the one below is there. */
  start(): void {
    this.#running = true;
    this.#make();
  }

  /** Sets the interface up: from now on it hears frames to its MAC address. */
  raise(): void {
    this.#raised.desire([this.#wanted]);
  }

  /** Sets the interface down. */
  lower(): void {
    this.#keptDown = false;
    this.#raised.desire([]);
  }

  /** Removes the interface. */
  stop(): void {
    this.#running = false;
    this.#made.desire([]);
  }

  /** An interface changed: with the one below, this one goes; when that one is back, it is made again. */
  interfaceChanged(): void {
    if (!this.#running) return;
    if (!this.none && this.#host.interfaceState(this.interface) === null) {
      if (this.#parentIsThere) this.#alteredTo("it is removed");
      this.#made.lost(this.#made.actual);
      this.#raised.lost(this.#raised.actual);
    }
    this.#make();
    this.#restore();
  }

  /** Puts back what another program has changed of the interface. */
  #restore(): void {
    const state = this.#host.interfaceState(this.interface);
    if (!state || this.none) return;
    const anotherMac = formatMac(state.mac) !== formatMac(this.mac);
    if (anotherMac) this.#alteredTo(`its MAC address is ${formatMac(state.mac)}`);
    if (state.vepa === false) this.#alteredTo("its mode is not vepa");
    if (anotherMac || state.vepa === false) this.#made.lost([], this.#made.actual);
    if (this.#raised.actual.length > 0 && this.#raised.desired.length > 0 && !state.enabled) {
      this.#alteredTo("it is down");
      this.#raised.lost(this.#raised.actual);
      this.#keptDown = this.#isDown;
    }
  }

  #alteredTo(what: string): void {
    const message =
      `another program changed interface ${this.interface}: ${what}; vipd sets it back`;
    this.#altered.record("virtual_mac_altered", what, message);
  }

  #make(): void {
    const possible = this.#parentIsThere;
    // Without the interface below there is none, and no need to say so every second.
    if (possible ? this.none : !this.none) this.#made.desire(possible ? [this.#wanted] : []);
  }
}
