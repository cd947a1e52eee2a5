/**
 * Filters (bpf.ts) of netlink sockets that receive notifications. The packets begin with struct nlmsghdr { __u32
 * nlmsg_len; __u16 nlmsg_type; __u16 nlmsg_flags; __u32 nlmsg_seq; __u32 nlmsg_pid; }, in host order, and continue with
 * struct ifaddrmsg, rtmsg or fib_rule_hdr.
 *
 * @module
 */

import { parseIp } from "../address.ts";
import {
  NLM_F_REPLACE,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWROUTE,
  RTM_NEWRULE,
  viewOf,
} from "../netlink/netlink.ts";
import { type RouteDestination, RTA_DST } from "../netlink/routing.ts";
import { AF_INET, AF_INET6, IFA_CACHEINFO, IFA_PROTO } from "../netlink/rtnetlink.ts";
import {
  copyToIndex,
  end,
  type FilterInstruction,
  findAttribute,
  jumpIfBits,
  jumpIfEqual,
  jumpIfIndex,
  loadHalf,
  loadIndex,
  loadIndexedOctet,
  loadIndexedWord,
  loadNumber,
  loadOctet,
  loadStored,
  loadWord,
  store,
} from "./bpf.ts";

const TYPE_AT = 4;
const FLAGS_AT = 6;
const SEQUENCE_AT = 8;
const PORT_ID_AT = 12;
/** Offset of the object's header; its attributes follow. */
const OBJECT_AT = 16;
const ADDRESS_ATTRIBUTES_AT = OBJECT_AT + 8;
const ROUTE_ATTRIBUTES_AT = OBJECT_AT + 12;
const ROUTE_PREFIX_LENGTH_AT = OBJECT_AT + 1;
const ROUTE_PROTOCOL_AT = OBJECT_AT + 5;
const ATTRIBUTE_HEADER_OCTETS = 4;
/** In struct ifa_cacheinfo: creation of the address, and the last time that its lifetimes were set. */
const CREATED_AT = 8;
const UPDATED_AT = 12;
/**
 * With more destinations than this, all replaced routes pass, because a filter's length is limited (BPF_MAXINSNS,
 * 4096).
 */
const MAX_DESTINATIONS = 200;

/**
 * Passes all changes of links and addresses except renewals of leases: those change no more than the lifetime of an
 * address that was there before. IPv4: the socket with this port id requested them with this sequence number. IPv6: the
 * kernel reports them from a worker, with neither number; so each address with `mark` counts. An address that is new
 * passes although a renewal was asked for: the kernel or another program had just removed it, and the renewal added it.
 */
export function exceptRenewals(
  portId: number,
  sequence: number,
  mark: number,
): FilterInstruction[] {
  const onlyLifetime = [
    ...attribute(ADDRESS_ATTRIBUTES_AT, IFA_CACHEINFO),
    jumpIfEqual(0, 0, 1),
    end(true),
    copyToIndex(),
    loadIndexedWord(ATTRIBUTE_HEADER_OCTETS + CREATED_AT),
    store(),
    loadIndexedWord(ATTRIBUTE_HEADER_OCTETS + UPDATED_AT),
    loadStored(),
    jumpIfIndex(0, 1),
    end(true),
    end(false),
  ];
  return [
    loadHalf(TYPE_AT),
    ...passUnless(swappedHalf(RTM_NEWADDR)),
    loadWord(SEQUENCE_AT),
    ...passUnless(swapped(sequence)),
    loadWord(PORT_ID_AT),
    jumpIfEqual(swapped(portId), 0, onlyLifetime.length),
    ...onlyLifetime,
    ...passUnless(0),
    loadOctet(OBJECT_AT),
    ...passUnless(AF_INET6),
    ...attribute(ADDRESS_ATTRIBUTES_AT, IFA_PROTO),
    jumpIfEqual(0, 0, 1),
    end(true),
    copyToIndex(),
    loadIndexedOctet(ATTRIBUTE_HEADER_OCTETS),
    ...passUnless(mark),
    ...onlyLifetime,
  ];
}

/**
 * Passes changes of policy rules, of routes with this protocol, and foreign routes that replaced one to the same
 * destination, because the kernel does not report the route that was replaced. The filter rejects the churn of a full
 * routing table and all that the socket with this port id requested.
 */
export function routingChanges(
  portId: number,
  protocol: number,
  destinations: readonly RouteDestination[],
): FilterInstruction[] {
  const few = destinations.length <= MAX_DESTINATIONS;
  return [
    loadWord(PORT_ID_AT),
    jumpIfEqual(swapped(portId), 0, 1),
    end(false),
    loadHalf(TYPE_AT),
    jumpIfEqual(swappedHalf(RTM_NEWRULE), 1, 0),
    jumpIfEqual(swappedHalf(RTM_DELRULE), 0, 1),
    end(true),
    jumpIfEqual(swappedHalf(RTM_NEWROUTE), 2, 0),
    jumpIfEqual(swappedHalf(RTM_DELROUTE), 1, 0),
    end(false),
    loadOctet(ROUTE_PROTOCOL_AT),
    jumpIfEqual(protocol, 0, 1),
    end(true),
    loadHalf(FLAGS_AT),
    jumpIfBits(swappedHalf(NLM_F_REPLACE), 1, 0),
    end(false),
    ...(few ? destinations.flatMap(passDestination) : [end(true)]),
    end(false),
  ];
}

function passDestination({ family, to }: RouteDestination): FilterInstruction[] {
  const tests = [
    [loadOctet(OBJECT_AT), jumpIfEqual(family === "ipv4" ? AF_INET : AF_INET6, 0, 0)],
    [loadOctet(ROUTE_PREFIX_LENGTH_AT), jumpIfEqual(to?.prefixLength ?? 0, 0, 0)],
    // The first four octets of an IPv6 network are enough to reject most others.
    ...(to
      ? [[
        ...attribute(ROUTE_ATTRIBUTES_AT, RTA_DST),
        copyToIndex(),
        loadIndexedWord(ATTRIBUTE_HEADER_OCTETS),
        jumpIfEqual(viewOf(parseIp(to.address)!).getUint32(0), 0, 0),
      ]]
      : []),
  ].flat();
  const afterwards = tests.length + 1;
  return [
    ...tests.map((instruction, at) =>
      // Each comparison that fails jumps past this destination.
      instruction.code === JUMP_IF_EQUAL
        ? { ...instruction, ifFalse: afterwards - at - 1 }
        : instruction
    ),
    end(true),
  ];
}

const JUMP_IF_EQUAL = jumpIfEqual(0, 0, 0).code;

/** A = the attribute's offset, 0 if the message has none. */
function attribute(attributesAt: number, type: number): FilterInstruction[] {
  return [loadNumber(attributesAt), loadIndex(type), findAttribute()];
}

/** Ends and passes the whole packet unless A is the value. */
function passUnless(value: number): FilterInstruction[] {
  return [jumpIfEqual(value, 1, 0), end(true)];
}

/** A number in host order as the filter loads it; all hosts that vipd runs on are little-endian. */
function swapped(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view.getUint32(0);
}

function swappedHalf(value: number): number {
  return swapped(value) >>> 16;
}
