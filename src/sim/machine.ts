/**
 * A virtual machine as the world around it sees it: one interface on a virtual link, addresses in a table, checks whose
 * results are given by the scenario, and a process that can be killed, hung and woken.
 *
 * @module
 */

import type { VirtualAddress } from "../host/addresses.ts";
import type { HostError } from "../host/errors.ts";
import type { ArpProblem, InterfaceAddress } from "../host/interfaces.ts";
import type { LockHolder } from "../host/locks.ts";
import type { RoutingEntry } from "../host/routing.ts";
import type { VrrpDatagram } from "../host/vrrp.ts";
import {
  type AddressClaim,
  type IpAddress,
  isMulticast,
  type MacAddress,
  parseIp,
} from "../wire/address.ts";
import type { FilterDrop } from "../firewall/packet_filter.ts";
import { CarriedAddresses } from "./carried_addresses.ts";
import { SimChecks } from "./checks.ts";
import { type OtherInterface, SimInterfaces } from "./interfaces.ts";
import { Listeners } from "./listeners.ts";
import type { LinkEnd, SimNetwork } from "./network.ts";
import { SimProcess } from "./process.ts";
import { type SimDisk, SimStore } from "./store.ts";
import type { VirtualTime } from "./time.ts";

export interface SimHostOptions {
  readonly name: string;
  /** Name of its one interface. */
  readonly interface: string;
  /** The interface's own address. */
  readonly address: IpAddress;
  /** The interface's own IPv6 link-local address; none if not said. */
  readonly linkLocal?: IpAddress;
  /** Decides how late its kernel is to notice the end of a lease. @default {as late as it gets} */
  readonly random?: () => number;
}

/** The machine without what its process may ask of it, which is `SimHost`. */
export abstract class SimMachine implements LinkEnd {
  readonly name: string;
  protected readonly time: VirtualTime;
  protected readonly network: SimNetwork;
  protected readonly process: SimProcess;
  protected readonly listeners = new Listeners();
  protected readonly carried: CarriedAddresses;
  protected readonly interfaces: SimInterfaces;
  protected entries: readonly RoutingEntry[] = [];
  protected blocked: readonly VirtualAddress[] = [];
  /** How far the wall clock was set. */
  protected wallOffsetMs = 0;
  /** The results of the checks and of the recovery commands. */
  readonly checks: SimChecks;
  /** Outlives processes and power, as do the third routers. */
  readonly disk: SimDisk = { text: null, broken: false, hung: false };
  readonly #routersDisk: SimDisk = { text: null, broken: false, hung: false };
  readonly #marks: SimDisk = { text: null, broken: false, hung: false };
  /** The kernel's answer to each advert; `null` when it takes them. */
  sendError: HostError | null = null;
  /** By the name of the interface; 0 for all others. */
  readonly arpIgnoreOf = new Map<string, number>();
  /** The settings that do not suit its virtual MAC address, and whether vipd cannot change them. */
  arpProblemsNow: { readonly problems: readonly ArpProblem[]; readonly stay?: true } = {
    problems: [],
  };
  /** The rules of its firewall that drop adverts; `sendError` and the network do it. */
  readonly dropping: Record<"in" | "out", readonly FilterDrop[]> = { in: [], out: [] };
  /** Whether frames, which pass when the sockets' datagrams do not, are refused with the same error. */
  framesFail = false;
  /** Why packets cannot be refused here; empty when they can. */
  blockProblem = "";
  /** Things that its kernel refuses to add: addresses, and the networks of routes and rules. */
  readonly refuses = new Map<IpAddress, HostError>();
  /** The locks of other daemons on the machine. */
  readonly lockedElsewhere = new Map<string, LockHolder>();
  /** How many announcements were sent. */
  announcements = 0;
  /** Which, in order. */
  readonly announced: IpAddress[] = [];
  /** How many taps were opened so far, are open, and listen. */
  readonly taps = { opened: 0, open: 0, listening: 0 };
  /** MAC addresses other than the interface's own that adverts were sent from. */
  readonly sentAs = new Set<string>();

  constructor(options: SimHostOptions, time: VirtualTime, network: SimNetwork) {
    const { address, linkLocal, random = () => 1 } = options;
    this.name = options.name;
    this.time = time;
    this.network = network;
    this.process = new SimProcess(time);
    this.checks = new SimChecks(time, this.process);
    this.carried = new CarriedAddresses(time, random, () => this.#notifyWatchers());
    this.interfaces = new SimInterfaces(
      options.interface,
      Uint8Array.of(2, 0, 0, 0, 0, parseIp(address)!.at(-1)!),
      [
        { address, prefixLength: 24 },
        ...(linkLocal === undefined ? [] : [{ address: linkLocal, prefixLength: 64 }]),
      ],
      this.carried,
    );
    network.attach(this);
  }

  /** 02:00:00:00:00 and the last octet of its address, until it is changed. */
  get mac(): MacAddress {
    return this.interfaces.mac;
  }

  /** The machine's disk, as a process that starts finds it. */
  openStore(): SimStore {
    return new SimStore(this.disk);
  }

  /** As `openStore`, for the third routers that were heard. */
  openRoutersStore(): SimStore {
    return new SimStore(this.#routersDisk, "third_routers.json");
  }

  /** The file next to it that keeps recorded adverts out after a restart. */
  openMarks(): SimStore {
    return new SimStore(this.#marks);
  }

  /** The virtual addresses on the interface now. */
  get virtualAddresses(): readonly VirtualAddress[] {
    return this.carried.all;
  }

  /** The routes and rules on the machine now. */
  get routing(): readonly RoutingEntry[] {
    return this.entries;
  }

  /** The addresses whose packets are refused now. */
  get unreachable(): readonly VirtualAddress[] {
    return this.blocked;
  }

  /** The interface's own addresses now. */
  get ownAddresses(): readonly InterfaceAddress[] {
    return this.interfaces.own;
  }

  get linkUp(): boolean {
    return this.interfaces.linkUp;
  }

  /**
   * The process is gone without a word; what it added to the interface stays, leased addresses until their end, and what
   * it refused is accepted again.
   */
  killProcess(): void {
    this.process.kill();
    this.listeners.clear();
    this.checks.clear();
    this.blocked = [];
  }

  /** The machine loses its power: process and addresses are gone. */
  powerOff(): void {
    this.killProcess();
    this.carried.remove(() => true);
    this.entries = [];
    this.interfaces.clear();
  }

  /** The process stops (SIGSTOP) until `wake`; timers and datagrams wait. */
  hang(): void {
    this.process.hang();
  }

  /** The process continues (SIGCONT). */
  wake(): void {
    this.process.wake();
  }

  /** Something comes to the process from outside: an override, a signal. */
  reach(run: () => void): void {
    this.process.bound(run)();
  }

  /** The interface is set down or up. */
  setLink(up: boolean): void {
    this.interfaces.enabled = up;
    this.#notifyWatchers();
  }

  /** The cable of the interface is pulled or put back. */
  setCarrier(carrier: boolean): void {
    this.interfaces.carrier = carrier;
    this.#notifyWatchers();
  }

  /** Another interface is there in this state, or gone (`null`). */
  setOther(name: string, state: OtherInterface | null): void {
    this.interfaces.setOther(name, state);
    this.#notifyWatchers(name);
  }

  /** Another program sets an interface that vipd made down or up. */
  setMade(name: string, up: boolean): void {
    this.interfaces.setMade(name, up);
    this.#notifyWatchers(name);
  }

  /** Another program takes vipd's mark off an interface that vipd made; Linux may notify nobody. */
  unmark(name: string): void {
    this.interfaces.mark(name, false);
  }

  /** Another program adds a virtual address to the interface. */
  plantAddress(address: VirtualAddress): void {
    this.carried.put(address, undefined);
    this.#notifyWatchers();
  }

  /**
   * The interface's own addresses are these from now on; with the first one of a network the kernel removes the virtual
   * ones of `gone`.
   */
  setOwnAddresses(own: readonly InterfaceAddress[], gone: readonly IpAddress[] = []): void {
    this.interfaces.own = own;
    this.carried.remove(({ address }) => gone.includes(address));
    this.#notifyWatchers();
  }

  /** The interface has another MAC address. */
  setMac(mac: MacAddress): void {
    this.interfaces.mac = mac;
    this.#notifyWatchers();
  }

  /** Another program removes a virtual address from the interface. */
  stealAddress(address: IpAddress): void {
    this.carried.remove((virtual) => virtual.address === address);
    this.#notifyWatchers();
  }

  /** Another program changes an address of vipd's to another form, which lasts as long as the address would have. */
  alterAddress(address: IpAddress, change: Partial<VirtualAddress>): void {
    this.carried.alter((virtual) => virtual.address === address, change);
    this.#notifyWatchers();
  }

  /** Another program removes routes and rules, or puts others in their place. */
  changeRouting(change: (entries: readonly RoutingEntry[]) => readonly RoutingEntry[]): void {
    this.entries = [...change(this.entries)];
    this.process.bound(() => this.listeners.routing())();
  }

  /** The result of this check's probes from now on; reported at once, as a watched process's death is. */
  setCheck(name: string, ok: boolean): void {
    this.checks.set(name, ok);
    this.checks.publish(name);
  }

  /** The wall clock is set; monotonic time is not touched. */
  jumpWallClock(byMs: number): void {
    this.wallOffsetMs += byMs;
  }

  answersFor(destination: IpAddress): boolean {
    return isMulticast(destination) ||
      this.interfaces.addresses().some(({ address }) => address === destination);
  }

  deliver(datagram: VrrpDatagram): void {
    if (!this.linkUp) return;
    const arrived = { ...datagram, interface: this.interfaces.name };
    this.process.bound(() => this.listeners.datagram(arrived))();
  }

  arrive(datagram: VrrpDatagram, from: MacAddress, filtered: boolean): void {
    const arrived = { ...datagram, interface: this.interfaces.name };
    if (this.linkUp) this.process.bound(() => this.listeners.frame(arrived, from))();
    if (!filtered) this.deliver(datagram);
  }

  macOf(address: IpAddress): MacAddress | null {
    return this.interfaces.macOf(address);
  }

  hearClaim(claim: AddressClaim): void {
    if (!this.linkUp) return;
    const own = this.interfaces.hasMac(claim.mac);
    const heard = { ...claim, interface: this.interfaces.name, own };
    this.process.bound(() => this.listeners.claim(heard))();
  }

  #notifyWatchers(name = this.interfaces.name): void {
    this.process.bound(() => this.listeners.change(name))();
  }
}
