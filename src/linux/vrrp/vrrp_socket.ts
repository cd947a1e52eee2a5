/**
 * Protocol 112 on one interface, through a raw socket (raw(7)).
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import type { VrrpDatagram } from "../../host/vrrp.ts";
import type { Family, IpAddress } from "../../wire/address.ts";
import type { FilterInstruction } from "../../wire/filters/bpf.ts";
import { VRRP_PROTOCOL, VRRP_TTL } from "../../wire/vrrp.ts";
import { enlargeReceiveBuffer } from "../netlink/netlink_socket.ts";
import {
  MSG_DONTWAIT,
  SO_BINDTODEVICE,
  SO_MEMINFO,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
  TC_PRIO_CONTROL,
} from "../sys/constants.ts";
import type { SysContext } from "../sys/context.ts";
import { must } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import { attachFilter } from "../sys/socket_filter.ts";
import { WatchedSocket } from "../sys/watched_socket.ts";
import type { IncomingDatagram, IpLayer, OutgoingDatagram, SocketTarget } from "./ip_layer.ts";
import { IPV4_LAYER } from "./ipv4_layer.ts";
import { IPV6_LAYER } from "./ipv6_layer.ts";
import { sendError } from "./send_error.ts";

/** struct sk_meminfo of SO_MEMINFO: 9 numbers; SK_MEMINFO_DROPS is how many packets found no room. */
const MEMORY_INFO_OCTETS = 36;
const MEMORY_INFO_DROPS_OFFSET = 32;

const LAYERS: Readonly<Record<Family, IpLayer>> = { ipv4: IPV4_LAYER, ipv6: IPV6_LAYER };

interface Sent {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl: number;
  readonly datagram: OutgoingDatagram;
}

/** How much of what arrives a socket takes. */
export interface Intake {
  /**
   * Size of the receive buffer, for the time while the program is busy or stopped, in octets; the kernel doubles it.
   */
  readonly bufferOctets: number;
  /** Datagrams that one wake-up reads. */
  readonly datagramsPerWake: number;
  /** How long nothing is read after a wake-up with that many, in milliseconds; 0 for no pause. */
  readonly pauseMs: number;
}

/** A socket's options. */
export interface SocketOptions {
  /** The multicast groups that it joins. */
  readonly groups: readonly IpAddress[];
  readonly intake: Intake;
  /** The filter for protocol 112; without it the kernel delivers everything. */
  readonly filter?: readonly FilterInstruction[];
  readonly receive: (datagram: VrrpDatagram) => void;
  /**
   * Called with the number of datagrams that found no room since the last call, including those that the filter
   * rejects.
   */
  readonly unread: (count: number) => void;
}

/** One raw socket of one interface and family. */
export class VrrpSocket {
  readonly #libc: Libc;
  readonly #layer: IpLayer;
  readonly #target: SocketTarget;
  readonly #options: SocketOptions;
  readonly #read: (fd: number) => IncomingDatagram | null | undefined;
  /** The last datagram of each payload; callers must not change a payload afterwards. */
  readonly #sent = new WeakMap<Uint8Array, Sent>();
  readonly #memoryInfo: Octets = new Uint8Array(MEMORY_INFO_OCTETS);
  #unread = 0;
  readonly #socket: WatchedSocket;

  private constructor(
    context: SysContext,
    fd: number,
    layer: IpLayer,
    target: SocketTarget,
    options: SocketOptions,
  ) {
    const { libc } = context;
    this.#libc = libc;
    this.#layer = layer;
    this.#target = target;
    this.#options = options;
    this.#read = layer.reader(libc, options.groups);
    this.#socket = new WatchedSocket(context, fd, () => this.#drain());
  }

  /**
   * Opens a socket on the interface that has this name and index now. It stays with that interface: if a new one takes
   * over the name, the caller has to open it again.
   *
   * @throws {SysError}
   */
  static open(
    context: SysContext,
    target: SocketTarget,
    family: Family,
    options: SocketOptions,
  ): VrrpSocket {
    const { libc } = context;
    const action = openAction(target);
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const layer = LAYERS[family];
    const fd = must(action, "socket", libc.socket(layer.domain, type, VRRP_PROTOCOL));
    try {
      // First, so that nothing arrives unfiltered.
      if (options.filter) attachFilter(libc, fd, action, options.filter);
      bindToInterface(libc, fd, action, target, options.intake.bufferOctets);
      layer.configure(libc, fd, action, target, options.groups);
      return new VrrpSocket(context, fd, layer, target, options);
    } catch (error) {
      libc.closeFd(fd);
      throw error;
    }
  }

  /**
   * From now on the kernel delivers what `filter` passes.
   *
   * @throws {SysError}
   */
  setFilter(filter: readonly FilterInstruction[]): void {
    const { fd } = this.#socket;
    if (fd >= 0) attachFilter(this.#libc, fd, openAction(this.#target), filter);
  }

  send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl = VRRP_TTL,
  ): HostError | null {
    if (this.#socket.fd < 0) return this.#failed("closed", "the port is closed");
    const datagram = this.#datagram(payload, source, destination, ttl);
    if (!datagram) return this.#failed("address", `"${destination}" is not ${this.#layer.title}`);
    const { octets, address } = datagram;
    const sent = this.#libc.sendto(this.#socket.fd, octets, MSG_DONTWAIT, address);
    return sent < 0 ? sendError(this.#target.name, -sent, octets.length) : null;
  }

  #failed(code: string, why: string): HostError {
    return { code, message: `Cannot send VRRP on ${this.#target.name}: ${why}` };
  }

  /** A master sends the same octets again and again, so their header is made once. */
  #datagram(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl: number,
  ): OutgoingDatagram | null {
    const known = this.#sent.get(payload);
    if (known?.source === source && known.destination === destination && known.ttl === ttl) {
      return known.datagram;
    }
    const datagram = this.#layer.encode(payload, { source, destination, ttl }, this.#target);
    if (datagram) this.#sent.set(payload, { source, destination, ttl, datagram });
    return datagram;
  }

  close(): void {
    this.#socket.close();
  }

  #drain(): void {
    const { intake: { datagramsPerWake }, receive } = this.#options;
    for (let count = 0; count < datagramsPerWake && this.#socket.fd >= 0; count++) {
      const datagram = this.#read(this.#socket.fd);
      // Nothing more, or an error of the interface (ENETDOWN and similar), which reading has cleared; the netlink
      // monitor reports the interface.
      if (datagram === null) return;
      if (datagram) receive({ interface: this.#target.name, ...datagram });
    }
    if (this.#socket.fd >= 0) this.#flooded();
  }

  /** More came than one wake-up reads. */
  #flooded(): void {
    this.#countUnread();
    const { pauseMs } = this.#options.intake;
    if (pauseMs === 0) return;
    this.#socket.pause(performance.now() + pauseMs);
  }

  #countUnread(): void {
    const info = this.#memoryInfo;
    if (this.#libc.getsockopt(this.#socket.fd, SOL_SOCKET, SO_MEMINFO, info) < 0) return;
    const total = new DataView(info.buffer).getUint32(MEMORY_INFO_DROPS_OFFSET, true);
    // The kernel's counter has 32 bits.
    const count = (total - this.#unread) >>> 0;
    this.#unread = total;
    if (count > 0) this.#options.unread(count);
  }
}

function openAction(target: SocketTarget): string {
  return `open VRRP on ${target.name}`;
}

function bindToInterface(
  libc: Libc,
  fd: number,
  action: string,
  target: SocketTarget,
  bufferOctets: number,
): void {
  const name = new TextEncoder().encode(`${target.name}\0`);
  const bound = libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name);
  must(action, "setsockopt(SO_BINDTODEVICE)", bound);
  // Both help only under load; vipd also runs on a host that refuses them.
  libc.setsockoptInt(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL);
  enlargeReceiveBuffer(libc, fd, bufferOctets);
}
