/**
 * A netlink socket that creates tables of nf_tables. They belong to it: they end with the program, however that ends
 * (NFT_TABLE_F_OWNER), and another program's `nft flush ruleset` does not touch them.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import { decodeAcknowledgement, decodeMessages } from "../../wire/netlink/netlink.ts";
import { encodeTransaction, type NftMessage } from "../../wire/nftables/nft.ts";
import { KERNEL, openNetlink } from "../netlink/netlink_socket.ts";
import { enlargeReceiveBuffer } from "../sys/socket_options.ts";
import { MSG_DONTWAIT, NETLINK_NETFILTER } from "../sys/constants.ts";
import { asHostError, EAGAIN, EINTR, EOPNOTSUPP, hostError, must } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";

const RECEIVE_OCTETS = 65536;
/** The answers for all addresses of a large node are ready at once. */
const RECEIVE_BUFFER_OCTETS = 1 << 20;

/** The kernel's answers if the table is another program's, with an owner or without one. */
const NAME_NOT_FREE: readonly string[] = ["EPERM", "EEXIST"];

export class NftSocket {
  readonly #libc: Libc;
  /** The purpose of the tables, as in "Cannot ...". */
  readonly #action: string;
  readonly #octets: Octets = new Uint8Array(RECEIVE_OCTETS);
  #fd: number | null = null;
  /** Empty, unless another program holds a table of the usual name: two daemons on one machine need one each. */
  #suffix = "";

  constructor(libc: Libc, action: string) {
    this.#libc = libc;
    this.#action = action;
  }

  /**
   * Performs one transaction: all of it or, on an error, nothing. `messages` gets what comes behind the usual names of
   * the tables. `creates`: it makes the tables, under names with this process's id if the usual ones are not free.
   */
  change(messages: (suffix: string) => readonly NftMessage[], creates: boolean): HostError | null {
    if (creates) this.#suffix = "";
    const error = this.#perform(messages(this.#suffix));
    if (!creates || !NAME_NOT_FREE.includes(error?.code ?? "")) return error;
    this.#suffix = `_${Deno.pid}`;
    return this.#perform(messages(this.#suffix));
  }

  #perform(messages: readonly NftMessage[]): HostError | null {
    try {
      this.#fd ??= this.#open();
      const octets = encodeTransaction(messages, 0);
      let sent: number;
      do sent = this.#libc.sendto(this.#fd, octets, 0, KERNEL); while (sent === -EINTR);
      must(this.#action, "nfnetlink", sent);
      return this.#readAnswers(this.#fd);
    } catch (error) {
      return asHostError(error);
    }
  }

  /** Removes the tables with their owner; the next change begins without any. */
  close(): void {
    if (this.#fd !== null) this.#libc.closeFd(this.#fd);
    this.#fd = null;
  }

  #open(): number {
    const fd = openNetlink(this.#libc, 0, NETLINK_NETFILTER);
    enlargeReceiveBuffer(this.#libc, fd, RECEIVE_BUFFER_OCTETS);
    return fd;
  }

  /** The answers to all messages of the transaction are ready; the first error is the reason for all. */
  #readAnswers(fd: number): HostError | null {
    let refusal: HostError | null = null;
    let answers = 0;
    for (;;) {
      const length = this.#libc.recv(fd, this.#octets, MSG_DONTWAIT);
      if (length === -EINTR) continue;
      if (length === -EAGAIN) break;
      must(this.#action, "nfnetlink", length);
      for (const message of decodeMessages(this.#octets.subarray(0, length))) {
        const answer = decodeAcknowledgement(message);
        if (!answer) continue;
        answers++;
        if (answer.errno !== 0) {
          const hint = hintOf(answer.errno, answer.text);
          refusal ??= hostError(this.#action, "nfnetlink", answer.errno, hint);
        }
      }
    }
    if (refusal || answers > 0) return refusal;
    return hostError(this.#action, "nfnetlink", EAGAIN, "no answer");
  }
}

function hintOf(errno: number, text: string | undefined): string | undefined {
  if (errno === EOPNOTSUPP) {
    return "the kernel lacks nf_tables with tables that have an owner; it is there from Linux 5.12 on " +
      "(CONFIG_NF_TABLES, CONFIG_NF_TABLES_INET)";
  }
  return text;
}
