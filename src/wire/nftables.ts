/**
 * A packet filter of nf_tables that drops what comes for certain addresses of this host: values to the octets of one
 * transaction (linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h).
 *
 * As nft(8) would show it:
 *
 *     table inet vipd {
 *       flags owner
 *       set ipv4 { type ipv4_addr }
 *       set ipv6 { type ipv6_addr }
 *       set ipv6_link_local { type ifname . ipv6_addr }
 *       chain input {
 *         type filter hook input priority 0; policy accept;
 *         icmpv6 type 135-136 accept
 *         ip daddr @ipv4 drop
 *         ip6 daddr @ipv6 drop
 *         iifname . ip6 daddr @ipv6_link_local drop
 *       }
 *     }
 *
 * Neighbour solicitations and advertisements pass whatever the address (RFC 9568 section 6.1, Accept_Mode); ARP does
 * not come through this hook. Lengths are in host order, numbers within attributes in network order. The numbers of
 * attributes stand where they are used, in the order of the header's enums: `text(1, TABLE)` is NFTA_TABLE_NAME.
 *
 * @module
 */

import { type IpAddress, isIpv6LinkLocal, parseIp } from "./address.ts";
import {
  encodeAttribute,
  encodeMessage,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_REQUEST,
} from "./netlink.ts";

/** An address whose packets are refused; a link-local one exists once for each interface. */
export interface RefusedAddress {
  readonly address: IpAddress;
  /** Name of the interface that carries it. */
  readonly device: string;
}

/** What one transaction changes. */
export interface FilterChange {
  /** True when the table is not there yet. */
  readonly create: boolean;
  readonly refuse: readonly RefusedAddress[];
  readonly accept: readonly RefusedAddress[];
}

type Octets = Uint8Array<ArrayBuffer>;

/** One message of a transaction, without its sequence number. */
interface FilterMessage {
  readonly type: number;
  readonly flags: number;
  readonly attributes: readonly Octets[];
}

const TABLE = "vipd";
const CHAIN = "input";

const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;
const NFT_MSG_NEWTABLE = 0;
const NFT_MSG_NEWCHAIN = 3;
const NFT_MSG_NEWRULE = 6;
const NFT_MSG_NEWSET = 9;
const NFT_MSG_NEWSETELEM = 12;
const NFT_MSG_DELSETELEM = 14;
const NLM_F_APPEND = 0x800;

/** The kernel removes the table with the socket that made it (Linux 5.12), and lets nobody else change it. */
const NFT_TABLE_F_OWNER = 2;
const NFPROTO_INET = 1;
const NFPROTO_IPV4 = 2;
const NFPROTO_IPV6 = 10;
const NF_INET_LOCAL_IN = 1;
const NF_DROP = 0;
const NF_ACCEPT = 1;
const PRIORITY_FILTER = 0;

const NFT_REG_VERDICT = 0;
const NFT_REG_1 = 1;
/** Right behind the 16 octets of the first, so that a key of 32 octets lies in both. */
const NFT_REG_2 = 2;
const NFT_META_IIFNAME = 6;
const NFT_META_NFPROTO = 15;
const NFT_META_L4PROTO = 16;
const NFT_PAYLOAD_NETWORK_HEADER = 1;
const NFT_PAYLOAD_TRANSPORT_HEADER = 2;
const NFT_CMP_EQ = 0;
const NFT_CMP_LTE = 3;
const NFT_CMP_GTE = 5;

const IPPROTO_ICMPV6 = 58;
const ND_NEIGHBOR_SOLICIT = 135;
const ND_NEIGHBOR_ADVERT = 136;
const INTERFACE_NAME_OCTETS = 16;

/** nft(8)'s numbers of the kinds of keys: for people who list the table. Six bits each when they are put together. */
const TYPE_IPV4_ADDRESS = 7;
const TYPE_IPV6_ADDRESS = 8;
const TYPE_INTERFACE_NAME = 41;

interface AddressSet {
  readonly name: string;
  readonly id: number;
  readonly keyType: number;
  readonly keyOctets: number;
}

const IPV4: AddressSet = { name: "ipv4", id: 1, keyType: TYPE_IPV4_ADDRESS, keyOctets: 4 };
const IPV6: AddressSet = { name: "ipv6", id: 2, keyType: TYPE_IPV6_ADDRESS, keyOctets: 16 };
const IPV6_LINK_LOCAL: AddressSet = {
  name: "ipv6_link_local",
  id: 3,
  keyType: (TYPE_INTERFACE_NAME << 6) | TYPE_IPV6_ADDRESS,
  keyOctets: INTERFACE_NAME_OCTETS + 16,
};

/**
 * The octets of the transaction, for one sendto(2); messages are numbered from `firstSequence` on and each is answered
 * (NLM_F_ACK). All of it happens or nothing.
 *
 * @throws {RangeError} when an address is none.
 */
export function encodeFilterChange(change: FilterChange, firstSequence: number): Octets {
  const messages = [
    ...(change.create ? creation() : []),
    ...change.accept.map((address) => element(NFT_MSG_DELSETELEM, 0, address)),
    ...change.refuse.map((address) => element(NFT_MSG_NEWSETELEM, NLM_F_CREATE, address)),
  ];
  let sequence = firstSequence;
  // struct nfgenmsg { __u8 nfgen_family; __u8 version; __be16 res_id; }
  const boundary = (type: number) =>
    encodeMessage(type, NLM_F_REQUEST, sequence++, Uint8Array.of(0, 0, 0, NFNL_SUBSYS_NFTABLES));
  const parts = [
    boundary(NFNL_MSG_BATCH_BEGIN),
    ...messages.map(({ type, flags, attributes }) =>
      encodeMessage(
        (NFNL_SUBSYS_NFTABLES << 8) | type,
        NLM_F_REQUEST | NLM_F_ACK | flags,
        sequence++,
        Uint8Array.of(NFPROTO_INET, 0, 0, 0),
        ...attributes,
      )
    ),
    boundary(NFNL_MSG_BATCH_END),
  ];
  return concat(parts);
}

function creation(): FilterMessage[] {
  const table: FilterMessage = {
    type: NFT_MSG_NEWTABLE,
    flags: NLM_F_CREATE,
    attributes: [text(1, TABLE), number(2, NFT_TABLE_F_OWNER)],
  };
  const chain: FilterMessage = {
    type: NFT_MSG_NEWCHAIN,
    flags: NLM_F_CREATE,
    attributes: [
      text(1, TABLE),
      text(3, CHAIN),
      nested(4, number(1, NF_INET_LOCAL_IN), number(2, PRIORITY_FILTER)),
      number(5, NF_ACCEPT),
      text(7, "filter"),
    ],
  };
  const address = (register: number, offset: number, octets: number) =>
    payload(register, NFT_PAYLOAD_NETWORK_HEADER, offset, octets);
  return [
    table,
    ...[IPV4, IPV6, IPV6_LINK_LOCAL].map(newSet),
    chain,
    rule(
      ...family(NFPROTO_IPV6),
      meta(NFT_META_L4PROTO),
      compare(NFT_CMP_EQ, IPPROTO_ICMPV6),
      payload(NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1),
      compare(NFT_CMP_GTE, ND_NEIGHBOR_SOLICIT),
      compare(NFT_CMP_LTE, ND_NEIGHBOR_ADVERT),
      verdict(NF_ACCEPT),
    ),
    rule(...family(NFPROTO_IPV4), address(NFT_REG_1, 16, 4), lookup(IPV4), verdict(NF_DROP)),
    rule(...family(NFPROTO_IPV6), address(NFT_REG_1, 24, 16), lookup(IPV6), verdict(NF_DROP)),
    rule(
      ...family(NFPROTO_IPV6),
      meta(NFT_META_IIFNAME),
      address(NFT_REG_2, 24, 16),
      lookup(IPV6_LINK_LOCAL),
      verdict(NF_DROP),
    ),
  ];
}

function newSet({ name, id, keyType, keyOctets }: AddressSet): FilterMessage {
  return {
    type: NFT_MSG_NEWSET,
    flags: NLM_F_CREATE,
    attributes: [
      text(1, TABLE),
      text(2, name),
      number(3, 0),
      number(4, keyType),
      number(5, keyOctets),
      number(10, id),
    ],
  };
}

function element(type: number, flags: number, { address, device }: RefusedAddress): FilterMessage {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot filter "${address}": it is no address`);
  const linkLocal = isIpv6LinkLocal(address);
  const set = linkLocal ? IPV6_LINK_LOCAL : octets.length === 4 ? IPV4 : IPV6;
  const key = linkLocal ? concat([interfaceName(device), octets]) : octets;
  const member = nested(1, nested(1, encodeAttribute(1, key)));
  return { type, flags, attributes: [text(1, TABLE), text(2, set.name), nested(3, member)] };
}

function interfaceName(device: string): Octets {
  const octets = new Uint8Array(INTERFACE_NAME_OCTETS);
  octets.set(new TextEncoder().encode(device).subarray(0, INTERFACE_NAME_OCTETS - 1));
  return octets;
}

function rule(...expressions: readonly Octets[]): FilterMessage {
  return {
    type: NFT_MSG_NEWRULE,
    flags: NLM_F_CREATE | NLM_F_APPEND,
    attributes: [text(1, TABLE), text(2, CHAIN), nested(4, ...expressions)],
  };
}

/** One entry of NFTA_RULE_EXPRESSIONS. */
function expression(name: string, ...attributes: readonly Octets[]): Octets {
  return nested(1, text(1, name), nested(2, ...attributes));
}

/** True for packets of one family only. */
function family(protocol: number): Octets[] {
  return [meta(NFT_META_NFPROTO), compare(NFT_CMP_EQ, protocol)];
}

function meta(key: number): Octets {
  return expression("meta", number(1, NFT_REG_1), number(2, key));
}

/** Compares the first octet of the first register. */
function compare(operation: number, octet: number): Octets {
  const value = nested(3, encodeAttribute(1, Uint8Array.of(octet)));
  return expression("cmp", number(1, NFT_REG_1), number(2, operation), value);
}

function payload(register: number, base: number, offset: number, octets: number): Octets {
  return expression(
    "payload",
    ...[number(1, register), number(2, base), number(3, offset), number(4, octets)],
  );
}

function lookup({ name, id }: AddressSet): Octets {
  return expression("lookup", text(1, name), number(2, NFT_REG_1), number(4, id));
}

function verdict(code: number): Octets {
  const data = nested(2, nested(2, number(1, code)));
  return expression("immediate", number(1, NFT_REG_VERDICT), data);
}

const NLA_F_NESTED = 0x8000;

function nested(type: number, ...attributes: readonly Octets[]): Octets {
  return encodeAttribute(type | NLA_F_NESTED, concat(attributes));
}

function number(type: number, value: number): Octets {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return encodeAttribute(type, octets);
}

function text(type: number, value: string): Octets {
  return encodeAttribute(type, new TextEncoder().encode(`${value}\0`));
}

function concat(parts: readonly Octets[]): Octets {
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}
