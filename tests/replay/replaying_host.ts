/**
 * The host of a recording: it reports and answers what the one in the field did, when that one did.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../../src/health/check.ts";
import type { CheckConfig } from "../../src/health/check_config.ts";
import type { TimedProgramRun } from "../../src/health/programs/run_program.ts";
import type { VirtualAddress } from "../../src/host/addresses.ts";
import type { ClaimPort, HeardClaim } from "../../src/host/claims.ts";
import type { CancelTimer, Timer } from "../../src/host/clock.ts";
import type { HostError } from "../../src/host/errors.ts";
import type { FilteredAdvert } from "../../src/host/firewall.ts";
import type { FilterDrop } from "../../src/firewall/packet_filter.ts";
import type { Host } from "../../src/host/host.ts";
import type { ArpProblem, InterfaceState, VirtualInterface } from "../../src/host/interfaces.ts";
import type { LockHolder } from "../../src/host/locks.ts";
import type { RoutingEntry } from "../../src/host/routing.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions, VrrpTap } from "../../src/host/vrrp.ts";
import type { Heard } from "../../src/recording/line.ts";
import { PortNames } from "../../src/recording/recording_ports.ts";
import type { MarkedAddress } from "../../src/vip/addresses.ts";
import type { Family, IpAddress, MacAddress } from "../../src/wire/address.ts";
import type { ReplayingTimers } from "./replaying_timers.ts";
import type { Script } from "./script.ts";

export class ReplayingHost implements Host {
  readonly #script: Script;
  readonly #timers: ReplayingTimers;
  readonly #ports = new PortNames();
  readonly #names = new PortNames();
  /** What hears something, by the name of its port. */
  readonly #open = new Map<string, (heard: never) => void>();
  #interfaces: (name: string) => void = () => {};
  #routing: () => void = () => {};
  #renewalFailed: (error: HostError) => void = () => {};

  constructor(script: Script, timers: ReplayingTimers) {
    this.#script = script;
    this.#timers = timers;
  }

  /** Reports what the host in the field reported; false if that is not the host's to report. */
  report(heard: Heard): boolean {
    switch (heard.kind) {
      case "timer":
        this.#timers.fire(heard.dueMs, heard.nth ?? 0);
        return true;
      case "datagram":
      case "frame":
      case "claim":
      case "unread":
      case "probe":
      case "program":
        this.#open.get(`${heard.port} ${heard.kind}`)?.(heard as never);
        return true;
      case "interface":
        this.#interfaces(heard.name);
        return true;
      case "routing":
        this.#routing();
        return true;
      case "renewal_failed":
        this.#renewalFailed(heard.error);
        return true;
      default:
        return false;
    }
  }

  get leadMs(): number {
    return this.#script.ask("lead", 0);
  }

  get stepMs(): number {
    return this.#script.ask("step", 0);
  }

  nowMs(): number {
    return this.#script.ask("now", 0);
  }

  wallClockMs(): number {
    return this.#script.ask("wall", 0);
  }

  setTimer(atMs: number, fire: () => void): CancelTimer {
    return this.#timers.set(atMs, fire);
  }

  newTimer(fire: () => void): Timer {
    return this.#timers.make(fire);
  }

  interfaceState(name: string): InterfaceState | null {
    return this.#script.ask<InterfaceState | null>(`interface ${name}`, null);
  }

  interfaceNames(): readonly string[] {
    return this.#script.ask<readonly string[]>("interfaces", []);
  }

  arpIgnore(name: string): number {
    return this.#script.ask(`arp_ignore ${name}`, 0);
  }

  arpProblems(name: string): readonly ArpProblem[] {
    return this.#script.ask<readonly ArpProblem[]>(`arp problems ${name}`, []);
  }

  ownInterfaces(): readonly string[] {
    return this.#script.ask<readonly string[]>("own interfaces", []);
  }

  ownRouting(): readonly RoutingEntry[] {
    return this.#script.ask<readonly RoutingEntry[]>("own routing", []);
  }

  markedAddresses(): readonly MarkedAddress[] {
    return this.#script.ask<readonly MarkedAddress[]>("marked addresses", []);
  }

  lockHolder(resource: string): LockHolder | null {
    return this.#script.ask<LockHolder | null>(`lock owner ${resource}`, null);
  }

  droppingRules(
    { direction, interface: name, destination }: FilteredAdvert,
  ): readonly FilterDrop[] {
    return this.#script.ask<readonly FilterDrop[]>(
      `dropping rules ${direction} ${name} ${destination}`,
      [],
    );
  }

  lock(resource: string): LockHolder | null {
    return this.#act<LockHolder>("lock", resource);
  }

  unlock(resource: string): void {
    this.#act("unlock", resource);
  }

  readInterfaces(): void {
    this.#act("readInterfaces");
  }

  watchInterfaces(listener: (name: string) => void): void {
    this.#interfaces = listener;
  }

  watchRouting(listener: () => void): void {
    this.#routing = listener;
  }

  openVrrp(
    interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    { unread, ...shown }: VrrpPortOptions = {},
  ): VrrpPort | HostError {
    const name = this.#ports.next(`vrrp ${interfaceName} ${family}`);
    const error = this.#act("openVrrp", name, shown);
    if (error) return error;
    this.#hear(name, "datagram", ({ datagram }) => receive(datagram));
    this.#hear(name, "unread", ({ count }) => unread?.(count));
    return {
      send: (payload, source, destination, ttl) =>
        this.#act("send", name, new Uint8Array(payload), source, destination, ttl ?? null),
      expect: (routers) => this.#act("expect", name, routers),
      close: () => this.#close(name, "datagram", "unread"),
    };
  }

  openVrrpTap(
    interfaceName: string,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap | HostError {
    const name = this.#ports.next(`tap ${interfaceName} ${family}`);
    const error = this.#act("openVrrpTap", name);
    if (error) return error;
    this.#hear(name, "frame", ({ datagram, from }) => heard(datagram, from));
    return {
      listen: (listening) => this.#act("listen", name, listening),
      close: () => this.#close(name, "frame"),
    };
  }

  openClaims(
    interfaceName: string,
    family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort | HostError {
    const name = this.#ports.next(`claims ${interfaceName} ${family}`);
    const error = this.#act("openClaims", name, addresses);
    if (error) return error;
    this.#hear(name, "claim", ({ claim }) => heard(claim));
    return {
      probe: (address) => this.#act("askClaim", name, address),
      close: () => this.#close(name, "claim"),
    };
  }

  sendVrrpAs(
    mac: MacAddress,
    interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null {
    const octets = new Uint8Array(payload);
    return this.#act("sendVrrpAs", mac, interfaceName, octets, source, destination);
  }

  addInterface(desired: VirtualInterface): HostError | null {
    return this.#act("addInterface", desired);
  }

  removeInterface(name: string): HostError | null {
    return this.#act("removeInterface", name);
  }

  setInterfaceUp(name: string, up: boolean): HostError | null {
    return this.#act("setInterfaceUp", name, up);
  }

  restoreInterface(desired: VirtualInterface): HostError | null {
    return this.#act("restoreInterface", desired);
  }

  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    return this.#act("addAddress", address, leaseSeconds ?? null);
  }

  addNewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds?: number,
  ): ReadonlySet<VirtualAddress> {
    const put = this.#act<number[]>("addNewAddresses", addresses, leaseSeconds ?? null) ?? [];
    return new Set(put.flatMap((index) => addresses[index] ?? []));
  }

  renewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds: number,
    failed: (error: HostError) => void,
  ): void {
    this.#renewalFailed = failed;
    this.#act("renewAddresses", addresses.length, leaseSeconds);
  }

  demoteAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    return this.#act("demoteAddress", address, leaseSeconds ?? null);
  }

  removeAddress(address: VirtualAddress): HostError | null {
    return this.#act("removeAddress", address);
  }

  drainAddress(address: VirtualAddress, forMs: number): HostError | null {
    return this.#act("drainAddress", address, forMs);
  }

  forwardConnections(
    address: VirtualAddress,
    interfaceName: string,
    peer: IpAddress,
    forMs: number,
  ): HostError | null {
    return this.#act("forwardConnections", address, interfaceName, peer, forMs);
  }

  blockPackets(addresses: readonly VirtualAddress[]): HostError | null {
    return this.#act("blockPackets", addresses);
  }

  addRouting(entry: RoutingEntry): HostError | null {
    return this.#act("addRouting", entry);
  }

  removeRouting(entry: RoutingEntry): HostError | null {
    return this.#act("removeRouting", entry);
  }

  announce(address: VirtualAddress): HostError | null {
    return this.#act("announce", address);
  }

  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober {
    const name = this.#names.next(check.name);
    this.#act("openProber", name);
    this.#hear(name, "probe", ({ result }) => report(result));
    return {
      probe: () => void this.#act("probe", name),
      close: () => {
        this.#open.delete(`${name} probe`);
        this.#act("closeProber", name);
      },
    };
  }

  runProgram(
    { program, timeoutMs }: TimedProgramRun,
    ended: (result: ProbeResult) => void,
  ): () => void {
    const { command } = program;
    const name = this.#names.next(command[0]);
    this.#act("runProgram", name, command, timeoutMs);
    this.#hear(name, "program", ({ result }) => ended(result));
    return () => {
      this.#open.delete(`${name} program`);
      this.#act("endProgram", name);
    };
  }

  #hear<K extends Heard["kind"]>(
    name: string,
    kind: K,
    hear: (heard: Extract<Heard, { readonly kind: K }>) => void,
  ): void {
    this.#open.set(`${name} ${kind}`, hear as (heard: never) => void);
  }

  #close(name: string, ...kinds: readonly Heard["kind"][]): void {
    for (const kind of kinds) this.#open.delete(`${name} ${kind}`);
    this.#act("closePort", name);
  }

  #act<T = HostError>(call: string, ...args: readonly unknown[]): T | null {
    return (this.#script.act(call, args) as T | undefined) ?? null;
  }
}
