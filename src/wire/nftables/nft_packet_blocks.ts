/**
 * A packet filter of nf_tables that drops packets to certain addresses of this host.
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
 * Neighbour solicitations and advertisements pass, whatever the address (RFC 9568 section 6.1, Accept_Mode). ARP does
 * not pass through this hook.
 *
 * @module
 */

import { type IpAddress, isIpv6LinkLocal, parseIp } from "../address.ts";
import { concatenate } from "../octets.ts";
import {
  compare,
  deleteElement,
  IPPROTO_ICMPV6,
  lookup,
  meta,
  ND_NEIGHBOR_SOLICIT,
  newChain,
  newElement,
  newRule,
  newSet,
  newTable,
  NF_ACCEPT,
  NF_DROP,
  NF_INET_LOCAL_IN,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFT_CMP_EQ,
  NFT_CMP_GTE,
  NFT_CMP_LTE,
  NFT_META_IIFNAME,
  NFT_META_L4PROTO,
  NFT_META_NFPROTO,
  NFT_PAYLOAD_NETWORK_HEADER,
  NFT_PAYLOAD_TRANSPORT_HEADER,
  NFT_REG_1,
  NFT_REG_2,
  type NftChain,
  type NftMessage,
  type NftSet,
  type NftTable,
  type Octets,
  payload,
  PRIORITY_FILTER,
  TYPE_INTERFACE_NAME,
  TYPE_IPV4_ADDRESS,
  TYPE_IPV6_ADDRESS,
  verdict,
} from "./nft.ts";

/** An address whose packets are blocked; a link-local one exists once for each interface. */
export interface BlockedAddress {
  readonly address: IpAddress;
  /** Name of the interface that carries it. */
  readonly device: string;
}

/** The changes of one transaction. */
export interface FilterChange {
  /** True if the table does not exist yet. */
  readonly create: boolean;
  readonly block: readonly BlockedAddress[];
  readonly accept: readonly BlockedAddress[];
}

const CHAIN: NftChain = { name: "input", hook: NF_INET_LOCAL_IN, priority: PRIORITY_FILTER };

const ND_NEIGHBOR_ADVERT = 136;
const INTERFACE_NAME_OCTETS = 16;

const IPV4: NftSet = { name: "ipv4", id: 1, keyType: TYPE_IPV4_ADDRESS, keyOctets: 4 };
const IPV6: NftSet = { name: "ipv6", id: 2, keyType: TYPE_IPV6_ADDRESS, keyOctets: 16 };
const IPV6_LINK_LOCAL: NftSet = {
  name: "ipv6_link_local",
  id: 3,
  keyType: (TYPE_INTERFACE_NAME << 6) | TYPE_IPV6_ADDRESS,
  keyOctets: INTERFACE_NAME_OCTETS + 16,
};

/**
 * The transaction that makes this change.
 *
 * @param suffix what the table's name has in addition
 * @throws {RangeError} if an address is none.
 */
export function filterChange(change: FilterChange, suffix = ""): NftMessage[] {
  const table: NftTable = { family: NFPROTO_INET, name: `vipd${suffix}` };
  return [
    ...(change.create ? creation(table) : []),
    ...change.accept.map((address) => {
      const { set, key } = memberOf(address);
      return deleteElement(table, set, key);
    }),
    ...change.block.map((address) => {
      const { set, key } = memberOf(address);
      return newElement(table, set, key);
    }),
  ];
}

function creation(table: NftTable): NftMessage[] {
  const address = (register: number, offset: number, octets: number) =>
    payload(register, NFT_PAYLOAD_NETWORK_HEADER, offset, octets);
  const rule = (...expressions: readonly Octets[]) => newRule(table, CHAIN, ...expressions);
  return [
    newTable(table),
    ...[IPV4, IPV6, IPV6_LINK_LOCAL].map((set) => newSet(table, set)),
    newChain(table, CHAIN),
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

function memberOf({ address, device }: BlockedAddress): { set: NftSet; key: Octets } {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot filter "${address}": it is no address`);
  if (isIpv6LinkLocal(address)) {
    return { set: IPV6_LINK_LOCAL, key: concatenate([interfaceName(device), octets]) };
  }
  return { set: octets.length === 4 ? IPV4 : IPV6, key: octets };
}

function interfaceName(device: string): Octets {
  const octets = new Uint8Array(INTERFACE_NAME_OCTETS);
  octets.set(new TextEncoder().encode(device).subarray(0, INTERFACE_NAME_OCTETS - 1));
  return octets;
}

/** True for packets of one family only. */
function family(protocol: number): Octets[] {
  return [meta(NFT_META_NFPROTO), compare(NFT_CMP_EQ, protocol)];
}
