/**
 * Refuses packets to addresses that this host carries but does not serve, through nf_tables. The table belongs to the
 * socket that makes it: whatever ends the program ends the table (NFT_TABLE_F_OWNER), and `nft flush ruleset` of
 * another program leaves it alone.
 *
 * @module
 */

import type { HostError } from "../node/host.ts";
import type { VirtualAddress } from "../vip/addresses.ts";
import { decodeAcknowledgement, decodeMessages } from "../wire/netlink.ts";
import { encodeFilterChange, type RefusedAddress } from "../wire/nft_refusals.ts";
import { MSG_DONTWAIT, NETLINK_NETFILTER } from "./constants.ts";
import {
  asHostError,
  EAGAIN,
  EEXIST,
  EINTR,
  EOPNOTSUPP,
  EPERM,
  hostError,
  must,
} from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";
import { enlargeReceiveBuffer, KERNEL, openNetlink } from "./netlink_socket.ts";

const ACTION = "refuse packets to virtual addresses (accept: false)";
const RECEIVE_OCTETS = 65536;
/** An answer for each address of a large node lies ready at once. */
const RECEIVE_BUFFER_OCTETS = 1 << 20;

export class PacketFilter {
  readonly #libc: Libc;
  readonly #octets: Octets = new Uint8Array(RECEIVE_OCTETS);
  /** The owner of the table; `null` while there is none. */
  #fd: number | null = null;
  #refused: ReadonlyMap<string, RefusedAddress> = new Map();
  #sequence = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** From now on packets to these addresses are dropped, and to no others; on an error nothing has changed. */
  refuse(addresses: readonly VirtualAddress[]): HostError | null {
    const wanted = new Map(addresses.map((address) => [keyOf(address), address] as const));
    const refuse = [...wanted].filter(([key]) => !this.#refused.has(key)).map(([, it]) => it);
    const accept = [...this.#refused].filter(([key]) => !wanted.has(key)).map(([, it]) => it);
    if (wanted.size === 0) {
      this.close();
      return null;
    }
    if (refuse.length + accept.length === 0) return null;
    const error = this.#change(refuse, accept);
    if (!error) this.#refused = wanted;
    // Without a table the socket owns nothing.
    else if (this.#refused.size === 0) this.close();
    return error;
  }

  /** Takes the table away with its owner. */
  close(): void {
    if (this.#fd !== null) this.#libc.closeFd(this.#fd);
    this.#fd = null;
    this.#refused = new Map();
  }

  #change(
    refuse: readonly RefusedAddress[],
    accept: readonly RefusedAddress[],
  ): HostError | null {
    const create = this.#fd === null;
    try {
      this.#fd ??= this.#open();
      const octets = encodeFilterChange({ create, refuse, accept }, this.#sequence);
      let sent: number;
      do sent = this.#libc.sendto(this.#fd, octets, 0, KERNEL); while (sent === -EINTR);
      must(ACTION, "nfnetlink", sent);
      return this.#readAnswers(this.#fd);
    } catch (error) {
      return asHostError(error);
    }
  }

  #open(): number {
    const fd = openNetlink(this.#libc, 0, NETLINK_NETFILTER);
    enlargeReceiveBuffer(this.#libc, fd, RECEIVE_BUFFER_OCTETS);
    return fd;
  }

  /** The answers to all messages of the transaction lie ready; the first refusal is the reason of all. */
  #readAnswers(fd: number): HostError | null {
    let refusal: HostError | null = null;
    let answers = 0;
    for (;;) {
      const length = this.#libc.recv(fd, this.#octets, MSG_DONTWAIT);
      if (length === -EINTR) continue;
      if (length === -EAGAIN) break;
      must(ACTION, "nfnetlink", length);
      for (const message of decodeMessages(this.#octets.subarray(0, length))) {
        const answer = decodeAcknowledgement(message);
        if (!answer) continue;
        answers++;
        if (answer.errno !== 0) {
          refusal ??= hostError(
            ACTION,
            "nfnetlink",
            answer.errno,
            hintOf(answer.errno, answer.text),
          );
        }
      }
    }
    return refusal ?? (answers > 0 ? null : hostError(ACTION, "nfnetlink", EAGAIN, "no answer"));
  }
}

function keyOf({ address, device }: RefusedAddress): string {
  return `${address} ${device}`;
}

function hintOf(errno: number, text: string | undefined): string | undefined {
  if (errno === EOPNOTSUPP) {
    return "the kernel lacks nf_tables with tables that have an owner; it is there from Linux 5.12 on " +
      "(CONFIG_NF_TABLES, CONFIG_NF_TABLES_INET)";
  }
  if (errno === EEXIST || errno === EPERM) {
    return "another program may hold the table `inet vipd`, see `nft list tables`";
  }
  return text;
}
