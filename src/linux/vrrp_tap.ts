/**
 * VRRP as it arrives at an interface, before netfilter: a packet socket is given frames that the firewall then drops.
 *
 * @module
 */

import type { InterfaceState, VrrpDatagram } from "../node/host.ts";
import type { Family, MacAddress } from "../wire/address.ts";
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from "../wire/ethernet.ts";
import { parseIpv4Datagram } from "../wire/ipv4.ts";
import { parseIpv6Datagram } from "../wire/ipv6.ts";
import { vrrpFrameFilter } from "../wire/frame_filter.ts";
import type { Libc } from "./libc.ts";
import { PacketSocket } from "./packet_socket.ts";
import type { Reactor } from "./reactor.ts";

const ETHERNET_OCTETS = 14;

/**
 * Opens it; `heard` is told of each datagram and of the MAC address that it came from.
 *
 * @throws {SysError}
 */
export function openVrrpTap(
  libc: Libc,
  reactor: Reactor,
  target: InterfaceState,
  family: Family,
  heard: (datagram: VrrpDatagram, from: MacAddress) => void,
): PacketSocket {
  const ipv4 = family === "ipv4";
  const parse = ipv4 ? parseIpv4Datagram : parseIpv6Datagram;
  return new PacketSocket(libc, reactor, {
    action: `listen for VRRP on ${target.name}`,
    interfaceIndex: target.index,
    etherType: ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6,
    filter: vrrpFrameFilter(family),
  }, (frame) => {
    const datagram = parse(frame.subarray(ETHERNET_OCTETS));
    if (!datagram) return;
    const { source, destination, ttl, payload } = datagram;
    heard({ interface: target.name, source, destination, ttl, payload }, frame.slice(6, 12));
  });
}
