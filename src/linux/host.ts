/**
 * The real host: Linux, through libc.
 *
 * @module
 */

import type { ProcessConfig } from "../config/model.ts";
import type { Prober, ProbeResult } from "../health/check.ts";
import type { CheckConfig } from "../health/check_config.ts";
import { openProber } from "../health/probers.ts";
import type { TimedProgramRun } from "../health/programs/program_run.ts";
import { startProgram } from "../health/programs/start_program.ts";
import type { VirtualAddress } from "../host/addresses.ts";
import type { ClaimPort, HeardClaim } from "../host/claims.ts";
import type { CancelTimer, Timer } from "../host/clock.ts";
import { type HostError, isHostError } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { InterfaceState, VirtualInterface } from "../host/interfaces.ts";
import type { LockHolder } from "../host/locks.ts";
import type { RoutingEntry } from "../host/routing.ts";
import type { Tap, VrrpDatagram, VrrpPort, VrrpPortOptions, VrrpTap } from "../host/vrrp.ts";
import type { ShutDown } from "../runtime/connection.ts";
import type { MarkedAddress } from "../vip/addresses.ts";
import {
  type AddressClaim,
  type Family,
  familyOf,
  type IpAddress,
  type MacAddress,
} from "../wire/address.ts";
import { Announcer } from "./link/announcer.ts";
import { ClaimSocket } from "./link/claim_socket.ts";
import { LinuxPinger } from "./link/pinger.ts";
import { Netlink } from "./netlink/netlink.ts";
import { Routing } from "./netlink/routing.ts";
import { VirtualInterfaces } from "./netlink/virtual_interfaces.ts";
import { Drain } from "./nftables/drain.ts";
import { PacketFilter } from "./nftables/packet_filter.ts";
import { passNothingOn } from "./process/inheritance.ts";
import { ProcessTuning, type TuningOutcome } from "./process/process_tuning.ts";
import { LinuxProcesses } from "./process/processes.ts";
import { ResourceLocks } from "./process/resource_locks.ts";
import { notifySystemd, reloadingState } from "./process/systemd.ts";
import { ConnectionShutdown } from "./sys/connection_shutdown.ts";
import { asHostError, missingInterface } from "./sys/errors.ts";
import { readKernelFile } from "./sys/kernel_files.ts";
import { Libc } from "./sys/libc.ts";
import { Reactor } from "./sys/reactor.ts";
import { readSmallFile } from "./sys/small_file.ts";
import { Timers } from "./sys/timers.ts";
import { VrrpFrames } from "./vrrp/vrrp_frames.ts";
import { VrrpLinuxPort } from "./vrrp/vrrp_port.ts";
import { VrrpTapSocket } from "./vrrp/vrrp_tap.ts";

const LOOPBACK = "lo";
/** Version 0, as long as the head of an advert: whoever reads it discards it. */
const NO_ADVERT = new Uint8Array(8);

export interface LinuxHostOptions {
  /** Told what the functions throw that the host calls; they end neither it nor each other. */
  readonly onError: (error: unknown) => void;
}

/** The machine that the program runs on. Keeps the program alive until it is closed. */
export class LinuxHost implements Host {
  /**
   * The master's last advert is read 0.2 to 0.5 ms after it came, waking takes as long, and so does putting an address on
   * and announcing it.
   */
  readonly leadMs = 2;
  /**
   * A wake costs as much as ten adverts or more. Not longer: what leaves at one wake arrives at once, and the usual receive
   * buffer holds some 250 adverts.
   */
  readonly stepMs = 50;
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #timers: Timers;
  readonly #netlink: Netlink;
  readonly #routing: Routing;
  readonly #virtualInterfaces: VirtualInterfaces;
  readonly #frames: VrrpFrames;
  readonly #filter: PacketFilter;
  readonly #drain: Drain;
  readonly #announcer: Announcer;
  readonly #locks: ResourceLocks;
  readonly #connections: ConnectionShutdown;
  readonly #processes: LinuxProcesses;
  readonly #pinger: LinuxPinger;
  readonly #ports = new Set<Tap>();
  readonly #notifySocket: string | undefined;

  private constructor(libc: Libc, options: LinuxHostOptions) {
    const { onError } = options;
    this.#libc = libc;
    this.#announcer = new Announcer(libc);
    this.#locks = new ResourceLocks(libc);
    this.#reactor = new Reactor(libc, onError);
    this.#timers = new Timers(libc, this.#reactor, () => this.nowMs(), onError);
    this.#netlink = new Netlink(libc, this.#reactor, onError);
    this.#routing = new Routing(libc, this.#reactor, this.#netlink);
    this.#netlink.watch(() => this.#routing.interfacesChanged());
    this.#virtualInterfaces = new VirtualInterfaces(this.#netlink);
    this.#frames = new VrrpFrames(libc);
    this.#filter = new PacketFilter(libc);
    this.#drain = new Drain(libc, this.#timers, this.#netlink);
    this.#connections = new ConnectionShutdown(libc);
    this.#processes = new LinuxProcesses(libc, this.#reactor);
    const context = { libc, reactor: this.#reactor, timers: this.#timers };
    this.#pinger = new LinuxPinger(context, this);
    this.#notifySocket = Deno.env.get("NOTIFY_SOCKET");
    this.#reactor.start(() => this.#timers.fireDue());
  }

  /**
   * Opens what every load balancer needs and reads the host's interfaces.
   *
   * @throws {SysError} when the system refuses; the message names the missing capability.
   * @throws {Error} on a system without glibc.
   */
  static open(options: LinuxHostOptions): LinuxHost {
    const libc = Libc.open();
    passNothingOn(libc);
    return new LinuxHost(libc, options);
  }

  /**
   * Closes everything that was opened here, once no address is kept for its connections any more. Other addresses stay:
   * taking them off is the node's business.
   */
  async close(): Promise<void> {
    await this.#drain.settled();
    // First nobody waits on the descriptors any more, then they go.
    await this.#reactor.close();
    for (const port of this.#ports) port.close();
    this.#pinger.close();
    this.#processes.close();
    this.#filter.close();
    this.#drain.close();
    this.#frames.close();
    this.#routing.close();
    this.#netlink.close();
    this.#timers.close();
    this.#announcer.close();
    this.#locks.close();
    this.#libc.close();
  }

  nowMs(): number {
    return performance.now();
  }

  wallClockMs(): number {
    return Date.now();
  }

  setTimer(atMs: number, fire: () => void, earlyMs?: number): CancelTimer {
    return this.#timers.set(atMs, fire, earlyMs);
  }

  newTimer(fire: () => void): Timer {
    return this.#timers.make(fire);
  }

  /** How late timers have fired at most since this was last asked, in milliseconds. */
  takeLateMs(): number {
    return this.#timers.takeLateMs();
  }

  interfaceState(name: string): InterfaceState | null {
    return this.#netlink.interfaceState(name);
  }

  /** The names of all interfaces. */
  interfaceNames(): string[] {
    return this.#netlink.interfaceNames();
  }

  readInterfaces(): void {
    this.#netlink.readAgain();
  }

  watchInterfaces(listener: (name: string) => void): void {
    this.#netlink.watch(listener);
  }

  openVrrp(
    interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    options?: VrrpPortOptions,
  ): VrrpPort | HostError {
    const action = `open VRRP on ${interfaceName}`;
    const state = this.interfaceState(interfaceName);
    if (!state) return missingInterface(action, interfaceName);
    const port = VrrpLinuxPort.open(
      this.#libc,
      this.#reactor,
      this.#timers,
      state,
      family,
      receive,
      options,
    );
    if (isHostError(port)) return port;
    return {
      send: (payload, source, destination, ttl) => port.send(payload, source, destination, ttl),
      expect: (routers) => port.expect(routers),
      close: this.#closer(port),
    };
  }

  sendVrrpAs(
    mac: MacAddress,
    interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null {
    const state = this.interfaceState(interfaceName);
    if (!state) return missingInterface(`send VRRP on ${interfaceName}`, interfaceName);
    return this.#frames.send(state, mac, payload, source, destination);
  }

  addInterface(wanted: VirtualInterface): HostError | null {
    return this.#virtualInterfaces.add(wanted);
  }

  removeInterface(name: string): HostError | null {
    return this.#virtualInterfaces.remove(name);
  }

  setInterfaceUp(name: string, up: boolean): HostError | null {
    return this.#virtualInterfaces.setUp(name, up);
  }

  restoreInterface(wanted: VirtualInterface): HostError | null {
    return this.#virtualInterfaces.restore(wanted);
  }

  ownInterfaces(): readonly string[] {
    return this.#virtualInterfaces.own();
  }

  /**
   * Goes once through what a takeover asks the kernel for, where it changes nothing and leaves nothing: an address on an
   * interface that does not exist, its announcement and an advert on the loopback interface, which nobody reads.
   */
  rehearseTakeover(family: Family): void {
    const address = family === "ipv4"
      ? { address: "127.0.0.1", prefixLength: 8, device: LOOPBACK }
      : { address: "::1", prefixLength: 128, device: LOOPBACK };
    this.#netlink.rehearse(address, 1);
    this.announce(address);
    const port = this.openVrrp(LOOPBACK, family, () => {}, { multicast: false });
    // Where even that is refused, the takeover itself will tell.
    if (isHostError(port)) return;
    port.send(NO_ADVERT, address.address, address.address);
    port.close();
  }

  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    const error = this.#netlink.addAddress(address, leaseSeconds);
    if (!error) this.#drain.release(address.address);
    return error;
  }

  addNewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds?: number,
  ): ReadonlySet<VirtualAddress> {
    const put = this.#netlink.addNewAddresses(addresses, leaseSeconds);
    for (const { address } of put) this.#drain.release(address);
    return put;
  }

  renewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds: number,
    failed: (error: HostError) => void,
  ): void {
    this.#netlink.renewAddresses({ addresses, leaseSeconds, failed });
  }

  removeAddress(address: VirtualAddress): HostError | null {
    const error = this.#netlink.removeAddress(address);
    if (!error) this.#drain.release(address.address);
    return error;
  }

  drainAddress(address: VirtualAddress, forMs: number): HostError | null {
    return this.#drain.keepSilently(address, forMs);
  }

  forwardConnections(
    address: VirtualAddress,
    interfaceName: string,
    peer: IpAddress,
    forMs: number,
  ): HostError | null {
    const state = this.interfaceState(interfaceName);
    if (!state) return missingInterface(`pass connections on to ${peer}`, interfaceName);
    return this.#drain.passOn(address, { address: peer, interfaceIndex: state.index }, forMs);
  }

  markedAddresses(): readonly MarkedAddress[] {
    return this.#netlink.markedAddresses();
  }

  blockPackets(addresses: readonly VirtualAddress[]): HostError | null {
    return this.#filter.refuse(addresses);
  }

  addRouting(entry: RoutingEntry): HostError | null {
    return this.#routing.add(entry);
  }

  removeRouting(entry: RoutingEntry): HostError | null {
    return this.#routing.remove(entry);
  }

  ownRouting(): readonly RoutingEntry[] {
    return this.#routing.own();
  }

  lock(resource: string): LockHolder | null {
    return this.#locks.take(resource);
  }

  unlock(resource: string): void {
    this.#locks.free(resource);
  }

  lockHolder(resource: string): LockHolder | null {
    return this.#locks.holder(resource);
  }

  watchRouting(listener: () => void): void {
    this.#routing.watch(listener);
  }

  announce(address: VirtualAddress): HostError | null {
    const link = this.#netlink.link(address.device);
    if (!link) return missingInterface(`announce ${address.address}`, address.device);
    const forwards = familyOf(address.address) === "ipv6" && this.#netlink.forwardsIpv6(link.index);
    return this.#announcer.announce(address.address, link, forwards);
  }

  openClaims(
    interfaceName: string,
    family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort | HostError {
    const options = {
      family,
      addresses,
      state: (name: string) => this.interfaceState(name),
      heard: (claim: AddressClaim) =>
        heard({ ...claim, interface: interfaceName, own: this.#netlink.hasMac(claim.mac) }),
    };
    const port = this.#openOn(
      `listen for claims on ${interfaceName}`,
      interfaceName,
      (target) => new ClaimSocket(this.#libc, this.#reactor, this.#timers, { target, ...options }),
    );
    if (isHostError(port)) return port;
    return { probe: (address) => port.probe(address), close: this.#closer(port) };
  }

  openVrrpTap(
    interfaceName: string,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap | HostError {
    const port = this.#openOn(
      `listen for VRRP on ${interfaceName}`,
      interfaceName,
      (state) => new VrrpTapSocket(this.#libc, this.#reactor, this.#timers, state, family, heard),
    );
    if (isHostError(port)) return port;
    return { listen: (listening) => port.listen(listening), close: this.#closer(port) };
  }

  /** The text of a file in /proc or /sys; `null` when it cannot be read. */
  readKernelFile(path: string): string | null {
    return readKernelFile(this.#libc, path);
  }

  /** Whether a process of that name runs. */
  runs(name: string): boolean {
    return this.#processes.find(name).length > 0;
  }

  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober {
    const ports = {
      processes: this.#processes,
      pinger: this.#pinger,
      files: { read: (path: string, octets: number) => readSmallFile(this.#libc, path, octets) },
      shutDown: this.shutDown,
    };
    return openProber(check, ports, report);
  }

  /** For connections of this process, while the host is open. */
  readonly shutDown: ShutDown = (connection) => void this.#connections.shutdown(connection);

  runProgram(run: TimedProgramRun, ended: (result: ProbeResult) => void): () => void {
    return startProgram(run, ended);
  }

  /** Asks the kernel to treat this process as `wanted`, also the threads that the runtime starts from now on. */
  tuneProcess(wanted: ProcessConfig): TuningOutcome {
    const tuning = new ProcessTuning(this.#libc);
    const outcome = tuning.apply(wanted);
    const { realtime_priority, nice } = outcome.status;
    if (realtime_priority !== null || nice !== null) {
      this.#reactor.watchWaits(() => tuning.includeNewThreads());
    }
    return outcome;
  }

  /**
   * Tells systemd, where it has started this program with Type=notify; otherwise does nothing.
   *
   * @param state lines of sd_notify(3): `READY=1\nSTATUS=...`
   */
  notifySystemd(state: string): HostError | null {
    return notifySystemd(this.#libc, this.#notifySocket, state);
  }

  /** Tells it that a reload begins; `READY=1` ends it. */
  notifyReloading(): HostError | null {
    return this.notifySystemd(reloadingState(this.#libc));
  }

  #openOn<T extends Tap>(
    action: string,
    interfaceName: string,
    open: (state: InterfaceState) => T,
  ): T | HostError {
    const state = this.interfaceState(interfaceName);
    if (!state) return missingInterface(action, interfaceName);
    try {
      return open(state);
    } catch (error) {
      return asHostError(error);
    }
  }

  /** What closes it; a port that its user has not closed is closed with the host. */
  #closer(port: Tap): () => void {
    this.#ports.add(port);
    return () => {
      this.#ports.delete(port);
      port.close();
    };
  }
}
