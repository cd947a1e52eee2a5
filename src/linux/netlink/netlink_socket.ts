/**
 * A netlink socket whose requests are answered at once: the kernel handles a request within sendto(2), so the answer is
 * ready when that returns (netlink(7)).
 *
 * @module
 */

import {
  type Acknowledgement,
  decodeAcknowledgement,
  decodeMessages,
  encodeMessage,
  encodeMessages,
  messageOctets,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
} from "../../wire/netlink/netlink.ts";
import { concatenate } from "../../wire/octets.ts";
import {
  AF_NETLINK,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_NETLINK,
} from "../sys/constants.ts";
import { EAGAIN, EINTR, must, SysError } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import { enlargeReceiveBuffer } from "../sys/socket_options.ts";

/** More than the kernel puts into one datagram of a dump (32 KiB). */
export const RECEIVE_OCTETS = 65536;
/** How often a dump that was interrupted by changes is started again. */
const DUMP_ATTEMPTS = 8;
/** Room for notifications while the program is stopped, in octets; the kernel doubles it. */
const MONITOR_BUFFER_OCTETS = 1 << 20;

/** Well within the send buffer of a netlink socket, which limits a request. */
const DATAGRAM_OCTETS = 32 * 1024;

/** struct sockaddr_nl { sa_family_t nl_family; unsigned short nl_pad; pid_t nl_pid; __u32 nl_groups; } */
function socketAddress(groups: number): Octets {
  const octets = new Uint8Array(12);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  return octets;
}

/** The destination of requests. */
export const KERNEL = socketAddress(0);

/**
 * Opens a socket of `protocol` that listens to `groups` (bits of sockaddr_nl.nl_groups; 0 for none).
 *
 * @returns its descriptor, nonblocking.
 * @throws {SysError}
 */
export function openNetlink(libc: Libc, groups: number, protocol = NETLINK_ROUTE): number {
  const fd = must(
    "open a netlink socket",
    "socket",
    libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol),
  );
  // Features of newer kernels; without them errors are merely terser.
  libc.setsockoptInt(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
  libc.setsockoptInt(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
  if (groups !== 0) enlargeReceiveBuffer(libc, fd, MONITOR_BUFFER_OCTETS);
  const bound = libc.bind(fd, socketAddress(groups));
  if (bound < 0) libc.closeFd(fd);
  must("open a netlink socket", "bind", bound);
  return fd;
}

/**
 * The number under which the kernel knows a netlink socket (nl_pid in netlink(7)); notifications of the changes that it
 * requests contain it.
 *
 * @throws {SysError}
 */
export function portIdOf(libc: Libc, fd: number): number {
  const address = socketAddress(0);
  must("open a netlink socket", "getsockname", libc.getsockname(fd, address));
  return new DataView(address.buffer).getUint32(4, true);
}

/** Sends requests to rtnetlink and reads their answers. */
export class NetlinkRequester {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #octets: Octets = new Uint8Array(RECEIVE_OCTETS);
  #sequence = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = openNetlink(libc, 0);
  }

  /** From now on the kernel omits from a dump what its query does not ask for (since Linux 4.20). */
  askStrictly(): void {
    this.#libc.setsockoptInt(this.#fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  }

  /** As `portIdOf`. */
  portId(): number {
    return portIdOf(this.#libc, this.#fd);
  }

  /**
   * Requests a change, or one object.
   *
   * @param visit gets each message of the answer; its payload is valid only during the call.
   * @throws {SysError} if the request cannot be sent or no answer comes. An error in the answer is no exception.
   */
  request(
    type: number,
    flags: number,
    payload: Uint8Array,
    visit: (message: NetlinkMessage) => void = () => {},
  ): Acknowledgement {
    const sequence = this.#send(type, NLM_F_REQUEST | NLM_F_ACK | flags, payload);
    return this.#answer(sequence, visit).acknowledgement;
  }

  /**
   * Requests many changes in few calls, without NLM_F_ACK: the kernel answers only those that it rejects.
   *
   * @returns the errors, by the place of their request
   * @throws {SysError} if they cannot be sent.
   */
  requestAll(
    type: number,
    flags: number,
    payloads: readonly Uint8Array[],
  ): ReadonlyMap<number, Acknowledgement> {
    const first = (this.#sequence + 1) >>> 0;
    const refusals = new Map<number, Acknowledgement>();
    for (const group of groupsOf(payloads, messageOctets)) {
      const next = (this.#sequence + 1) >>> 0;
      this.#sequence = (this.#sequence + group.length) >>> 0;
      this.#sendOctets(encodeMessages(type, NLM_F_REQUEST | flags, next, group));
      for (let answer = this.#receive(); answer; answer = this.#receive()) {
        for (const message of decodeMessages(answer)) {
          const refusal = decodeAcknowledgement(message);
          if (refusal) refusals.set((message.sequence - first) >>> 0, refusal);
        }
      }
    }
    return refusals;
  }

  /**
   * Requests all objects of a kind.
   *
   * @returns the results of `convert` for each message, without `null`.
   * @throws {SysError} if the kernel refuses.
   */
  dump<T>(type: number, query: Uint8Array, convert: (message: NetlinkMessage) => T | null): T[] {
    for (let attempt = 1;; attempt++) {
      const found: T[] = [];
      const sequence = this.#send(type, NLM_F_REQUEST | NLM_F_DUMP, query);
      const { acknowledgement, interrupted } = this.#answer(sequence, (message) => {
        const converted = convert(message);
        if (converted !== null) found.push(converted);
      });
      must("list interfaces", "rtnetlink", -acknowledgement.errno);
      // In an interface storm the last attempt counts, because the notifications that follow correct it.
      if (!interrupted || attempt === DUMP_ATTEMPTS) return found;
    }
  }

  close(): void {
    this.#libc.closeFd(this.#fd);
  }

  #send(type: number, flags: number, payload: Uint8Array): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#sendOctets(encodeMessage(type, flags, this.#sequence, payload));
    return this.#sequence;
  }

  #sendOctets(octets: Octets): void {
    let sent: number;
    do sent = this.#libc.sendto(this.#fd, octets, 0, KERNEL); while (sent === -EINTR);
    must("ask the kernel", "rtnetlink", sent);
  }

  /** Reads until the message that ends the answer to `sequence`. */
  #answer(
    sequence: number,
    visit: (message: NetlinkMessage) => void,
  ): { readonly acknowledgement: Acknowledgement; readonly interrupted: boolean } {
    let interrupted = false;
    for (;;) {
      const octets = this.#receive();
      // The answer is not ready. Waiting could mean waiting for ever.
      if (!octets) throw new SysError("read the kernel's answer", "rtnetlink", EAGAIN);
      for (const message of decodeMessages(octets)) {
        // The rest of an answer that was given up.
        if (message.sequence !== sequence) continue;
        if (message.flags & NLM_F_DUMP_INTR) interrupted = true;
        const acknowledgement = decodeAcknowledgement(message);
        if (acknowledgement) return { acknowledgement, interrupted };
        visit(message);
      }
    }
  }

  /** One datagram; `null` if none is ready. */
  #receive(): Uint8Array | null {
    for (;;) {
      const length = this.#libc.recv(this.#fd, this.#octets, MSG_DONTWAIT | MSG_TRUNC);
      if (length === -EINTR) continue;
      if (length === -EAGAIN) return null;
      must("read the kernel's answer", "recv", length);
      return this.#octets.subarray(0, length);
    }
  }
}

/** The messages, or datagrams of them, in their order, as many in each datagram as fit. */
export function packed(messages: readonly Octets[]): Octets[] {
  return groupsOf(messages, ({ length }) => length).map(concatenate);
}

/** The parts in their order, as many in each group as fit into a datagram. */
function groupsOf<T>(parts: readonly T[], octetsOf: (part: T) => number): T[][] {
  const groups: T[][] = [];
  let octets = DATAGRAM_OCTETS;
  for (const part of parts) {
    octets += octetsOf(part);
    if (octets > DATAGRAM_OCTETS) {
      groups.push([]);
      octets = octetsOf(part);
    }
    groups.at(-1)!.push(part);
  }
  return groups;
}
