/**
 * The interface with the virtual router's MAC address, which carries the addresses of an instance that has one
 * (RFC 9568 section 7.3). It is there as long as the instance, and up only while it is master: a backup must discard
 * frames to this MAC address (section 6.4.2), and an interface that is down does.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { CancelTimer } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import { arpEffect, type ArpProblem } from "../../vip/arp_settings.ts";
import { sameInterface, type VirtualInterface } from "../../vip/virtual_interface.ts";
import { familyOf, formatMac, type MacAddress } from "../../wire/address.ts";
import { virtualRouterMac } from "../../wire/ethernet.ts";
import type { Alarms } from "../journal/alarms.ts";
import { AlteredLog } from "../journal/altered_log.ts";
import { Reconciler, RETRY_MS } from "./reconciler.ts";
import type { RefusedResources } from "./refused_resources.ts";

/** Nothing reports that a setting of ARP was changed, in milliseconds. */
const LOOK_MS = 2000;

/** The rest of an instance as its virtual MAC address needs it. */
export interface VirtualMacContext {
  readonly host: Host;
  readonly journal: Journal;
  readonly alarms: Alarms;
  readonly refused: RefusedResources;
  /** Is called when the interface was put back later than what needs it. */
  readonly returned: () => void;
}

export class VirtualMac {
  readonly mac: MacAddress;
  /** Name of its interface. */
  readonly interface: string;
  readonly #desired: VirtualInterface;
  readonly #host: Host;
  readonly #alarms: Alarms;
  readonly #altered: AlteredLog;
  #config: InstanceConfig;
  #cancelLook: CancelTimer = () => {};
  readonly #made: Reconciler<VirtualInterface>;
  readonly #raised: Reconciler<VirtualInterface>;
  #running = false;
  /** True when another program set it down and it could not be set up again at once. */
  #keptDown = false;

  /** `name`: of its interface. */
  constructor(config: InstanceConfig, name: string, context: VirtualMacContext) {
    const { host, journal, alarms, refused, returned } = context;
    this.#config = config;
    this.#alarms = alarms;
    this.mac = virtualRouterMac(config.family, config.vrid);
    this.interface = name;
    this.#desired = { name, parent: config.interface, mac: this.mac };
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
      add: (made) => this.none ? host.addInterface(made) : host.restoreInterface(made),
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
        // A virtual interface that went with the interface below it is down.
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
    return this.#host.interfaceState(this.#desired.parent) !== null;
  }

  get #isDown(): boolean {
    return this.#host.interfaceState(this.interface)?.enabled === false;
  }

  /** The rest of the instance is another one from now on. */
  reconfigure(config: InstanceConfig): void {
    this.#config = config;
  }

  /** Makes the interface, down, as soon as the one below is there. */
  start(): void {
    this.#running = true;
    this.#make();
  }

  /** Sets the interface up: from now on it hears frames to its MAC address. */
  raise(): void {
    this.#raised.desire([this.#desired]);
    this.#lookAtArp();
  }

  /** Sets the interface down. */
  lower(): void {
    this.#keptDown = false;
    this.#raised.desire([]);
    this.#cancelLook();
    this.#alarms.withdraw("virtual_mac_arp", this.#config.name);
  }

  /** Removes the interface. */
  stop(): void {
    this.#running = false;
    this.#cancelLook();
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

  /** On the master, whether neighbours learn this MAC address and no other one. */
  #lookAtArp(): void {
    this.#cancelLook = this.#host.setTimer(
      this.#host.nowMs() + LOOK_MS,
      () => this.#lookAtArp(),
    );
    const { name, addresses } = this.#config;
    const answers = this.#raised.actual.length > 0 && !this.#isDown &&
      addresses.some(({ address }) => familyOf(address) === "ipv4");
    const found = answers ? this.#host.arpProblems(this.interface) : [];
    const left = found.length === 0 ? [] : this.#correct(found);
    const [first] = left;
    if (!first) return this.#alarms.withdraw("virtual_mac_arp", name);
    this.#alarms.raise("virtual_mac_arp", name, {
      message: `${first.setting} of ${first.interface} is ${first.value}: ` +
        arpEffect(first, this.interface),
      hint: `vipd has set what counts for ${first.interface} alone; the value of all ` +
        "interfaces is greater, and `vipd doctor` has the command that lowers it",
    });
  }

  /** Sets the interfaces' own settings; returns what does not suit even so. */
  #correct(found: readonly ArpProblem[]): readonly ArpProblem[] {
    this.#host.setInterfaceUp(this.interface, true);
    const left = this.#host.arpProblems(this.interface);
    const corrected = found.filter((problem) =>
      !left.some((it) => it.interface === problem.interface && it.setting === problem.setting)
    );
    for (const { interface: on, setting, value } of corrected) {
      const message = `another program set ${setting} of ${on} to ${value}; vipd sets it back`;
      this.#altered.record("virtual_mac_altered", `${setting} of ${on}`, message);
    }
    return left;
  }

  #alteredTo(what: string): void {
    const message =
      `another program changed interface ${this.interface}: ${what}; vipd sets it back`;
    this.#altered.record("virtual_mac_altered", what, message);
  }

  #make(): void {
    const possible = this.#parentIsThere;
    // Without the interface below there is none, and no need to say so every second.
    if (possible ? this.none : !this.none) this.#made.desire(possible ? [this.#desired] : []);
  }
}
