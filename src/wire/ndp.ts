/**
 * Unsolicited neighbour advertisements: how a new master tells the link where an IPv6 address is now (RFC 9568
 * section 6.4.1, RFC 4861 sections 4.4 and 7.2.6).
 *
 * Ethernet and IPv6 header, then:
 *
 *     +---------------+---------------+-------------------------------+
 *     |   Type 136    |    Code 0     |          Checksum             |
 *     +-+-+-+---------+---------------+-------------------------------+
 *     |R|S|O|                     Reserved                            |
 *     +-+-+-+---------------------------------------------------------+
 *     |                   Target Address (16 octets)                  |
 *     +---------------+---------------+-------------------------------+
 *     | Option type 2 |   Length 1    |  Target link-layer address    |
 *     +---------------+---------------+-------------------------------+
 *
 * @module
 */

import type { IpAddress, MacAddress } from "./address.ts";
import { internetChecksum, pseudoHeaderSum } from "./checksum.ts";
import { encodeIpv6Datagram, ipv6Octets } from "./ipv6.ts";

/** EtherType of IPv6. */
export const ETHERTYPE_IPV6 = 0x86dd;
/** The Ethernet address of ff02::1 (RFC 2464 section 7). */
export const ALL_NODES_MAC: MacAddress = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);

const ALL_NODES: IpAddress = "ff02::1";
const ETHERNET_OCTETS = 14;
const ICMPV6 = 58;
const NEIGHBOUR_ADVERTISEMENT = 136;
const MESSAGE_OCTETS = 32;
/** A receiver discards NDP from beyond the link by it (RFC 4861 section 7.1.2). */
const HOP_LIMIT = 255;
const FLAG_ROUTER = 0x80;
const FLAG_OVERRIDE = 0x20;
const OPTION_TARGET_LINK_ADDRESS = 2;

/**
 * The Ethernet frame of an unsolicited neighbour advertisement for `address`, which is at `mac`, from that address.
 *
 * @param isRouter whether this host forwards IPv6. Deviation: RFC 9568 section 6.4.1 sets the Router flag always, as a
 * virtual router is one; a load balancer that forwards nothing would become the default router of hosts that heed it.
 * @throws {RangeError} when `address` is not IPv6.
 */
export function encodeNeighbourAdvertisement(
  address: IpAddress,
  mac: MacAddress,
  isRouter: boolean,
): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(MESSAGE_OCTETS);
  message[0] = NEIGHBOUR_ADVERTISEMENT;
  message[4] = FLAG_OVERRIDE | (isRouter ? FLAG_ROUTER : 0);
  message.set(ipv6Octets(address), 8);
  message[24] = OPTION_TARGET_LINK_ADDRESS;
  // In units of eight octets.
  message[25] = 1;
  message.set(mac, 26);
  const pseudoHeader = pseudoHeaderSum(address, ALL_NODES, ICMPV6, message.length);
  new DataView(message.buffer).setUint16(2, internetChecksum(message, pseudoHeader));
  const datagram = encodeIpv6Datagram({
    source: address,
    destination: ALL_NODES,
    hopLimit: HOP_LIMIT,
    trafficClass: 0,
    nextHeader: ICMPV6,
  }, message);
  const frame = new Uint8Array(ETHERNET_OCTETS + datagram.length);
  frame.set(ALL_NODES_MAC, 0);
  frame.set(mac, 6);
  new DataView(frame.buffer).setUint16(12, ETHERTYPE_IPV6);
  frame.set(datagram, ETHERNET_OCTETS);
  return frame;
}
