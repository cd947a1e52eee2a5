/**
 * The rules of nf_tables, read in one go and never more than so many octets: a large firewall must not hold up an advert.
 *
 * @module
 */

import {
  decodeAcknowledgement,
  decodeMessages,
  type NetlinkMessage,
} from "../../wire/netlink/netlink.ts";
import {
  chainsQuery,
  decodeChain,
  decodeDormantTable,
  decodeElements,
  decodeRule,
  elementsQuery,
  rulesQuery,
  tablesQuery,
} from "../../wire/nftables/nft_dump.ts";
import type { NftLists } from "../../firewall/nft_drops.ts";
import { KERNEL, openNetlink } from "../netlink/netlink_socket.ts";
import { MSG_DONTWAIT, NETLINK_NETFILTER } from "../sys/constants.ts";
import { EINTR } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";

/** The kernel puts no more into one datagram of a dump. */
const RECEIVE_OCTETS = 32 * 1024;
/** The most that is read, in octets, which is some 300 rules, and how many lists: a few milliseconds. */
const MAX_OCTETS = 96 * 1024;
const MAX_LISTS = 64;

/**
 * Gives `read` the lists, each asked when it is called.
 *
 * @throws {SysError} if there is no socket.
 */
export function withNftLists<T>(libc: Libc, read: (lists: NftLists) => T): T {
  const fd = openNetlink(libc, 0, NETLINK_NETFILTER);
  try {
    return read(listsOf(libc, fd));
  } finally {
    libc.closeFd(fd);
  }
}

function listsOf(libc: Libc, fd: number): NftLists {
  let octetsLeft = MAX_OCTETS;
  let sequence = 0;

  function list<T>(
    query: (sequence: number) => Octets,
    convert: (message: NetlinkMessage) => readonly T[],
  ): T[] | null {
    if (sequence >= MAX_LISTS || octetsLeft <= 0) return null;
    sequence++;
    let sent: number;
    do sent = libc.sendto(fd, query(sequence), 0, KERNEL); while (sent === -EINTR);
    if (sent < 0) return null;
    const found: NetlinkMessage[] = [];
    while (octetsLeft > 0) {
      // Each datagram has octets of its own, because the values are views of them.
      const octets: Octets = new Uint8Array(RECEIVE_OCTETS);
      const length = libc.recv(fd, octets, MSG_DONTWAIT);
      if (length === -EINTR) continue;
      if (length < 0) return null;
      octetsLeft -= length;
      for (const message of decodeMessages(octets.subarray(0, length))) {
        if (message.sequence !== sequence) continue;
        const end = decodeAcknowledgement(message);
        // A list that is not whole is not worth the time to read it.
        if (end !== null) return end.errno === 0 ? found.flatMap(convert) : null;
        found.push(message);
      }
    }
    return null;
  }

  const one = <T>(decode: (message: NetlinkMessage) => T | null) => (message: NetlinkMessage) => {
    const value = decode(message);
    return value === null ? [] : [value];
  };
  return {
    dormantTables: () => list(tablesQuery, one(decodeDormantTable)),
    chains: () => list(chainsQuery, one(decodeChain)),
    rules: (table, chain) => list((it) => rulesQuery(table, chain, it), one(decodeRule)),
    elements: (table, set) =>
      list((it) => elementsQuery(table, set, it), (message) => decodeElements(message) ?? []),
  };
}
