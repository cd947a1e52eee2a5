/**
 * Protocol 112 on one interface, through a raw socket (raw(7)).
 *
 * @module
 */

import type { HostError, VrrpDatagram, VrrpPort, VrrpPortOptions } from "../node/host.ts";
import type { Family, IpAddress } from "../wire/address.ts";
import { VRRP_PROTOCOL, VRRP_TTL } from "../wire/vrrp.ts";
import {
  MSG_DONTWAIT,
  SO_BINDTODEVICE,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from "./constants.ts";
import { asHostError, hostError, must } from "./errors.ts";
import type { IncomingDatagram, IpLayer, OutgoingDatagram, SocketTarget } from "./ip_layer.ts";
import { IPV4_LAYER } from "./ipv4_layer.ts";
import { IPV6_LAYER } from "./ipv6_layer.ts";
import type { Libc } from "./libc.ts";
import { enlargeReceiveBuffer } from "./netlink_socket.ts";
import type { Reactor } from "./reactor.ts";

/** Before all other traffic in the interface's queue (TC_PRIO_CONTROL, tc-prio(8)). */
const QUEUE_PRIORITY = 7;
/** What arrives while the program is stopped waits here, in octets; the kernel doubles it. */
const RECEIVE_BUFFER_OCTETS = 512 * 1024;
/**
 * Datagrams read at one wake: more than the buffer holds (the kernel charges some 768 octets for a short one), so that
 * what waited before a timer is all delivered; few enough, at some 5 us each, that a flood does not starve the rest.
 */
const DATAGRAMS_PER_WAKE = 1500;

const LAYERS: Readonly<Record<Family, IpLayer>> = { ipv4: IPV4_LAYER, ipv6: IPV6_LAYER };

interface Sent {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl: number;
  readonly datagram: OutgoingDatagram;
}

/** The raw socket of one interface and family. */
export class VrrpSocket implements VrrpPort {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #layer: IpLayer;
  readonly #target: SocketTarget;
  readonly #read: (fd: number) => IncomingDatagram | null | undefined;
  readonly #receive: (datagram: VrrpDatagram) => void;
  /** What was last sent of each payload; a payload must not be changed afterwards. */
  readonly #sent = new WeakMap<Uint8Array, Sent>();
  #fd: number;

  private constructor(
    libc: Libc,
    reactor: Reactor,
    layer: IpLayer,
    target: SocketTarget,
    multicast: boolean,
    fd: number,
    receive: (datagram: VrrpDatagram) => void,
  ) {
    this.#libc = libc;
    this.#reactor = reactor;
    this.#layer = layer;
    this.#target = target;
    this.#read = layer.reader(libc, multicast);
    this.#receive = receive;
    this.#fd = fd;
    reactor.register(fd, () => this.#drain());
  }

  /**
   * Opens the socket on the interface that has this name and index now. It stays with that interface: when a new one
   * takes over the name, it has to be opened anew.
   */
  static open(
    libc: Libc,
    reactor: Reactor,
    target: SocketTarget,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    { multicast = true }: VrrpPortOptions = {},
  ): VrrpSocket | HostError {
    const action = `open VRRP on ${target.name}`;
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const layer = LAYERS[family];
    const fd = libc.socket(layer.domain, type, VRRP_PROTOCOL);
    if (fd < 0) return hostError(action, "socket", -fd);
    try {
      bindToInterface(libc, fd, action, target);
      layer.configure(libc, fd, action, target, multicast);
      return new VrrpSocket(libc, reactor, layer, target, multicast, fd, receive);
    } catch (error) {
      libc.closeFd(fd);
      return asHostError(error);
    }
  }

  send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl = VRRP_TTL,
  ): HostError | null {
    if (this.#fd < 0) return this.#failed("closed", "the port is closed");
    const datagram = this.#datagram(payload, source, destination, ttl);
    if (!datagram) return this.#failed("address", `"${destination}" is not ${this.#layer.title}`);
    const { octets, address } = datagram;
    const sent = this.#libc.sendto(this.#fd, octets, MSG_DONTWAIT, address);
    return sent < 0 ? hostError(`send VRRP on ${this.#target.name}`, "sendto", -sent) : null;
  }

  #failed(code: string, why: string): HostError {
    return { code, message: `Cannot send VRRP on ${this.#target.name}: ${why}` };
  }

  /** A master sends the same octets again and again: their header is made once. */
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
    if (this.#fd < 0) return;
    this.#reactor.unregister(this.#fd);
    this.#libc.closeFd(this.#fd);
    this.#fd = -1;
  }

  #drain(): void {
    for (let count = 0; count < DATAGRAMS_PER_WAKE && this.#fd >= 0; count++) {
      const datagram = this.#read(this.#fd);
      // Nothing more, or an error of the interface (ENETDOWN and the like), which reading has cleared; the netlink
      // monitor tells of the interface.
      if (datagram === null) return;
      if (datagram) this.#receive({ interface: this.#target.name, ...datagram });
    }
  }
}

function bindToInterface(libc: Libc, fd: number, action: string, target: SocketTarget): void {
  const name = new TextEncoder().encode(`${target.name}\0`);
  const bound = libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name);
  must(action, "setsockopt(SO_BINDTODEVICE)", bound);
  // Both help only under load; a host that refuses them is no reason to do without VRRP.
  libc.setsockoptInt(fd, SOL_SOCKET, SO_PRIORITY, QUEUE_PRIORITY);
  enlargeReceiveBuffer(libc, fd, RECEIVE_BUFFER_OCTETS);
}
