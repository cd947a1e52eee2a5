/**
 * A virtual machine for a load balancer: one interface on a virtual link, addresses in a table, checks whose
 * results are given by the scenario, and a process that can be killed, hung and woken.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../health/check.ts";
import type { CheckConfig } from "../health/check_config.ts";
import type { TimedProgramRun } from "../health/programs/program_run.ts";
import type { VirtualAddress } from "../host/addresses.ts";
import type { ClaimPort, HeardClaim } from "../host/claims.ts";
import type { CancelTimer, Timer } from "../host/clock.ts";
import type { HostError } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { InterfaceAddress, InterfaceState, VirtualInterface } from "../host/interfaces.ts";
import type { LockHolder } from "../host/locks.ts";
import type { RoutingEntry } from "../host/routing.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions, VrrpTap } from "../host/vrrp.ts";
import { type MarkedAddress, sameAddress } from "../vip/addresses.ts";
import { sameRouting } from "../vip/routing.ts";
import {
  type AddressClaim,
  type Family,
  formatMac,
  type IpAddress,
  type MacAddress,
  parseIp,
} from "../wire/address.ts";
import { CarriedAddresses } from "./carried_addresses.ts";
import { SimChecks } from "./checks.ts";
import { isGroup, Listeners } from "./listeners.ts";
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

export class SimHost implements Host, LinkEnd {
  /** What it does takes no time, unless a test says otherwise. */
  leadMs = 0;
  stepMs = 0;
  readonly name: string;
  /** 02:00:00:00:00 and the last octet of its address. */
  mac: MacAddress;
  /** The interface's own addresses. */
  #own: readonly InterfaceAddress[];
  readonly #options: SimHostOptions;
  readonly #time: VirtualTime;
  readonly #network: SimNetwork;
  readonly #process: SimProcess;
  readonly #listeners = new Listeners();
  readonly #carried: CarriedAddresses;
  #routing: RoutingEntry[] = [];
  #refused: readonly VirtualAddress[] = [];
  /** Interfaces that the program has made, and whether they are up. */
  readonly #made = new Map<string, { readonly wanted: VirtualInterface; up: boolean }>();
  #enabled = true;
  #carrier = true;
  /** Interfaces besides its own, without addresses of their own; on the link of nobody. */
  readonly #others = new Map<string, { readonly enabled: boolean; readonly up: boolean }>();
  #wallOffsetMs = 0;
  /** What the checks find, and how the recovery commands go. */
  readonly checks: SimChecks;
  /** Outlives processes and power, as do the third routers. */
  readonly disk: SimDisk = { text: null, broken: false, hung: false };
  readonly #routersDisk: SimDisk = { text: null, broken: false, hung: false };
  /** What the kernel says to each advert; `null` when it takes them. */
  sendError: HostError | null = null;
  /** Whether frames, which pass where the sockets' datagrams do not, are refused with the same error. */
  framesFail = false;
  readonly #marks: SimDisk = { text: null, broken: false, hung: false };
  /** Why packets cannot be refused here; empty when they can. */
  refusalProblem = "";
  /** What its kernel refuses to put on: addresses, and destinations of routes. */
  readonly refuses = new Map<IpAddress, HostError>();
  /** Who else on the machine has locked what. */
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
    this.name = options.name;
    this.mac = Uint8Array.of(2, 0, 0, 0, 0, parseIp(options.address)!.at(-1)!);
    const { address, linkLocal } = options;
    this.#own = [
      { address, prefixLength: 24 },
      ...(linkLocal === undefined ? [] : [{ address: linkLocal, prefixLength: 64 }]),
    ];
    this.#options = options;
    this.#time = time;
    this.#network = network;
    this.#process = new SimProcess(time);
    this.checks = new SimChecks(time, this.#process);
    const { random = () => 1 } = options;
    this.#carried = new CarriedAddresses(time, random, () => this.#notifyWatchers());
    network.attach(this);
  }

  /** The machine's disk, as a process that starts finds it. */
  openStore(): SimStore {
    return new SimStore(this.disk);
  }

  /** As `openStore`, for the third routers that were heard. */
  openRoutersStore(): SimStore {
    return new SimStore(this.#routersDisk);
  }

  /** What keeps recorded adverts out after a restart, beside it. */
  openMarks(): SimStore {
    return new SimStore(this.#marks);
  }

  /** The virtual addresses on the interface now. */
  get virtualAddresses(): readonly VirtualAddress[] {
    return this.#carried.all;
  }

  /** The routes and rules on the machine now. */
  get routing(): readonly RoutingEntry[] {
    return this.#routing;
  }

  /** The addresses whose packets are refused now. */
  get refused(): readonly VirtualAddress[] {
    return this.#refused;
  }

  get linkUp(): boolean {
    return this.#enabled && this.#carrier;
  }

  /**
   * The process is gone without a word; what it put on the interface stays, leased addresses until their end, and what
   * it refused is accepted again.
   */
  killProcess(): void {
    this.#process.kill();
    this.#listeners.clear();
    this.checks.clear();
    this.#refused = [];
  }

  /** The machine loses its power: process and addresses are gone. */
  powerOff(): void {
    this.killProcess();
    this.#carried.remove(() => true);
    this.#routing = [];
    this.#made.clear();
  }

  /** The process stops (SIGSTOP) until `wake`; timers and datagrams wait. */
  hang(): void {
    this.#process.hang();
  }

  /** The process goes on (SIGCONT). */
  wake(): void {
    this.#process.wake();
  }

  /** Something comes to the process from outside: an order, a signal. */
  reach(run: () => void): void {
    this.#process.bound(run)();
  }

  /** The interface is set down or up. */
  setLink(up: boolean): void {
    this.#enabled = up;
    this.#notifyWatchers();
  }

  /** The cable of the interface is pulled or put back. */
  setCarrier(carrier: boolean): void {
    this.#carrier = carrier;
    this.#notifyWatchers();
  }

  /** Another interface is there in this state, or gone (`null`). */
  setOther(name: string, state: { readonly enabled: boolean; readonly up: boolean } | null): void {
    if (state) this.#others.set(name, state);
    else this.#others.delete(name);
    this.#notifyWatchers(name);
  }

  /** Another program sets an interface that vipd made down or up. */
  setMade(name: string, up: boolean): void {
    const made = this.#made.get(name);
    if (made) made.up = up;
    this.#notifyWatchers(name);
  }

  /** Another program puts a virtual address on the interface. */
  plantAddress(address: VirtualAddress): void {
    this.#carried.put(address, undefined);
    this.#notifyWatchers();
  }

  /** The interface's own addresses now. */
  get ownAddresses(): readonly InterfaceAddress[] {
    return this.#own;
  }

  /**
   * The interface's own addresses are these from now on; with the first one of a network the kernel takes off the virtual
   * ones of `gone`.
   */
  setOwnAddresses(own: readonly InterfaceAddress[], gone: readonly IpAddress[] = []): void {
    this.#own = own;
    this.#carried.remove(({ address }) => gone.includes(address));
    this.#notifyWatchers();
  }

  /** The interface has another MAC address. */
  setMac(mac: MacAddress): void {
    this.mac = mac;
    this.#notifyWatchers();
  }

  /** Another program takes a virtual address off the interface. */
  stealAddress(address: IpAddress): void {
    this.#carried.remove((virtual) => virtual.address === address);
    this.#notifyWatchers();
  }

  /** Another program puts an address of vipd's on in another form, for as long as it was there. */
  alterAddress(address: IpAddress, change: Partial<VirtualAddress>): void {
    this.#carried.alter((virtual) => virtual.address === address, change);
    this.#notifyWatchers();
  }

  /** What the probes of this check find from now on; told at once, as a watched process's death is. */
  setCheck(name: string, ok: boolean): void {
    this.checks.set(name, ok);
    this.checks.tell(name);
  }

  /** The wall clock is set; monotonic time is not touched. */
  jumpWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  answersFor(destination: IpAddress): boolean {
    return isGroup(destination) ||
      this.#addresses().some(({ address }) => address === destination);
  }

  deliver(datagram: VrrpDatagram): void {
    if (!this.linkUp) return;
    const arrived = { ...datagram, interface: this.#options.interface };
    this.#process.bound(() => this.#listeners.datagram(arrived))();
  }

  arrive(datagram: VrrpDatagram, from: MacAddress, filtered: boolean): void {
    const arrived = { ...datagram, interface: this.#options.interface };
    if (this.linkUp) this.#process.bound(() => this.#listeners.frame(arrived, from))();
    if (!filtered) this.deliver(datagram);
  }

  macOf(address: IpAddress): MacAddress | null {
    const virtual = this.#carried.all.find((other) => other.address === address);
    const has = virtual !== undefined || this.#addresses().some((own) => own.address === address);
    return this.linkUp && has ? this.#macOn(virtual?.device ?? this.#options.interface) : null;
  }

  /** The MAC address of an interface; a virtual one's where it is that of a virtual router. */
  #macOn(device: string): MacAddress {
    return this.#made.get(device)?.wanted.mac ?? this.mac;
  }

  hearClaim(claim: AddressClaim): void {
    if (!this.linkUp) return;
    const macs = [this.mac, ...Array.from(this.#made.values(), ({ wanted }) => wanted.mac)];
    const own = macs.some((mac) => formatMac(mac) === formatMac(claim.mac));
    const heard = { ...claim, interface: this.#options.interface, own };
    this.#process.bound(() => this.#listeners.claim(heard))();
  }

  nowMs(): number {
    return this.#time.nowMs;
  }

  wallClockMs(): number {
    return SIMULATION_EPOCH_MS + this.#time.nowMs + this.#wallOffsetMs;
  }

  setTimer(atMs: number, fire: () => void): CancelTimer {
    return this.#process.setTimer(atMs, fire);
  }

  newTimer(fire: () => void): Timer {
    let cancel: CancelTimer = () => {};
    return {
      set: (atMs) => {
        cancel();
        cancel = this.setTimer(atMs, fire);
      },
      cancel: () => cancel(),
    };
  }

  interfaceState(name: string): InterfaceState | null {
    const made = this.#made.get(name);
    if (made) {
      const { mac } = made.wanted;
      const addresses = this.#carried.shown((device) => device === name);
      return { name, index: 2, enabled: made.up, up: made.up && this.linkUp, mac, addresses };
    }
    const other = this.#others.get(name);
    if (other) {
      const addresses = this.#carried.shown((device) => device === name);
      return { name, index: 3, ...other, mac: this.mac, addresses };
    }
    if (name !== this.#options.interface) return null;
    return {
      name,
      index: 1,
      enabled: this.#enabled,
      up: this.linkUp,
      mac: this.mac,
      addresses: this.#addresses(),
    };
  }

  #addresses(): InterfaceAddress[] {
    const elsewhere = (device: string) => this.#made.has(device) || this.#others.has(device);
    return [
      ...this.#own.map((address) => ({ ...address, foreign: true as const })),
      ...this.#carried.shown((device) => !elsewhere(device)),
    ];
  }

  /** Nothing changes here unnoticed. */
  readInterfaces(): void {}

  watchInterfaces(listener: (name: string) => void): void {
    this.#listeners.onChange(listener);
  }

  openVrrp(
    _interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    { multicast = true }: VrrpPortOptions = {},
  ): VrrpPort {
    const close = this.#listeners.onDatagram({ family, multicast, receive });
    return {
      send: (payload, source, destination, ttl) =>
        this.sendError ?? this.#send(payload, source, destination, ttl),
      expect: () => null,
      close,
    };
  }

  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    const refusal = this.refuses.get(address.address);
    if (refusal) return refusal;
    if (!this.#isOwn(address)) this.#carried.put(address, leaseSeconds);
    return null;
  }

  /** Here nothing is cheaper together. */
  addNewAddresses(): ReadonlySet<VirtualAddress> {
    return new Set();
  }

  renewAddresses(addresses: readonly VirtualAddress[], leaseSeconds: number): void {
    for (const address of addresses) {
      if (!this.#isOwn(address)) this.#carried.put(address, leaseSeconds);
    }
  }

  /** True of the machine's own, which stay as they are. */
  #isOwn({ address, device }: VirtualAddress): boolean {
    return device === this.#options.interface && this.#own.some((own) => own.address === address);
  }

  removeAddress(address: VirtualAddress): HostError | null {
    this.#carried.remove((other) => sameAddress(other, address));
    return null;
  }

  /** The virtual network has no connections: nothing is to be kept for them. */
  drainAddress(address: VirtualAddress): HostError | null {
    return this.removeAddress(address);
  }

  forwardConnections(): HostError | null {
    return null;
  }

  markedAddresses(): readonly MarkedAddress[] {
    return this.#carried.marked;
  }

  lock(resource: string): LockHolder | null {
    return this.lockedElsewhere.get(resource) ?? null;
  }

  unlock(): void {}

  lockHolder(resource: string): LockHolder | null {
    return this.lockedElsewhere.get(resource) ?? null;
  }

  sendVrrpAs(
    mac: MacAddress,
    _interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null {
    if (this.sendError && this.framesFail) return this.sendError;
    this.sentAs.add(formatMac(mac));
    return this.#send(payload, source, destination, undefined);
  }

  addInterface(wanted: VirtualInterface): HostError | null {
    this.#made.set(wanted.name, { wanted, up: false });
    return null;
  }

  removeInterface(name: string): HostError | null {
    this.#made.delete(name);
    this.#carried.remove(({ device }) => device === name);
    return null;
  }

  setInterfaceUp(name: string, up: boolean): HostError | null {
    const made = this.#made.get(name);
    if (made) made.up = up;
    return made ? null : { code: "ENODEV", message: `there is no interface ${name}` };
  }

  restoreInterface(): HostError | null {
    return null;
  }

  ownInterfaces(): readonly string[] {
    return Array.from(this.#made.keys());
  }

  blockPackets(addresses: readonly VirtualAddress[]): HostError | null {
    if (this.refusalProblem) return { code: "EOPNOTSUPP", message: this.refusalProblem };
    this.#refused = [...addresses];
    return null;
  }

  addRouting(entry: RoutingEntry): HostError | null {
    const refusal = entry.to && this.refuses.get(entry.to.address);
    if (refusal) return refusal;
    this.#routing = [...this.#routing.filter((other) => !sameRouting(other, entry)), entry];
    return null;
  }

  removeRouting(entry: RoutingEntry): HostError | null {
    this.#routing = this.#routing.filter((other) => !sameRouting(other, entry));
    return null;
  }

  ownRouting(): readonly RoutingEntry[] {
    return this.#routing;
  }

  watchRouting(listener: () => void): void {
    this.#listeners.onRouting(listener);
  }

  /** Another program removes routes and rules, or puts others in their place. */
  changeRouting(change: (entries: readonly RoutingEntry[]) => readonly RoutingEntry[]): void {
    this.#routing = [...change(this.#routing)];
    this.#process.bound(() => this.#listeners.routing())();
  }

  announce({ address, device }: VirtualAddress): HostError | null {
    this.announcements++;
    this.announced.push(address);
    if (this.linkUp) this.#network.announce(this, { address, mac: this.#macOn(device) });
    return null;
  }

  openClaims(
    _interfaceName: string,
    _family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort {
    const close = this.#listeners.onClaim({ addresses, heard });
    return {
      probe: (address) => {
        if (this.linkUp) this.#network.probe(this, address);
        return null;
      },
      close,
    };
  }

  openVrrpTap(
    _interfaceName: string,
    _family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap {
    let end: (() => void) | null = null;
    const listen = (listening: boolean) => {
      if (listening === (end !== null)) return null;
      end?.();
      end = listening ? this.#listeners.onFrame(heard) : null;
      this.taps.listening += listening ? 1 : -1;
      return null;
    };
    this.taps.opened++;
    this.taps.open++;
    listen(true);
    return {
      listen,
      close: () => {
        listen(false);
        this.taps.open--;
      },
    };
  }

  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober {
    return this.checks.openProber(check, report);
  }

  runProgram(run: TimedProgramRun, ended: (result: ProbeResult) => void): () => void {
    return this.checks.runProgram(run, ended);
  }

  #send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl: number | undefined,
  ): HostError | null {
    if (!this.linkUp) return { code: "ENETDOWN", message: "the link is down" };
    this.#network.send(this, payload, source, destination, ttl);
    return null;
  }

  #notifyWatchers(name = this.#options.interface): void {
    this.#process.bound(() => this.#listeners.change(name))();
  }
}

const SIMULATION_EPOCH_MS = Date.UTC(2030, 0, 1);
