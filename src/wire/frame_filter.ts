/**
 * Filters (socket_filter.ts) of packet sockets: which frames a socket is given. All see frames from the Ethernet header
 * on, and pass only what came from another machine to this one.
 *
 * @module
 */

import { type Family, type IpAddress, parseIp } from "./address.ts";
import type { FilterInstruction } from "./socket_filter.ts";

/** BPF_LD | BPF_W | BPF_ABS: A = the four octets at k. */
const LOAD_WORD = 0x20;
/** BPF_LD | BPF_B | BPF_ABS: A = the octet at k. */
const LOAD_OCTET = 0x30;
/** BPF_JMP | BPF_JEQ | BPF_K */
const JUMP_IF_EQUAL = 0x15;
/** BPF_JMP | BPF_JGT | BPF_K */
const JUMP_IF_GREATER = 0x25;
/** BPF_RET | BPF_K: how many octets the socket gets; 0 for none. */
const RETURN = 0x06;

/** SKF_AD_OFF + SKF_AD_PKTTYPE: how the frame came, PACKET_HOST and so on (packet(7)). */
const PACKET_TYPE_AT = 0xfffff004;
/** PACKET_HOST, PACKET_BROADCAST and PACKET_MULTICAST are 0 to 2; above are those for others and our own. */
const PACKET_MULTICAST = 2;
const WHOLE_FRAME = 0xffffffff;

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

/** More addresses than a program may have instructions for (BPF_MAXINSNS, 4096): then all pass. */
const ADDRESSES_MAX = 2000;

/**
 * Passes ARP packets (IPv4) or neighbour advertisements (IPv6) in which another machine says that it has one of
 * `addresses`. IPv6 addresses are told by their last four octets: the reader looks at the rest.
 */
export function claimFilter(
  family: Family,
  addresses: readonly IpAddress[],
): FilterInstruction[] {
  const ends = new Set(addresses.map(lastWord));
  // Each comparison has its own return: a jump reaches 255 instructions at most.
  const wanted = ends.size > ADDRESSES_MAX
    ? [pass()]
    : Array.from(ends, (end) => [jump(JUMP_IF_EQUAL, end, 0, 1), pass()]).flat();
  const head = family === "ipv4" ? [load(LOAD_WORD, ARP_SENDER_ADDRESS_AT)] : [
    ...only(IPV6_NEXT_HEADER_AT, ICMPV6),
    ...only(ICMPV6_AT, NEIGHBOUR_ADVERTISEMENT),
    load(LOAD_WORD, TARGET_END_AT),
  ];
  return [...fromOthers(), ...head, ...wanted, reject()];
}

/** Passes VRRP of other machines (protocol 112). */
export function vrrpFrameFilter(family: Family): FilterInstruction[] {
  const protocolAt = family === "ipv4" ? IPV4_PROTOCOL_AT : IPV6_NEXT_HEADER_AT;
  return [...fromOthers(), ...only(protocolAt, VRRP), pass()];
}

function fromOthers(): FilterInstruction[] {
  return [
    load(LOAD_OCTET, PACKET_TYPE_AT),
    jump(JUMP_IF_GREATER, PACKET_MULTICAST, 0, 1),
    reject(),
  ];
}

function only(octetAt: number, value: number): FilterInstruction[] {
  return [load(LOAD_OCTET, octetAt), jump(JUMP_IF_EQUAL, value, 1, 0), reject()];
}

function load(code: number, at: number): FilterInstruction {
  return { code, ifTrue: 0, ifFalse: 0, operand: at };
}

function jump(
  code: number,
  operand: number,
  ifTrue: number,
  ifFalse: number,
): FilterInstruction {
  return { code, ifTrue, ifFalse, operand };
}

function pass(): FilterInstruction {
  return { code: RETURN, ifTrue: 0, ifFalse: 0, operand: WHOLE_FRAME };
}

function reject(): FilterInstruction {
  return { code: RETURN, ifTrue: 0, ifFalse: 0, operand: 0 };
}

function lastWord(address: IpAddress): number {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot filter: "${address}" is not an IP address`);
  return new DataView(octets.buffer).getUint32(octets.length - 4);
}
