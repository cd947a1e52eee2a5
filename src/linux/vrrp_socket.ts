/**
 * Protocol 112 over IPv4 on one interface, through a raw socket (raw(7), ip(7)).
 *
 * @module
 */

import type { HostError, VrrpDatagram, VrrpPort, VrrpPortOptions } from "../node/host.ts";
import { type IpAddress, parseIp } from "../wire/address.ts";
import { encodeIpv4Datagram, parseIpv4Datagram } from "../wire/ipv4.ts";
import { VRRP_GROUP, VRRP_PROTOCOL, VRRP_TTL } from "../wire/vrrp.ts";
import {
  AF_INET,
  IP_ADD_MEMBERSHIP,
  IP_HDRINCL,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SO_BINDTODEVICE,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from "./constants.ts";
import { asHostError, hostError, must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";
import { enlargeReceiveBuffer } from "./netlink_socket.ts";
import type { Reactor } from "./reactor.ts";

/** Network control, CS6 (RFC 2474 section 4.2.2.2), as deployed routers send it. */
const TYPE_OF_SERVICE = 0xc0;
/** Before all other traffic in the interface's queue (TC_PRIO_CONTROL, tc-prio(8)). */
const QUEUE_PRIORITY = 7;
/** Largest IP datagram. */
const RECEIVE_OCTETS = 65536;
/** What arrives while the program is stopped waits here, in octets; the kernel doubles it. */
const RECEIVE_BUFFER_OCTETS = 512 * 1024;
/**
 * Datagrams read at one wake: more than the buffer holds (the kernel charges some 768 octets for a short one), so that
 * what waited before a timer is all delivered; few enough, at some 5 us each, that a flood does not starve the rest.
 */
const DATAGRAMS_PER_WAKE = 1500;

/** The raw socket of one interface. */
export class VrrpSocket implements VrrpPort {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #interface: string;
  readonly #receive: (datagram: VrrpDatagram) => void;
  readonly #octets: Octets = new Uint8Array(RECEIVE_OCTETS);
  #fd: number;

  private constructor(
    libc: Libc,
    reactor: Reactor,
    interfaceName: string,
    fd: number,
    receive: (datagram: VrrpDatagram) => void,
  ) {
    this.#libc = libc;
    this.#reactor = reactor;
    this.#interface = interfaceName;
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
    target: { readonly name: string; readonly index: number },
    receive: (datagram: VrrpDatagram) => void,
    { multicast = true }: VrrpPortOptions = {},
  ): VrrpSocket | HostError {
    const action = `open VRRP on ${target.name}`;
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const fd = libc.socket(AF_INET, type, VRRP_PROTOCOL);
    if (fd < 0) return hostError(action, "socket", -fd);
    try {
      configure(libc, fd, action, target, multicast);
      return new VrrpSocket(libc, reactor, target.name, fd, receive);
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
    const action = `send VRRP on ${this.#interface}`;
    const address = socketAddress(destination);
    if (this.#fd < 0) return { code: "closed", message: `Cannot ${action}: the port is closed` };
    if (!address) {
      return { code: "address", message: `Cannot ${action}: "${destination}" is not IPv4` };
    }
    // With a header of our own, so that the source is what the caller says: the kernel would choose by route and
    // scope, and may choose a virtual address.
    const datagram = encodeIpv4Datagram({
      source,
      destination,
      ttl,
      typeOfService: TYPE_OF_SERVICE,
      protocol: VRRP_PROTOCOL,
    }, payload);
    const sent = this.#libc.sendto(this.#fd, datagram, MSG_DONTWAIT, address);
    return sent < 0 ? hostError(action, "sendto", -sent) : null;
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#reactor.unregister(this.#fd);
    this.#libc.closeFd(this.#fd);
    this.#fd = -1;
  }

  #drain(): void {
    for (let count = 0; count < DATAGRAMS_PER_WAKE && this.#fd >= 0; count++) {
      const length = this.#libc.recv(this.#fd, this.#octets, MSG_DONTWAIT | MSG_TRUNC);
      // Nothing more, or an error of the interface (ENETDOWN and the like), which reading has cleared; the netlink
      // monitor tells of the interface.
      if (length < 0) return;
      const datagram = parseIpv4Datagram(this.#octets.subarray(0, length));
      // The kernel delivers nothing that is not an IPv4 datagram.
      if (!datagram) continue;
      const { source, destination, ttl, payload } = datagram;
      this.#receive({ interface: this.#interface, source, destination, ttl, payload });
    }
  }
}

function configure(
  libc: Libc,
  fd: number,
  action: string,
  target: { readonly name: string; readonly index: number },
  multicast: boolean,
): void {
  const name = new TextEncoder().encode(`${target.name}\0`);
  const bound = libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name);
  must(action, "setsockopt(SO_BINDTODEVICE)", bound);
  const set = (optionName: string, option: number, value: number) =>
    must(action, optionName, libc.setsockoptInt(fd, IPPROTO_IP, option, value));
  set("setsockopt(IP_HDRINCL)", IP_HDRINCL, 1);
  // Our own adverts must not come back, nor those of groups that other programs have joined.
  set("setsockopt(IP_MULTICAST_LOOP)", IP_MULTICAST_LOOP, 0);
  set("setsockopt(IP_MULTICAST_ALL)", IP_MULTICAST_ALL, 0);
  const membership = multicastRequest(target.index);
  const interfaceSet = libc.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, membership);
  must(action, "setsockopt(IP_MULTICAST_IF)", interfaceSet);
  if (multicast) {
    const joined = libc.setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
    must(action, "setsockopt(IP_ADD_MEMBERSHIP)", joined);
  }
  // Both help only under load; a host that refuses them is no reason to do without VRRP.
  libc.setsockoptInt(fd, SOL_SOCKET, SO_PRIORITY, QUEUE_PRIORITY);
  enlargeReceiveBuffer(libc, fd, RECEIVE_BUFFER_OCTETS);
}

/** struct ip_mreqn { struct in_addr imr_multiaddr; struct in_addr imr_address; int imr_ifindex; } */
function multicastRequest(interfaceIndex: number): Octets {
  const octets = new Uint8Array(12);
  octets.set(parseIp(VRRP_GROUP.ipv4)!, 0);
  new DataView(octets.buffer).setInt32(8, interfaceIndex, true);
  return octets;
}

/** struct sockaddr_in { sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr; char pad[8]; } */
function socketAddress(address: IpAddress): Octets | null {
  const value = parseIp(address);
  if (value?.length !== 4) return null;
  const octets = new Uint8Array(16);
  new DataView(octets.buffer).setUint16(0, AF_INET, true);
  octets.set(value, 4);
  return octets;
}
