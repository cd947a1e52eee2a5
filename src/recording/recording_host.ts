/**
 * A host whose every word is recorded: what it reports, what it answers, and what the engine asks it to do. It changes
 * nothing of either.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../health/check.ts";
import type { CheckConfig } from "../health/check_config.ts";
import type { TimedProgramRun } from "../health/programs/run_program.ts";
import type { VirtualAddress } from "../host/addresses.ts";
import type { ClaimPort, HeardClaim } from "../host/claims.ts";
import type { CancelTimer, Timer } from "../host/clock.ts";
import type { HostError } from "../host/errors.ts";
import type { FilteredAdvert } from "../host/firewall.ts";
import type { Host } from "../host/host.ts";
import type { ArpProblem, InterfaceState, VirtualInterface } from "../host/interfaces.ts";
import type { LockHolder } from "../host/locks.ts";
import type { RoutingEntry } from "../host/routing.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions, VrrpTap } from "../host/vrrp.ts";
import type { MarkedAddress } from "../vip/addresses.ts";
import type { Family, IpAddress, MacAddress } from "../wire/address.ts";
import type { FilterDrop } from "../firewall/packet_filter.ts";
import type { Recorder } from "./recorder.ts";
import { PortNames, RecordingPorts } from "./recording_ports.ts";
import { RecordingTimers } from "./recording_timers.ts";

export class RecordingHost implements Host {
  readonly #host: Host;
  readonly #recorder: Recorder;
  readonly #timers: RecordingTimers;
  readonly #ports: RecordingPorts;
  readonly #names = new PortNames();

  constructor(host: Host, recorder: Recorder) {
    this.#host = host;
    this.#recorder = recorder;
    this.#timers = new RecordingTimers(host, recorder);
    this.#ports = new RecordingPorts(host, recorder);
  }

  get leadMs(): number {
    return this.#recorder.asked("lead", this.#host.leadMs);
  }

  get stepMs(): number {
    return this.#recorder.asked("step", this.#host.stepMs);
  }

  nowMs(): number {
    return this.#recorder.asked("now", this.#host.nowMs());
  }

  wallClockMs(): number {
    return this.#recorder.asked("wall", this.#host.wallClockMs());
  }

  setTimer(atMs: number, fire: () => void, earlyMs?: number): CancelTimer {
    return this.#timers.set(atMs, fire, earlyMs);
  }

  newTimer(fire: () => void): Timer {
    return this.#timers.make(fire);
  }

  interfaceState(name: string): InterfaceState | null {
    return this.#recorder.asked(`interface ${name}`, this.#host.interfaceState(name));
  }

  interfaceNames(): readonly string[] {
    return this.#recorder.asked("interfaces", this.#host.interfaceNames());
  }

  arpIgnore(name: string): number {
    return this.#recorder.asked(`arp_ignore ${name}`, this.#host.arpIgnore(name));
  }

  arpProblems(name: string): readonly ArpProblem[] {
    return this.#recorder.asked(`arp problems ${name}`, this.#host.arpProblems(name));
  }

  ownInterfaces(): readonly string[] {
    return this.#recorder.asked("own interfaces", this.#host.ownInterfaces());
  }

  ownRouting(): readonly RoutingEntry[] {
    return this.#recorder.asked("own routing", this.#host.ownRouting());
  }

  markedAddresses(): readonly MarkedAddress[] {
    return this.#recorder.asked("marked addresses", this.#host.markedAddresses());
  }

  lockHolder(resource: string): LockHolder | null {
    return this.#recorder.asked(`lock owner ${resource}`, this.#host.lockHolder(resource));
  }

  droppingRules(advert: FilteredAdvert): readonly FilterDrop[] {
    const { direction, interface: name, destination } = advert;
    return this.#recorder.asked(
      `dropping rules ${direction} ${name} ${destination}`,
      this.#host.droppingRules(advert),
    );
  }

  lock(resource: string): LockHolder | null {
    return this.#did("lock", [resource], () => this.#host.lock(resource));
  }

  unlock(resource: string): void {
    this.#did("unlock", [resource], () => this.#host.unlock(resource));
  }

  readInterfaces(): void {
    this.#did("readInterfaces", [], () => this.#host.readInterfaces());
  }

  watchInterfaces(listener: (name: string) => void): void {
    this.#host.watchInterfaces((name) =>
      this.#recorder.turn({ kind: "interface", name }, () => listener(name))
    );
  }

  watchRouting(listener: () => void): void {
    this.#host.watchRouting(() => this.#recorder.turn({ kind: "routing" }, listener));
  }

  openVrrp(
    interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    options?: VrrpPortOptions,
  ): VrrpPort | HostError {
    return this.#ports.openVrrp(interfaceName, family, receive, options);
  }

  openVrrpTap(
    interfaceName: string,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap | HostError {
    return this.#ports.openVrrpTap(interfaceName, family, heard);
  }

  openClaims(
    interfaceName: string,
    family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort | HostError {
    return this.#ports.openClaims(interfaceName, family, addresses, heard);
  }

  sendVrrpAs(
    mac: MacAddress,
    interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null {
    const masked = this.#recorder.standIns.payload(payload, { source, destination });
    return this.#did(
      "sendVrrpAs",
      [mac, interfaceName, masked, source, destination],
      () => this.#host.sendVrrpAs(mac, interfaceName, payload, source, destination),
    );
  }

  addInterface(desired: VirtualInterface): HostError | null {
    return this.#did("addInterface", [desired], () => this.#host.addInterface(desired));
  }

  removeInterface(name: string): HostError | null {
    return this.#did("removeInterface", [name], () => this.#host.removeInterface(name));
  }

  setInterfaceUp(name: string, up: boolean): HostError | null {
    return this.#did("setInterfaceUp", [name, up], () => this.#host.setInterfaceUp(name, up));
  }

  restoreInterface(desired: VirtualInterface): HostError | null {
    return this.#did("restoreInterface", [desired], () => this.#host.restoreInterface(desired));
  }

  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    return this.#did(
      "addAddress",
      [address, leaseSeconds ?? null],
      () => this.#host.addAddress(address, leaseSeconds),
    );
  }

  demoteAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    return this.#did(
      "demoteAddress",
      [address, leaseSeconds ?? null],
      () => this.#host.demoteAddress(address, leaseSeconds),
    );
  }

  /** The result is recorded as the positions of those that were put. */
  addNewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds?: number,
  ): ReadonlySet<VirtualAddress> {
    return this.#recorder.did(
      "addNewAddresses",
      [addresses, leaseSeconds ?? null],
      () => this.#host.addNewAddresses(addresses, leaseSeconds),
      (put) => Array.from(put, (address) => addresses.indexOf(address)),
    );
  }

  /** Every advert renews leases: the recording has only their number. */
  renewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds: number,
    failed: (error: HostError) => void,
  ): void {
    const heard = (error: HostError) =>
      this.#recorder.turn({ kind: "renewal_failed", error }, () => failed(error));
    this.#did(
      "renewAddresses",
      [addresses.length, leaseSeconds],
      () => this.#host.renewAddresses(addresses, leaseSeconds, heard),
    );
  }

  removeAddress(address: VirtualAddress): HostError | null {
    return this.#did("removeAddress", [address], () => this.#host.removeAddress(address));
  }

  drainAddress(address: VirtualAddress, forMs: number): HostError | null {
    return this.#did(
      "drainAddress",
      [address, forMs],
      () => this.#host.drainAddress(address, forMs),
    );
  }

  forwardConnections(
    address: VirtualAddress,
    interfaceName: string,
    peer: IpAddress,
    forMs: number,
  ): HostError | null {
    return this.#did(
      "forwardConnections",
      [address, interfaceName, peer, forMs],
      () => this.#host.forwardConnections(address, interfaceName, peer, forMs),
    );
  }

  blockPackets(addresses: readonly VirtualAddress[]): HostError | null {
    return this.#did("blockPackets", [addresses], () => this.#host.blockPackets(addresses));
  }

  addRouting(entry: RoutingEntry): HostError | null {
    return this.#did("addRouting", [entry], () => this.#host.addRouting(entry));
  }

  removeRouting(entry: RoutingEntry): HostError | null {
    return this.#did("removeRouting", [entry], () => this.#host.removeRouting(entry));
  }

  announce(address: VirtualAddress): HostError | null {
    return this.#did("announce", [address], () => this.#host.announce(address));
  }

  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober {
    const port = this.#names.next(check.name);
    const prober = this.#did("openProber", [port], () =>
      this.#host.openProber(check, (result) => {
        const heard = {
          kind: "probe",
          port,
          result: this.#recorder.standIns.result(result),
        } as const;
        this.#recorder.turn(heard, () => report(result));
      }), true);
    return {
      probe: () => this.#did("probe", [port], () => prober.probe()),
      close: () => this.#did("closeProber", [port], () => prober.close()),
    };
  }

  runProgram(run: TimedProgramRun, ended: (result: ProbeResult) => void): () => void {
    const command = this.#recorder.standIns.command(run.program);
    const port = this.#names.next(command[0]);
    const end = this.#did(
      "runProgram",
      [port, command, run.timeoutMs],
      () =>
        this.#host.runProgram(run, (result) => {
          const heard = {
            kind: "program",
            port,
            result: this.#recorder.standIns.result(result),
          } as const;
          this.#recorder.turn(heard, () => ended(result));
        }),
      true,
    );
    return () => this.#did("endProgram", [port], end);
  }

  /** `opens`: the result is an object with calls of its own, which is not recorded. */
  #did<T>(call: string, args: readonly unknown[], run: () => T, opens = false): T {
    return this.#recorder.did(call, args, run, opens ? () => null : undefined);
  }
}
