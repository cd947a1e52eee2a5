/**
 * Filters (bpf.ts) of packet sockets: they select the frames that a socket gets. All see frames from the Ethernet
 * header on, and pass only frames from another machine to this one.
 *
 * @module
 */

import { type Family, type IpAddress, parseIp } from "../address.ts";
import {
  end,
  endIfOneOf,
  type FilterInstruction,
  jumpIfEqual,
  jumpIfGreater,
  loadOctet,
  loadWord,
  PACKET_TYPE_AT,
} from "./bpf.ts";

/**
 * PACKET_HOST, PACKET_BROADCAST and PACKET_MULTICAST are 0 to 2; higher numbers are for other hosts' and our own
 * frames.
 */
const PACKET_MULTICAST = 2;

const IP_AT = 14;
const IPV4_PROTOCOL_AT = IP_AT + 9;
const IPV6_NEXT_HEADER_AT = IP_AT + 6;
const ICMPV6_AT = IP_AT + 40;
const ARP_SENDER_ADDRESS_AT = 28;
/** The last four octets of a neighbour advertisement's target. */
const TARGET_END_AT = ICMPV6_AT + 20;

const ICMPV6 = 58;
const NEIGHBOUR_ADVERTISEMENT = 136;
const VRRP = 112;

/** A program has no room for more addresses (BPF_MAXINSNS, 4096); with more, all claims pass. */
const ADDRESSES_MAX = 2000;

/** For a socket that should get nothing for a while. */
export const NOTHING_PASSES: readonly FilterInstruction[] = [end(false)];

/**
 * Passes ARP packets (IPv4) or neighbour advertisements (IPv6) in which another machine claims one of `addresses`. The
 * filter compares only the last four octets of IPv6 addresses; the reader compares the rest.
 */
export function claimFilter(
  family: Family,
  addresses: readonly IpAddress[],
): FilterInstruction[] {
  const ends = new Set(addresses.map(lastWord));
  const wanted = ends.size > ADDRESSES_MAX ? [end(true)] : endIfOneOf(ends, true);
  const head = family === "ipv4" ? [loadWord(ARP_SENDER_ADDRESS_AT)] : [
    ...only(IPV6_NEXT_HEADER_AT, ICMPV6),
    ...only(ICMPV6_AT, NEIGHBOUR_ADVERTISEMENT),
    loadWord(TARGET_END_AT),
  ];
  return [...fromOthers(), ...head, ...wanted, end(false)];
}

/** Passes VRRP of other machines (protocol 112). */
export function vrrpFrameFilter(family: Family): FilterInstruction[] {
  const protocolAt = family === "ipv4" ? IPV4_PROTOCOL_AT : IPV6_NEXT_HEADER_AT;
  return [...fromOthers(), ...only(protocolAt, VRRP), end(true)];
}

function fromOthers(): FilterInstruction[] {
  return [loadOctet(PACKET_TYPE_AT), jumpIfGreater(PACKET_MULTICAST, 0, 1), end(false)];
}

function only(octetAt: number, value: number): FilterInstruction[] {
  return [loadOctet(octetAt), jumpIfEqual(value, 1, 0), end(false)];
}

function lastWord(address: IpAddress): number {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot filter: "${address}" is not an IP address`);
  return new DataView(octets.buffer).getUint32(octets.length - 4);
}
