/**
 * The real host: Linux, through libc. Each port of `host/` has its part in `ports/`.
 *
 * @module
 */

import type { VirtualAddress } from "../host/addresses.ts";
import { isHostError } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { Family } from "../wire/address.ts";
import { Announcer } from "./link/announcer.ts";
import { LinuxPinger } from "./link/pinger.ts";
import { Netlink } from "./netlink/netlink.ts";
import { Routing } from "./netlink/routing.ts";
import { VirtualInterfaces } from "./netlink/virtual_interfaces.ts";
import { Drain } from "./nftables/drain.ts";
import { PacketFilter } from "./nftables/packet_filter.ts";
import { linuxAddresses } from "./ports/addresses.ts";
import { linuxClaims } from "./ports/claims.ts";
import { linuxClock } from "./ports/clock.ts";
import { linuxFirewall } from "./ports/firewall.ts";
import { linuxInterfaces } from "./ports/interfaces.ts";
import { linuxLocks } from "./ports/locks.ts";
import { OpenPorts } from "./ports/open_ports.ts";
import { linuxProcess, type Process } from "./ports/process.ts";
import { linuxPrograms } from "./ports/programs.ts";
import { linuxRouting } from "./ports/routing.ts";
import { linuxVrrp } from "./ports/vrrp.ts";
import { passNothingOn } from "./process/inheritance.ts";
import { LinuxProcesses } from "./process/processes.ts";
import { ResourceLocks } from "./process/resource_locks.ts";
import { Libc } from "./sys/libc.ts";
import { Reactor } from "./sys/reactor.ts";
import { NamedPipe, type PipeOwner } from "./sys/named_pipe.ts";
import { readSmallFile } from "./sys/small_file.ts";
import { Timers } from "./sys/timers.ts";
import { VrrpFrames } from "./vrrp/vrrp_frames.ts";

const LOOPBACK = "lo";
/** Version 0, as long as the head of an advert: anyone who reads it discards it. */
const NO_ADVERT = new Uint8Array(8);

export interface LinuxHostOptions {
  /** Called with what the functions throw that the host calls; they end neither it nor each other. */
  readonly onError: (error: unknown) => void;
}

/** The calls of the parts, which the constructor hands over. */
type Ports = Host & Process;

export interface LinuxHost extends Ports {}

/** The machine that the program runs on. Keeps the program alive until it is closed. */
export class LinuxHost {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #timers: Timers;
  readonly #netlink: Netlink;
  readonly #routing: Routing;
  readonly #frames: VrrpFrames;
  readonly #filter: PacketFilter;
  readonly #drain: Drain;
  readonly #announcer: Announcer;
  readonly #locks: ResourceLocks;
  readonly #processes: LinuxProcesses;
  readonly #pinger: LinuxPinger;
  readonly #openPorts: OpenPorts;

  private constructor(libc: Libc, { onError }: LinuxHostOptions) {
    this.#libc = libc;
    this.#announcer = new Announcer(libc);
    this.#locks = new ResourceLocks(libc);
    this.#reactor = new Reactor(libc, onError);
    this.#timers = new Timers(libc, this.#reactor, () => performance.now(), onError);
    this.#netlink = new Netlink(libc, this.#reactor, onError);
    this.#routing = new Routing(libc, this.#reactor, this.#netlink);
    this.#netlink.watch(() => this.#routing.interfacesChanged());
    this.#frames = new VrrpFrames(libc);
    this.#filter = new PacketFilter(libc);
    this.#drain = new Drain(libc, this.#timers, this.#netlink);
    this.#processes = new LinuxProcesses(libc, this.#reactor);
    this.#pinger = new LinuxPinger(this.#context, this.#netlink);
    this.#openPorts = new OpenPorts(this.#netlink);
    Object.assign(this, this.#ports());
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

  get #context() {
    return { libc: this.#libc, reactor: this.#reactor, timers: this.#timers };
  }

  #ports(): Ports {
    const [context, netlink] = [this.#context, this.#netlink];
    const process = linuxProcess(context, this.#processes);
    return {
      ...linuxClock(this.#timers),
      ...linuxInterfaces(this.#libc, netlink, new VirtualInterfaces(netlink)),
      ...linuxVrrp(context, netlink, this.#frames, this.#openPorts),
      ...linuxAddresses({
        ...{ netlink, drain: this.#drain },
        ...{ filter: this.#filter, announcer: this.#announcer },
      }),
      ...linuxRouting(this.#routing),
      ...linuxClaims(context, netlink, this.#openPorts),
      ...linuxLocks(this.#locks),
      ...linuxFirewall(this.#libc, netlink),
      ...linuxPrograms({
        processes: this.#processes,
        pinger: this.#pinger,
        files: { read: (path, octets) => readSmallFile(this.#libc, path, octets) },
        shutDown: process.shutDown,
      }),
      ...process,
    };
  }

  /**
   * Closes everything that was opened here, once no address is kept for its connections any more. Other addresses stay:
   * the node removes them.
   */
  async close(): Promise<void> {
    await this.#drain.settled();
    // First nobody waits on the descriptors any more, then they go.
    await this.#reactor.close();
    this.#openPorts.close();
    this.#pinger.close();
    this.#processes.close();
    this.#filter.close();
    this.#drain.close();
    this.#frames.close();
    this.#routing.close();
    await this.#netlink.close();
    this.#timers.close();
    this.#announcer.close();
    this.#locks.close();
    this.#libc.close();
  }

  /** These addresses may have to be added together, with such a lease; it is quicker then. */
  prepareAddresses(addresses: readonly VirtualAddress[], leaseSeconds: number | null): void {
    this.#netlink.prepareAddresses(addresses, leaseSeconds ?? undefined);
  }

  /** Opens the named pipe at `path`, which it makes for `owner` if it is missing; or returns why it cannot. */
  async openPipe(path: string, owner: PipeOwner | null): Promise<NamedPipe | string> {
    return await NamedPipe.open(this.#libc, path, owner);
  }

  /**
   * Asks the kernel once for what a takeover needs, so that nothing changes and nothing stays: so many
   * addresses on an interface that does not exist, the announcement of one and an advert on the loopback interface, which
   * nobody reads.
   */
  warmUpTakeover(family: Family, addressCount: number): void {
    const address = family === "ipv4"
      ? { address: "127.0.0.1", prefixLength: 8, device: LOOPBACK }
      : { address: "::1", prefixLength: 128, device: LOOPBACK };
    this.#netlink.warmUp(new Array<VirtualAddress>(addressCount).fill(address), 1);
    this.announce(address);
    const port = this.openVrrp(LOOPBACK, family, () => {}, { multicast: false });
    // If even that is refused, the takeover itself will report it.
    if (isHostError(port)) return;
    port.send(NO_ADVERT, address.address, address.address);
    port.close();
  }
}
