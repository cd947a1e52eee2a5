/**
 * The machine for a goodbye: vipd's resources on it, and a way to send. It opens little, because it has to be quick,
 * and waits for nothing.
 *
 * @module
 */

import type { VirtualAddress } from "../host/addresses.ts";
import type { HostError } from "../host/errors.ts";
import type { GoodbyeHost } from "../host/goodbye_host.ts";
import type { InterfaceState } from "../host/interfaces.ts";
import type { LockHolder } from "../host/locks.ts";
import type { VrrpPort } from "../host/vrrp.ts";
import type { MarkedAddress } from "../vip/addresses.ts";
import type { RoutingEntry } from "../vip/routing.ts";
import type { Family, IpAddress, MacAddress } from "../wire/address.ts";
import { VRRP_PROTOCOL } from "../wire/vrrp.ts";
import { marksAddresses } from "./netlink/interface_dump.ts";
import { Netlink } from "./netlink/netlink.ts";
import { Routing } from "./netlink/routing.ts";
import { VirtualInterfaces } from "./netlink/virtual_interfaces.ts";
import { ResourceLocks } from "./process/resource_locks.ts";
import type { SysContext } from "./sys/context.ts";
import { asHostError, missingInterface } from "./sys/errors.ts";
import { BOOT_ID_FILE, readKernelFile } from "./sys/kernel_files.ts";
import { Libc } from "./sys/libc.ts";
import { Reactor } from "./sys/reactor.ts";
import { Timers } from "./sys/timers.ts";
import { VrrpFrames } from "./vrrp/vrrp_frames.ts";
import { VrrpSender } from "./vrrp/vrrp_sender.ts";

export class LinuxGoodbyeHost implements GoodbyeHost {
  readonly #sys: SysContext;
  readonly #netlink: Netlink;
  readonly #routing: Routing;
  readonly #virtualInterfaces: VirtualInterfaces;
  readonly #frames: VrrpFrames;

  /** @throws {SysError} if the system refuses; the message names the missing capability. */
  constructor() {
    const failed = (error: unknown) => {
      throw error;
    };
    const libc = Libc.open();
    // Never started, because the goodbye reads the kernel's answers as it goes.
    const reactor = new Reactor(libc, failed);
    const timers = new Timers(libc, reactor, () => performance.now(), failed);
    this.#sys = { libc, reactor, timers };
    this.#netlink = new Netlink(libc, reactor, failed);
    this.#routing = new Routing(libc, reactor, this.#netlink);
    this.#virtualInterfaces = new VirtualInterfaces(this.#netlink);
    this.#frames = new VrrpFrames(libc);
  }

  /** The kernel's random id of this boot; empty if there is none. */
  get boot(): string {
    return (this.#read(BOOT_ID_FILE) ?? "").trim();
  }

  get marksAddresses(): boolean {
    return marksAddresses(this.#sys.libc);
  }

  get othersSpeak(): boolean {
    // proc(5): a raw socket shows its protocol in the place of a local port.
    const port = `:${VRRP_PROTOCOL.toString(16).padStart(4, "0")}`;
    return ["raw", "raw6"].some((name) =>
      (this.#read(`/proc/net/${name}`) ?? "").split("\n").some((line) =>
        line.trim().split(/\s+/)[1]?.endsWith(port)
      )
    );
  }

  wallClockMs(): number {
    return Date.now();
  }

  lockHolder(resource: string): LockHolder | null {
    return new ResourceLocks(this.#sys.libc).holder(resource);
  }

  interfaceState(name: string): InterfaceState | null {
    return this.#netlink.interfaceState(name);
  }

  markedAddresses(): readonly MarkedAddress[] {
    return this.#netlink.markedAddresses();
  }

  removeAddress(address: VirtualAddress): HostError | null {
    // If no address carries the mark, the dead engine's record says that it has added this one.
    if (!this.marksAddresses) this.#netlink.adopt(address);
    return this.#netlink.removeAddress(address);
  }

  ownRouting(): readonly RoutingEntry[] {
    return this.#routing.own();
  }

  removeRouting(entry: RoutingEntry): HostError | null {
    return this.#routing.remove(entry);
  }

  ownInterfaces(): readonly string[] {
    return this.#virtualInterfaces.own();
  }

  removeInterface(name: string): HostError | null {
    return this.#virtualInterfaces.remove(name);
  }

  /** Only sends. */
  openVrrp(interfaceName: string, family: Family): VrrpPort | HostError {
    const state = this.interfaceState(interfaceName);
    if (!state) return missingInterface(`send VRRP on ${interfaceName}`, interfaceName);
    try {
      const sender = new VrrpSender(this.#sys.libc, state, family);
      return {
        send: (payload, source, destination, ttl) => sender.send(payload, source, destination, ttl),
        expect: () => null,
        close: () => sender.close(),
      };
    } catch (error) {
      return asHostError(error);
    }
  }

  sendVrrpAs(
    mac: MacAddress,
    interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null {
    const state = this.interfaceState(interfaceName);
    return state
      ? this.#frames.send(state, mac, payload, source, destination)
      : missingInterface(`send VRRP on ${interfaceName}`, interfaceName);
  }

  async close(): Promise<void> {
    await this.#sys.reactor.close();
    this.#frames.close();
    this.#routing.close();
    await this.#netlink.close();
    this.#sys.timers.close();
    this.#sys.libc.close();
  }

  #read(path: string): string | null {
    return readKernelFile(this.#sys.libc, path);
  }
}
