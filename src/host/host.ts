/**
 * What a load balancer needs from the machine it runs on. `linux/` is the real one, `sim/` the virtual
 * one; the node knows neither. Every call is synchronous: an effect is done, or its error known, when
 * the call returns, so that the order of effects is the order of calls.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../health/check.ts";
import type { CheckConfig } from "../health/check_config.ts";
import type { TimedProgramRun } from "../health/programs/program_run.ts";
import type { ActualAddress, MarkedAddress, VirtualAddress } from "../vip/addresses.ts";
import type { RoutingEntry } from "../vip/routing.ts";
import type { VirtualInterface } from "../vip/virtual_interface.ts";
import type { AddressClaim, Family, IpAddress, MacAddress } from "../wire/address.ts";
import type { ExpectedRouter } from "../wire/advert_filter.ts";

export type { ExpectedRouter, RoutingEntry, VirtualAddress, VirtualInterface };

/** Something that went wrong on the host: an outcome to report, not an exception. */
export interface HostError {
  /** Stable name of the error, such as `EPERM` or `ENODEV`. */
  readonly code: string;
  /** What was tried and what the system answered, in one sentence for a person. */
  readonly message: string;
}

/** An address that an interface carries. */
export type InterfaceAddress = ActualAddress;

/** A network interface as it is now. */
export interface InterfaceState {
  readonly name: string;
  readonly index: number;
  /** Administratively up (IFF_UP, netdevice(7)). */
  readonly enabled: boolean;
  /** Administratively up and with a carrier (IFF_UP and IFF_RUNNING, netdevice(7)). */
  readonly up: boolean;
  readonly mac: MacAddress;
  /** Of a macvlan: whether it is in mode vepa, as those for virtual MAC addresses are to be. */
  readonly vepa?: boolean;
  /** In the kernel's order: primary addresses before secondary ones. */
  readonly addresses: readonly InterfaceAddress[];
}

/** One received IP datagram of protocol 112. */
export interface VrrpDatagram {
  readonly interface: string;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit of the received datagram. */
  readonly ttl: number;
  /** The VRRP message, without IP header. Valid only during the call. */
  readonly payload: Uint8Array;
}

/** Sends and receives protocol 112 on one interface: traffic class 0xc0, no loopback. */
export interface VrrpPort {
  /**
   * Sends one message from `source` to `destination`, a group or one host; `ttl` is 255 where it is not said. The
   * payload must not be changed afterwards: what was made of it may be sent again.
   */
  send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl?: number,
  ): HostError | null;
  /** From now on the adverts of these are read first, and of all others only some when there are many. */
  expect(routers: readonly ExpectedRouter[]): HostError | null;
  close(): void;
}

export interface VrrpPortOptions {
  /** Joins the family's multicast group, whose datagrams are not received otherwise. @default {true} */
  readonly multicast?: boolean;
  /** As for `VrrpPort.expect`; without it everything is read. */
  readonly expected?: readonly ExpectedRouter[];
  /** Told of datagrams that were not read because too many came: at most how many since the last time. */
  readonly unread?: (count: number) => void;
}

/** A claim to an address, heard on an interface. */
export interface HeardClaim extends AddressClaim {
  readonly interface: string;
  /** True when the MAC address is one of this machine's own interfaces. */
  readonly own: boolean;
}

/** Listens on one interface for hosts that claim certain addresses, and asks for them. */
export interface ClaimPort {
  /** Asks the link who has the address, so that nobody but the one who answers learns anything from it. */
  probe(address: IpAddress): HostError | null;
  close(): void;
}

/** Something that listens until it is closed. */
export interface Tap {
  close(): void;
}

/** Hears VRRP; is opened once, for that and closing cost the machine much more than to listen now and then. */
export interface VrrpTap extends Tap {
  /** Hears from now on, or nothing more until it is called again. */
  listen(listening: boolean): HostError | null;
}

/** Cancels a timer; harmless when it has fired. */
export type CancelTimer = () => void;

/** A timer that is set again and again. */
export interface Timer {
  /** As `Host.setTimer`, instead of the time that it was set to before. */
  set(atMs: number, earlyMs?: number): void;
  readonly cancel: CancelTimer;
}

export interface Host {
  /** Monotonic milliseconds: never goes back, does not follow the wall clock. */
  nowMs(): number;
  /** The wall clock, for what people read; in milliseconds since the epoch. */
  wallClockMs(): number;
  /**
   * Calls `fire` once when `nowMs()` has reached `atMs`. What arrived before is delivered first, so that a
   * process which was stopped for a while does not take a master for dead whose adverts lie unread. Where `earlyMs`
   * is given, it may be called that much earlier together with another timer, which saves a wake.
   */
  setTimer(atMs: number, fire: () => void, earlyMs?: number): CancelTimer;
  /** A timer that calls `fire` each time it has been set: for what is set thousands of times a second. */
  newTimer(fire: () => void): Timer;

  /**
   * How long it is about from a timer until what it brings about is on the link, in milliseconds: a takeover
   * aims that much earlier, within what the protocol's code allows, to be on time.
   */
  readonly leadMs: number;
  /**
   * What is repeated does so best at multiples of this, in milliseconds: what happens at one time costs one wake. 0 where
   * it makes no difference.
   */
  readonly stepMs: number;

  /** The interface of that name, or `null` while there is none. */
  interfaceState(name: string): InterfaceState | null;
  /** Reads all interfaces again: of an IPv6 address that is tentative, Linux notifies nobody. */
  readInterfaces(): void;
  /** Calls `listener` with the name of every interface whose state or addresses changed. */
  watchInterfaces(listener: (name: string) => void): void;

  /** Opens protocol 112 on an interface; every datagram that arrives there is given to `receive`. */
  openVrrp(
    interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    options?: VrrpPortOptions,
  ): VrrpPort | HostError;

  /**
   * Sends one multicast message of protocol 112 out of an interface, in a frame whose source is `mac` instead of the
   * interface's own MAC address.
   */
  sendVrrpAs(
    mac: MacAddress,
    interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null;

  /** Makes an interface with vipd's mark, down: it hears and answers nothing until it is set up. */
  addInterface(wanted: VirtualInterface): HostError | null;
  /** Removes an interface that has the mark; no error when it is not there. */
  removeInterface(name: string): HostError | null;
  setInterfaceUp(name: string, up: boolean): HostError | null;
  /** Gives an interface that `addInterface` has made its MAC address and mode again. */
  restoreInterface(wanted: VirtualInterface): HostError | null;
  /** The names of the interfaces that have vipd's mark now; at start those of an earlier run. */
  ownInterfaces(): readonly string[];

  /**
   * Puts an address on its device, or makes what vipd has put there what it is to be now. An address that the host has of
   * its own stays as it is, which is no error. With `leaseSeconds` the host takes it off by
   * itself that many seconds later, whatever has become of this program by then.
   */
  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null;
  /**
   * Puts those of many addresses that are new to their devices, where that is cheaper together, and returns them; for the
   * others there is `addAddress`, which says why not.
   */
  addNewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds?: number,
  ): ReadonlySet<VirtualAddress>;
  /**
   * Gives addresses that are on their devices another `leaseSeconds`, before anything else is changed and when the
   * program's present turn ends at the latest: with all others of that turn, which makes it cheap, as it is to give the
   * same array again. `failed` is told afterwards that some may not be renewed; `addAddress` tells which.
   */
  renewAddresses(
    addresses: readonly VirtualAddress[],
    leaseSeconds: number,
    failed: (error: HostError) => void,
  ): void;
  /** Takes an address that vipd has put off its device; no error when there is none. */
  removeAddress(address: VirtualAddress): HostError | null;
  /**
   * As `removeAddress`, but TCP connections to the address go on for `forMs`, and then it is off; until then no neighbour
   * learns of it from here. On an error nothing has changed.
   */
  drainAddress(address: VirtualAddress, forMs: number): HostError | null;
  /**
   * For `forMs`, packets of TCP connections to the address that did not begin here go to the neighbour `peer`, which has
   * retired it.
   */
  forwardConnections(
    address: VirtualAddress,
    interfaceName: string,
    peer: IpAddress,
    forMs: number,
  ): HostError | null;
  /** Addresses on any interface that vipd itself once put there (they carry its mark): those of an earlier run at start. */
  markedAddresses(): readonly MarkedAddress[];
  /**
   * Says to all other daemons on this machine that the resource is in this one's care, until it ends or `unlock`.
   *
   * @param resource a text that names it to all of them
   * @returns who has locked it before; `null` when this daemon has it now
   */
  lock(resource: string): LockHolder | null;
  unlock(resource: string): void;
  /** Which other daemon has locked it; `null` when none has. */
  lockHolder(resource: string): LockHolder | null;
  /**
   * From now on packets to these addresses are dropped, and to no others; ARP and neighbour discovery go on. Ends with
   * the program, however that ends. On an error nothing has changed.
   */
  blockPackets(addresses: readonly VirtualAddress[]): HostError | null;
  /**
   * Adds a route or policy rule with vipd's mark, in place of one with the mark and the same identity; no error when it
   * is there already.
   */
  addRouting(entry: RoutingEntry): HostError | null;
  /** Removes one that has the mark; no error when it is not there. */
  removeRouting(entry: RoutingEntry): HostError | null;
  /** The routes and policy rules that have vipd's mark now; at start those of an earlier run. */
  ownRouting(): readonly RoutingEntry[];
  /** Calls `listener` when another program may have changed one of those. */
  watchRouting(listener: () => void): void;
  /** Tells the link who holds the address now: one gratuitous ARP (IPv4) or unsolicited NA (IPv6). */
  announce(address: VirtualAddress): HostError | null;

  /**
   * Calls `heard` with what another machine says on the link about one of `addresses`, all of one family: ARP or NDP. When
   * very many say so, only some are heard.
   */
  openClaims(
    interfaceName: string,
    family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort | HostError;
  /**
   * Calls `heard` with every VRRP datagram that arrives at an interface and the MAC address it comes from, before the
   * machine's firewall has seen it: what `openVrrp` does not deliver may be heard here. It listens from the start. When
   * very many arrive, only some are heard.
   */
  openVrrpTap(
    interfaceName: string,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap | HostError;

  /** Prepares a check's probe; `report` may also be called unasked, as when a watched process dies. */
  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober;

  /**
   * Runs a program once. `ended` is called once and never during the call, at the latest when the program's time
   * is over; what keeps it from running is a result that is not ok.
   *
   * @returns what ends the program early; nothing is told afterwards
   */
  runProgram(run: TimedProgramRun, ended: (result: ProbeResult) => void): () => void;
}

/** Another daemon on this machine that has locked something. */
export interface LockHolder {
  /** `null` when it is not known, as in another PID namespace. */
  readonly pid: number | null;
  /** Its name (comm, proc(5)); `null` when it is not known. */
  readonly name: string | null;
}

/** Tells an error from a port. */
export function isHostError(value: object): value is HostError {
  return "code" in value && "message" in value;
}

/** What a goodbye needs of its machine. */
export type GoodbyeHost =
  & Pick<
    Host,
    | "wallClockMs"
    | "interfaceState"
    | "openVrrp"
    | "sendVrrpAs"
    | "removeAddress"
    | "ownRouting"
    | "removeRouting"
    | "removeInterface"
    | "markedAddresses"
  >
  & {
    /** Addresses carry vipd's mark; Linux before 5.18 has none. */
    readonly marksAddresses: boolean;
    /** Another program of this machine speaks VRRP: what carries the mark may be another vipd's. */
    readonly othersSpeak: boolean;
  };
