/**
 * nf_tables rules that let connections outlive a hand-over. The new master forwards packets of connections that did not
 * begin here. The old one, which keeps its address for a moment, does not answer for it. As nft(8) would show it:
 *
 *     table ip vipd_drain {
 *       flags owner
 *       map peers { type ipv4_addr : ipv4_addr . iface_index }
 *       set begun { type integer; size 262144; flags dynamic,timeout; timeout 1m }
 *       chain prerouting {
 *         type filter hook prerouting priority mangle; policy accept;
 *         ip daddr @peers tcp flags syn / syn,ack update @begun { ip saddr . ip daddr . tcp sport . tcp dport } accept
 *         ip saddr . ip daddr . tcp sport . tcp dport @begun accept
 *         meta l4proto tcp dup to ip daddr map @peers (its address, its interface) drop
 *       }
 *     }
 *     table arp vipd_silent {
 *       flags owner
 *       set addresses { type ipv4_addr }
 *       chain input { type filter hook input priority filter; arp daddr ip @addresses drop }
 *       chain output { type filter hook output priority filter; arp saddr ip @addresses drop }
 *     }
 *     table ip6 vipd_silent {
 *       flags owner
 *       set addresses { type ipv6_addr }
 *       chain input { type filter hook input priority filter; icmpv6 type 135 icmpv6 taddr @addresses drop }
 *       chain output { type filter hook output priority filter; icmpv6 type 135 ip6 saddr @addresses drop }
 *     }
 *
 * The rules recognize a connection by its SYN, not by connection tracking. Tracking would be enabled for everything
 * else on the host too, and its table may be full.
 *
 * @module
 */

import { type Family, type IpAddress, parseIp } from "../address.ts";
import { concatenate } from "../octets.ts";
import {
  compare,
  deleteElement,
  duplicate,
  IPPROTO_ICMPV6,
  lookup,
  maskOctet,
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
  NFPROTO_ARP,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFT_CMP_EQ,
  NFT_META_L4PROTO,
  NFT_PAYLOAD_NETWORK_HEADER,
  NFT_PAYLOAD_TRANSPORT_HEADER,
  NFT_REG32_00,
  NFT_REG32_04,
  NFT_REG_1,
  NFT_REG_2,
  type NftChain,
  type NftMessage,
  type NftSet,
  type NftTable,
  type Octets,
  payload,
  PRIORITY_FILTER,
  TYPE_INTEGER,
  TYPE_IPV4_ADDRESS,
  TYPE_IPV6_ADDRESS,
  update,
  verdict,
} from "./nft.ts";

const NF_INET_PRE_ROUTING = 0;
const NF_INET_LOCAL_OUT = 3;
const NF_ARP_IN = 0;
const NF_ARP_OUT = 1;
const PRIORITY_MANGLE = -150;

const INTERFACE_INDEX_OCTETS = 4;
const IPPROTO_TCP = 6;
/** Of the TCP header: both ports, and the octet with the flags (RFC 9293 section 3.1). */
const TCP_PORTS_OCTETS = 4;
const TCP_FLAGS_OFFSET = 13;
const TCP_SYN = 0x02;
const TCP_SYN_ACK = 0x12;

/** Longer than any hand-over takes. A client that is still connected then has its connection in the host's own TCP. */
const BEGUN_TIMEOUT_MS = 60_000;
/** New connections during a hand-over. Packets of any further ones would be forwarded. */
const BEGUN_SIZE = 262_144;

/** Offsets of the addresses in an IP header. */
interface Layout {
  readonly protocol: number;
  readonly addressType: number;
  readonly addressOctets: number;
  readonly sourceOffset: number;
  readonly destinationOffset: number;
}

const LAYOUTS: Readonly<Record<Family, Layout>> = {
  ipv4: {
    protocol: NFPROTO_IPV4,
    addressType: TYPE_IPV4_ADDRESS,
    addressOctets: 4,
    sourceOffset: 12,
    destinationOffset: 16,
  },
  ipv6: {
    protocol: NFPROTO_IPV6,
    addressType: TYPE_IPV6_ADDRESS,
    addressOctets: 16,
    sourceOffset: 8,
    destinationOffset: 24,
  },
};

const SILENT_FAMILY: Readonly<Record<Family, number>> = { ipv4: NFPROTO_ARP, ipv6: NFPROTO_IPV6 };
const CHAINS: Readonly<Record<Family, readonly [input: NftChain, output: NftChain]>> = {
  ipv4: chains(NF_ARP_IN, NF_ARP_OUT),
  ipv6: chains(NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT),
};

function chains(inputHook: number, outputHook: number): [NftChain, NftChain] {
  return [
    { name: "input", hook: inputHook, priority: PRIORITY_FILTER },
    { name: "output", hook: outputHook, priority: PRIORITY_FILTER },
  ];
}

/** The neighbour that gets forwarded packets. */
export interface DrainPeer {
  readonly address: IpAddress;
  /** Kernel index of the interface that leads to it. */
  readonly interfaceIndex: number;
}

/** One table, and how an address gets into and out of it. */
export interface DrainTable {
  create(): NftMessage[];
  /** @throws {RangeError} if an address is none. */
  add(address: IpAddress, peer?: DrainPeer): NftMessage;
  /** @throws {RangeError} if the address is none. */
  remove(address: IpAddress): NftMessage;
}

/**
 * Forwards TCP packets to an address to a peer, except those of connections that began here since.
 *
 * @param suffix what its name has in addition
 */
export function forwardTable(family: Family, suffix = ""): DrainTable {
  const layout = LAYOUTS[family];
  const { protocol, addressType, addressOctets, destinationOffset } = layout;
  const table: NftTable = { family: protocol, name: `vipd_drain${suffix}` };
  const peers: NftSet = {
    name: "peers",
    id: 1,
    keyType: addressType,
    keyOctets: addressOctets,
    value: { type: addressType, octets: addressOctets + INTERFACE_INDEX_OCTETS },
  };
  const begun: NftSet = {
    name: "begun",
    id: 2,
    keyType: TYPE_INTEGER,
    keyOctets: 2 * addressOctets + TCP_PORTS_OCTETS,
    dynamic: { timeoutMs: BEGUN_TIMEOUT_MS, size: BEGUN_SIZE },
  };
  const chain: NftChain = {
    name: "prerouting",
    hook: NF_INET_PRE_ROUTING,
    priority: PRIORITY_MANGLE,
  };
  const isTcp = [meta(NFT_META_L4PROTO), compare(NFT_CMP_EQ, IPPROTO_TCP)];
  const peerOfDestination = [
    payload(NFT_REG_1, NFT_PAYLOAD_NETWORK_HEADER, destinationOffset, addressOctets),
    lookup(peers, NFT_REG_1, NFT_REG_2),
  ];
  return {
    create: () => [
      newTable(table),
      newSet(table, peers),
      newSet(table, begun),
      newChain(table, chain),
      newRule(
        table,
        chain,
        ...isTcp,
        ...peerOfDestination,
        payload(NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, TCP_FLAGS_OFFSET, 1),
        maskOctet(TCP_SYN_ACK),
        compare(NFT_CMP_EQ, TCP_SYN),
        ...connection(layout),
        update(begun, NFT_REG32_00),
        verdict(NF_ACCEPT),
      ),
      newRule(
        table,
        chain,
        ...isTcp,
        ...connection(layout),
        lookup(begun, NFT_REG32_00),
        verdict(NF_ACCEPT),
      ),
      newRule(
        table,
        chain,
        ...isTcp,
        ...peerOfDestination,
        // The interface's index follows the address.
        duplicate(NFT_REG_2, NFT_REG32_04 + addressOctets / 4),
        verdict(NF_DROP),
      ),
    ],
    add: (address, peer) => newElement(table, peers, octetsOf(address), peer && peerOctets(peer)),
    remove: (address) => deleteElement(table, peers, octetsOf(address)),
  };
}

/**
 * Drops both what asks for an address (ARP request, neighbour solicitation) and what asks in its name, which would make
 * neighbours learn that it is here. `suffix` as above.
 */
export function silentTable(family: Family, suffix = ""): DrainTable {
  const { addressType, addressOctets, sourceOffset } = LAYOUTS[family];
  const table: NftTable = { family: SILENT_FAMILY[family], name: `vipd_silent${suffix}` };
  const addresses: NftSet = {
    name: "addresses",
    id: 1,
    keyType: addressType,
    keyOctets: addressOctets,
  };
  const [input, output] = CHAINS[family];
  const drops = (chain: NftChain, ...address: readonly Octets[]) =>
    newRule(table, chain, ...address, lookup(addresses), verdict(NF_DROP));
  const network = (offset: number) =>
    payload(NFT_REG_1, NFT_PAYLOAD_NETWORK_HEADER, offset, addressOctets);
  const isSolicitation = [
    meta(NFT_META_L4PROTO),
    compare(NFT_CMP_EQ, IPPROTO_ICMPV6),
    payload(NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1),
    compare(NFT_CMP_EQ, ND_NEIGHBOR_SOLICIT),
  ];
  // RFC 826: the sender's protocol address is at 14, the target's at 24. RFC 4861 section 4.3: the target is at 8.
  const rules = family === "ipv4" ? [drops(input, network(24)), drops(output, network(14))] : [
    drops(
      input,
      ...isSolicitation,
      payload(NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, 8, addressOctets),
    ),
    drops(output, ...isSolicitation, network(sourceOffset)),
  ];
  return {
    create: () => [
      newTable(table),
      newSet(table, addresses),
      newChain(table, input),
      newChain(table, output),
      ...rules,
    ],
    add: (address) => newElement(table, addresses, octetsOf(address)),
    remove: (address) => deleteElement(table, addresses, octetsOf(address)),
  };
}

/** Source, destination and ports of a TCP packet, one after the other from the first register on. */
function connection({ addressOctets, sourceOffset, destinationOffset }: Layout): Octets[] {
  const words = addressOctets / 4;
  const network = (register: number, offset: number) =>
    payload(register, NFT_PAYLOAD_NETWORK_HEADER, offset, addressOctets);
  return [
    network(NFT_REG32_00, sourceOffset),
    network(NFT_REG32_00 + words, destinationOffset),
    payload(NFT_REG32_00 + 2 * words, NFT_PAYLOAD_TRANSPORT_HEADER, 0, TCP_PORTS_OCTETS),
  ];
}

function peerOctets({ address, interfaceIndex }: DrainPeer): Octets {
  // In host order, as the kernel itself stores it.
  return concatenate([octetsOf(address), new Uint8Array(Uint32Array.of(interfaceIndex).buffer)]);
}

function octetsOf(address: IpAddress): Octets {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot pass on "${address}": it is no address`);
  return octets;
}
