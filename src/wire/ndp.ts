/**
 * Unsolicited neighbour advertisements: a new master announces on the link where an IPv6 address is now (RFC 9568
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

import { type AddressClaim, formatIp, type IpAddress, type MacAddress } from "./address.ts";
import { internetChecksum, pseudoHeaderSum } from "./checksum.ts";
import { encodeEthernetFrame, ETHERTYPE_IPV6, multicastMac } from "./ethernet.ts";
import { encodeIpv6Datagram, IPV6_HEADER_OCTETS, ipv6Octets } from "./ipv6.ts";

/** The Ethernet address of ff02::1 (RFC 2464 section 7). */
export const ALL_NODES_MAC: MacAddress = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);

const ALL_NODES: IpAddress = "ff02::1";
const ETHERNET_OCTETS = 14;
const ICMPV6 = 58;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const MESSAGE_OCTETS = 32;
/** A receiver discards NDP with a lower hop limit, because it comes from beyond the link (RFC 4861 section 7.1.2). */
const HOP_LIMIT = 255;
const FLAG_ROUTER = 0x80;
const FLAG_SOLICITED = 0x40;
const FLAG_OVERRIDE = 0x20;
const OPTION_SOURCE_LINK_ADDRESS = 1;
const OPTION_TARGET_LINK_ADDRESS = 2;

/**
 * The Ethernet frame of an unsolicited neighbour advertisement that announces `address` at `mac`, from that address.
 *
 * @param isRouter whether this host forwards IPv6. Deviation: RFC 9568 section 6.4.1 always sets the Router flag,
 * because a virtual router is one. A load balancer that forwards nothing would become the default router of hosts that
 * heed it.
 * @throws {RangeError} if `address` is not IPv6.
 */
export function encodeNeighbourAdvertisement(
  address: IpAddress,
  mac: MacAddress,
  isRouter: boolean,
): Uint8Array<ArrayBuffer> {
  const flags = FLAG_OVERRIDE | (isRouter ? FLAG_ROUTER : 0);
  const message = neighbourMessage(NEIGHBOUR_ADVERTISEMENT, flags, address, [
    OPTION_TARGET_LINK_ADDRESS,
    mac,
  ]);
  return ethernetFrame(mac, ALL_NODES_MAC, address, ALL_NODES, message);
}

/**
 * The Ethernet frame that asks which host has `address` (RFC 4861 section 4.3). That host answers `source` alone, so no
 * other host learns anything. Without a source (RFC 4862 section 5.4.2) it would answer to all hosts.
 *
 * @param source an address of the asking interface; `null` if there is none.
 * @throws {RangeError} if `address` or `source` is not IPv6.
 */
export function encodeNeighbourSolicitation(
  address: IpAddress,
  source: IpAddress | null,
  mac: MacAddress,
): Uint8Array<ArrayBuffer> {
  const end = ipv6Octets(address).slice(13);
  // RFC 4291 section 2.7.1: the solicited-node group.
  const group = formatIp(
    Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...end),
  );
  const option = source === null ? null : [OPTION_SOURCE_LINK_ADDRESS, mac] as const;
  const message = neighbourMessage(NEIGHBOUR_SOLICITATION, 0, address, option);
  return ethernetFrame(mac, multicastMac(group), source ?? "::", group, message);
}

/** The claim in a frame's neighbour advertisement; `null` if a receiver would not heed it (RFC 4861 section 7.1.2). */
export function decodeNeighbourAdvertisement(frame: Uint8Array): AddressClaim | null {
  const messageAt = ETHERNET_OCTETS + IPV6_HEADER_OCTETS;
  const target = frame.subarray(messageAt + 8, messageAt + 24);
  const heeded = target.length === 16 && frame[12] === 0x86 && frame[13] === 0xdd &&
    frame[ETHERNET_OCTETS + 6] === ICMPV6 && frame[ETHERNET_OCTETS + 7] === HOP_LIMIT &&
    frame[messageAt] === NEIGHBOUR_ADVERTISEMENT;
  if (!heeded) return null;
  const option = messageAt + 24;
  // An answer to one host may omit the option; then the frame's source has the MAC address.
  const isGiven = frame[option] === OPTION_TARGET_LINK_ADDRESS && frame[option + 1] === 1 &&
    frame.length >= option + 8;
  return {
    address: formatIp(target),
    mac: isGiven ? frame.slice(option + 2, option + 8) : frame.slice(6, 12),
  };
}

/**
 * Whether a frame is the answer of `address` to a solicitation that `mac` sent with a source: solicited, and to that
 * host alone (RFC 4861 section 7.2.4).
 */
export function answersSolicitation(
  frame: Uint8Array,
  address: IpAddress,
  mac: MacAddress,
): boolean {
  if (decodeNeighbourAdvertisement(frame)?.address !== address) return false;
  const flags = frame[ETHERNET_OCTETS + IPV6_HEADER_OCTETS + 4]!;
  return (flags & FLAG_SOLICITED) !== 0 && mac.every((octet, index) => frame[index] === octet);
}

function neighbourMessage(
  type: number,
  flags: number,
  target: IpAddress,
  option: readonly [type: number, mac: MacAddress] | null,
): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(MESSAGE_OCTETS - (option ? 0 : 8));
  message[0] = type;
  message[4] = flags;
  message.set(ipv6Octets(target), 8);
  if (option) {
    message[24] = option[0];
    // In units of eight octets.
    message[25] = 1;
    message.set(option[1], 26);
  }
  return message;
}

/** Completes the checksum and puts the headers before the message. */
function ethernetFrame(
  mac: MacAddress,
  destinationMac: MacAddress,
  source: IpAddress,
  destination: IpAddress,
  message: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const pseudoHeader = pseudoHeaderSum(source, destination, ICMPV6, message.length);
  new DataView(message.buffer).setUint16(2, internetChecksum(message, pseudoHeader));
  const datagram = encodeIpv6Datagram(
    { source, destination, hopLimit: HOP_LIMIT, trafficClass: 0, nextHeader: ICMPV6 },
    message,
  );
  return encodeEthernetFrame(destinationMac, mac, ETHERTYPE_IPV6, datagram);
}
