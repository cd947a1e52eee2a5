/**
 * The pieces of nf_tables transactions (linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h).
 *
 * Lengths are in host order, numbers within attributes in network order. The code writes the numbers of attributes in
 * place, as the header's enums count them: `text(1, TABLE)` is NFTA_TABLE_NAME.
 *
 * @module
 */

import {
  encodeAttribute,
  encodeMessage,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_REQUEST,
  zeroTerminated,
} from "../netlink/netlink.ts";
import { concatenate } from "../octets.ts";

export type Octets = Uint8Array<ArrayBuffer>;

/** One message of a transaction, without its sequence number. */
export interface NftMessage {
  readonly type: number;
  readonly flags: number;
  readonly attributes: readonly Octets[];
  /** NFPROTO_* of the message's table. */
  readonly family: number;
}

export const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;
export const NFT_MSG_NEWTABLE = 0;
export const NFT_MSG_NEWCHAIN = 3;
export const NFT_MSG_NEWRULE = 6;
const NFT_MSG_NEWSET = 9;
export const NFT_MSG_NEWSETELEM = 12;
const NFT_MSG_DELSETELEM = 14;
const NLM_F_APPEND = 0x800;

/** The kernel removes the table with the socket that created it (Linux 5.12), and lets no other socket change it. */
const NFT_TABLE_F_OWNER = 2;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;
export const NFPROTO_ARP = 3;
export const NFPROTO_IPV6 = 10;
/** Hook and priority of packets to this host, and the ICMPv6 type of a neighbour solicitation. */
export const NF_INET_LOCAL_IN = 1;
export const PRIORITY_FILTER = 0;
export const IPPROTO_ICMPV6 = 58;
export const ND_NEIGHBOR_SOLICIT = 135;
export const NF_DROP = 0;
export const NF_ACCEPT = 1;

const NFT_REG_VERDICT = 0;
/** Four registers of 16 octets, one directly after the other, so that a longer key occupies several. */
export const NFT_REG_1 = 1;
export const NFT_REG_2 = 2;
/** The same space in units of 4 octets. */
export const NFT_REG32_00 = 8;
/** The start of the second register of 16 octets. */
export const NFT_REG32_04 = 12;
export const NFT_META_IIFNAME = 6;
export const NFT_META_NFPROTO = 15;
export const NFT_META_L4PROTO = 16;
export const NFT_PAYLOAD_NETWORK_HEADER = 1;
export const NFT_PAYLOAD_TRANSPORT_HEADER = 2;
export const NFT_CMP_EQ = 0;
export const NFT_CMP_LTE = 3;
export const NFT_CMP_GTE = 5;

/** nft(8)'s numbers of the key types, so that people can list the table. A concatenation holds six bits for each. */
export const TYPE_INTEGER = 4;
export const TYPE_IPV4_ADDRESS = 7;
export const TYPE_IPV6_ADDRESS = 8;
export const TYPE_INTERFACE_NAME = 41;

/** A table, by family and name. */
export interface NftTable {
  readonly family: number;
  readonly name: string;
}

/** A set, or a map if its elements have values. */
export interface NftSet {
  readonly name: string;
  /** Identifies the set within the transaction that creates it. */
  readonly id: number;
  readonly keyType: number;
  readonly keyOctets: number;
  readonly value?: { readonly type: number; readonly octets: number };
  /** Rules add elements: how long each stays, and how many there are at most. */
  readonly dynamic?: { readonly timeoutMs: number; readonly size: number };
}

/** A base chain, which packets traverse. */
export interface NftChain {
  readonly name: string;
  /** NF_INET_*, NF_ARP_*. */
  readonly hook: number;
  readonly priority: number;
}

/**
 * The octets of a transaction, for one sendto(2). Its messages are numbered from `firstSequence` on and the kernel
 * answers each (NLM_F_ACK). The kernel carries out all of it or nothing.
 */
export function encodeTransaction(messages: readonly NftMessage[], firstSequence: number): Octets {
  let sequence = firstSequence;
  // struct nfgenmsg { __u8 nfgen_family; __u8 version; __be16 res_id; }
  const boundary = (type: number) =>
    encodeMessage(type, NLM_F_REQUEST, sequence++, Uint8Array.of(0, 0, 0, NFNL_SUBSYS_NFTABLES));
  return concatenate([
    boundary(NFNL_MSG_BATCH_BEGIN),
    ...messages.map(({ type, flags, attributes, family }) =>
      encodeMessage(
        (NFNL_SUBSYS_NFTABLES << 8) | type,
        NLM_F_REQUEST | NLM_F_ACK | flags,
        sequence++,
        Uint8Array.of(family, 0, 0, 0),
        ...attributes,
      )
    ),
    boundary(NFNL_MSG_BATCH_END),
  ]);
}

export function newTable({ family, name }: NftTable): NftMessage {
  const attributes = [text(1, name), number(2, NFT_TABLE_F_OWNER)];
  return { type: NFT_MSG_NEWTABLE, flags: NLM_F_CREATE, attributes, family };
}

/** A chain that accepts packets which its rules do not drop. */
export function newChain(table: NftTable, { name, hook, priority }: NftChain): NftMessage {
  return {
    type: NFT_MSG_NEWCHAIN,
    flags: NLM_F_CREATE,
    attributes: [
      text(1, table.name),
      text(3, name),
      nested(4, number(1, hook), number(2, priority)),
      number(5, NF_ACCEPT),
      text(7, "filter"),
    ],
    family: table.family,
  };
}

const NFT_SET_MAP = 0x8;
const NFT_SET_TIMEOUT = 0x10;
const NFT_SET_EVAL = 0x20;

export function newSet(table: NftTable, set: NftSet): NftMessage {
  const { name, id, keyType, keyOctets, value, dynamic } = set;
  const flags = (value ? NFT_SET_MAP : 0) | (dynamic ? NFT_SET_TIMEOUT | NFT_SET_EVAL : 0);
  return {
    type: NFT_MSG_NEWSET,
    flags: NLM_F_CREATE,
    attributes: [
      text(1, table.name),
      text(2, name),
      number(3, flags),
      number(4, keyType),
      number(5, keyOctets),
      ...(value ? [number(6, value.type), number(7, value.octets)] : []),
      ...(dynamic ? [nested(9, number(1, dynamic.size))] : []),
      number(10, id),
      ...(dynamic ? [longNumber(11, dynamic.timeoutMs)] : []),
    ],
    family: table.family,
  };
}

export function newRule(
  table: NftTable,
  chain: NftChain,
  ...expressions: readonly Octets[]
): NftMessage {
  return {
    type: NFT_MSG_NEWRULE,
    flags: NLM_F_CREATE | NLM_F_APPEND,
    attributes: [text(1, table.name), text(2, chain.name), nested(4, ...expressions)],
    family: table.family,
  };
}

export function newElement(table: NftTable, set: NftSet, key: Octets, value?: Octets): NftMessage {
  return { ...element(table, set, key, value), type: NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE };
}

export function deleteElement(table: NftTable, set: NftSet, key: Octets): NftMessage {
  return { ...element(table, set, key), type: NFT_MSG_DELSETELEM, flags: 0 };
}

function element(table: NftTable, set: NftSet, key: Octets, value?: Octets) {
  const data = value ? [nested(2, encodeAttribute(1, value))] : [];
  const member = nested(1, nested(1, encodeAttribute(1, key)), ...data);
  const attributes = [text(1, table.name), text(2, set.name), nested(3, member)];
  return { attributes, family: table.family };
}

/** One entry of NFTA_RULE_EXPRESSIONS. */
function expression(name: string, ...attributes: readonly Octets[]): Octets {
  return nested(1, text(1, name), nested(2, ...attributes));
}

/** Loads metadata of the packet. */
export function meta(key: number): Octets {
  return expression("meta", number(1, NFT_REG_1), number(2, key));
}

/** Compares the first octet of the first register. */
export function compare(operation: number, octet: number): Octets {
  const value = nested(3, encodeAttribute(1, Uint8Array.of(octet)));
  return expression("cmp", number(1, NFT_REG_1), number(2, operation), value);
}

/** Keeps only the bits of `mask` in the first octet of the first register. */
export function maskOctet(mask: number): Octets {
  const data = (type: number, octet: number) =>
    nested(type, encodeAttribute(1, Uint8Array.of(octet)));
  return expression(
    "bitwise",
    ...[number(1, NFT_REG_1), number(2, NFT_REG_1), number(3, 1), data(4, mask), data(5, 0)],
  );
}

/** Loads octets of a header. */
export function payload(register: number, base: number, offset: number, octets: number): Octets {
  return expression(
    "payload",
    ...[number(1, register), number(2, base), number(3, offset), number(4, octets)],
  );
}

/** Continues if the set has the key at `register`; of a map it loads the value into `valueRegister`. */
export function lookup(
  { name, id }: NftSet,
  register = NFT_REG_1,
  valueRegister?: number,
): Octets {
  const value = valueRegister === undefined ? [] : [number(3, valueRegister)];
  return expression("lookup", text(1, name), number(2, register), ...value, number(4, id));
}

const NFT_DYNSET_OP_UPDATE = 1;

/** Adds the key at `register` to the set, or restarts its timeout. */
export function update({ name, id }: NftSet, register: number): Octets {
  return expression(
    "dynset",
    ...[text(1, name), number(2, id), number(3, NFT_DYNSET_OP_UPDATE), number(4, register)],
  );
}

/** Sends a copy of the packet to a neighbour; one register has its address, the other the interface's index. */
export function duplicate(addressRegister: number, interfaceRegister: number): Octets {
  return expression("dup", number(1, addressRegister), number(2, interfaceRegister));
}

export function verdict(code: number): Octets {
  const data = nested(2, nested(2, number(1, code)));
  return expression("immediate", number(1, NFT_REG_VERDICT), data);
}

const NLA_F_NESTED = 0x8000;

function nested(type: number, ...attributes: readonly Octets[]): Octets {
  return encodeAttribute(type | NLA_F_NESTED, concatenate(attributes));
}

function number(type: number, value: number): Octets {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return encodeAttribute(type, octets);
}

function longNumber(type: number, value: number): Octets {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, BigInt(value));
  return encodeAttribute(type, octets);
}

export function text(type: number, value: string): Octets {
  return encodeAttribute(type, zeroTerminated(value));
}
