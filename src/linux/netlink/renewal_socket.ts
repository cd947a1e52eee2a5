/**
 * The netlink socket of lease renewals. The kernel handles a request within the call that sends it, and waits there for
 * the lock of its network configuration (rtnl), which other programs may hold for a tenth of a second. Adverts must not
 * wait with it, so a thread of the runtime's pool makes the call: one sendmmsg(2).
 *
 * A renewal that is under way must not reach the kernel after a later removal: it would add the address again.
 * Therefore the first message is empty (NLMSG_NOOP) and acknowledged, and so is the last one. The kernel reads each
 * message when its turn comes. `recall` directs all those in between to the empty one. If the first one is not
 * acknowledged then, the kernel will read none of them. If it is, some may be on their way, and `recall` waits for the
 * last one.
 *
 *     struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
 *
 * @module
 */

import {
  type Acknowledgement,
  decodeAcknowledgement,
  decodeMessages,
  encodeMessage,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_NOOP,
} from "../../wire/netlink/netlink.ts";
import { F_SETFL, MSG_DONTWAIT, MSG_TRUNC, SO_RCVTIMEO, SOL_SOCKET } from "../sys/constants.ts";
import { EINTR, must } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import { KERNEL, openNetlink, packed, portIdOf, RECEIVE_OCTETS } from "./netlink_socket.ts";

/** Sequence number of renewals, which the kernel acknowledges only if it refuses them. */
export const RENEWAL_SEQUENCE = 0;
const FIRST_SEQUENCE = 1;
const LAST_SEQUENCE = 2;

const MMSGHDR_OCTETS = 64;
/** `msg_iov` in a struct mmsghdr. */
const VECTOR_AT = 16;
const VECTOR_COUNT_AT = 24;
const IOVEC_OCTETS = 16;

/** The last message is missing only if the kernel had no memory for one, or a signal ended the call. */
const LAST_MESSAGE_SECONDS = 1n;
/** No status flags, fcntl(2): a call without MSG_DONTWAIT waits. */
const BLOCKING = 0;

/** One call of sendmmsg(2): pointers in it stay valid as long as this object. */
class Call {
  readonly headers: Octets;
  /** How many messages. */
  readonly count: number;
  readonly #block: Octets;
  readonly #pointers: BigUint64Array;
  readonly #emptyVector: bigint;

  constructor(datagrams: readonly Octets[]) {
    const flags = NLM_F_REQUEST | NLM_F_ACK;
    const messages = [
      encodeMessage(NLMSG_NOOP, flags, FIRST_SEQUENCE),
      ...datagrams,
      encodeMessage(NLMSG_NOOP, flags, LAST_SEQUENCE),
    ];
    this.count = messages.length;
    const dataAt = this.count * (MMSGHDR_OCTETS + IOVEC_OCTETS);
    this.#block = new Uint8Array(dataAt + messages.reduce((sum, it) => sum + it.length, 0));
    const base = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#block)));
    const view = new DataView(this.#block.buffer);
    const vectorAt = (index: number) => this.count * MMSGHDR_OCTETS + index * IOVEC_OCTETS;
    let at = dataAt;
    for (const [index, octets] of messages.entries()) {
      const headerAt = index * MMSGHDR_OCTETS;
      view.setBigUint64(headerAt + VECTOR_AT, base + BigInt(vectorAt(index)), true);
      view.setBigUint64(headerAt + VECTOR_COUNT_AT, 1n, true);
      view.setBigUint64(vectorAt(index), base + BigInt(at), true);
      view.setBigUint64(vectorAt(index) + 8, BigInt(octets.length), true);
      this.#block.set(octets, at);
      at += octets.length;
    }
    this.headers = this.#block.subarray(0, this.count * MMSGHDR_OCTETS);
    this.#pointers = new BigUint64Array(this.#block.buffer, 0, this.headers.length / 8);
    this.#emptyVector = base + BigInt(vectorAt(0));
  }

  /** All that the kernel has not read yet is empty from now on. */
  emptyTheRest(): void {
    for (let index = 1; index < this.count - 1; index++) {
      Atomics.store(
        this.#pointers,
        (index * MMSGHDR_OCTETS + VECTOR_AT) / 8,
        this.#emptyVector,
      );
    }
  }
}

/** sendmmsg(2) on another thread: how many messages were sent, or -1. */
export type PooledSend = (fd: number, headers: Octets, count: number) => Promise<number>;

export class RenewalSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #send: PooledSend;
  readonly #octets: Octets = new Uint8Array(RECEIVE_OCTETS);
  /** The last answers. */
  #begun = false;
  #ended = false;
  #rejection: Acknowledgement | null = null;
  #call: Call | null = null;
  #callEnds: Promise<unknown> = Promise.resolve();

  /** @throws {SysError} */
  constructor(libc: Libc, send: PooledSend = (...call) => libc.sendManyPooled(...call)) {
    this.#libc = libc;
    this.#send = send;
    this.#fd = openNetlink(libc, 0);
    libc.fcntl(this.#fd, F_SETFL, BLOCKING);
    // struct timeval { time_t tv_sec; suseconds_t tv_usec; }
    const timeout = BigInt64Array.of(LAST_MESSAGE_SECONDS, 0n);
    libc.setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(timeout.buffer));
  }

  /** The number under which the kernel knows this socket; notifications of its changes contain it. */
  portId(): number {
    return portIdOf(this.#libc, this.#fd);
  }

  /** True while a call is under way, also one that was recalled. */
  get busy(): boolean {
    return this.#call !== null;
  }

  /** True if the kernel has read something of the call that is under way: it may wait for its lock. */
  hasBegun(): boolean {
    this.#receive(MSG_DONTWAIT);
    return this.#begun;
  }

  /**
   * Sends encoded requests of `RENEWAL_SEQUENCE` from another thread; nothing may be under way.
   *
   * @returns false if the kernel refuses one of them, or has not got all.
   */
  async post(datagrams: readonly Octets[]): Promise<boolean> {
    const call = new Call(packed(datagrams));
    this.#forgetAnswers();
    this.#call = call;
    const sending = this.#send(this.#fd, call.headers, call.count).catch(() => -1);
    this.#callEnds = sending;
    const sent = await sending;
    this.#receive(MSG_DONTWAIT);
    this.#call = null;
    return sent === call.count && this.#rejection === null;
  }

  /** After this nothing of the call that is under way reaches the kernel. Waits for what has done so already. */
  recall(): void {
    if (this.#call === null) return;
    this.#call.emptyTheRest();
    if (!this.hasBegun()) return;
    while (!this.#ended && this.#receive(0));
  }

  /**
   * Sends such requests at once.
   *
   * @returns the first error.
   * @throws {SysError} if they cannot be sent.
   */
  postNow(datagrams: readonly Octets[]): Acknowledgement | null {
    this.#rejection = null;
    for (const octets of packed(datagrams)) {
      let sent: number;
      do sent = this.#libc.sendto(this.#fd, octets, 0, KERNEL); while (sent === -EINTR);
      must("ask the kernel", "rtnetlink", sent);
      this.#receive(MSG_DONTWAIT);
    }
    return this.#rejection;
  }

  /** Waits for the end of a call that is under way. */
  async close(): Promise<void> {
    this.recall();
    await this.#callEnds;
    this.#libc.closeFd(this.#fd);
  }

  #forgetAnswers(): void {
    this.#receive(MSG_DONTWAIT);
    this.#begun = false;
    this.#ended = false;
    this.#rejection = null;
  }

  /** Takes all answers that are ready; without MSG_DONTWAIT waits for the first. False if there was none. */
  #receive(flags: number): boolean {
    let any = false;
    for (;;) {
      const wait = any ? MSG_DONTWAIT : flags;
      const length = this.#libc.recv(this.#fd, this.#octets, wait | MSG_TRUNC);
      if (length === -EINTR) continue;
      if (length < 0) return any;
      any = true;
      for (const message of decodeMessages(this.#octets.subarray(0, length))) {
        if (message.sequence === FIRST_SEQUENCE) this.#begun = true;
        else if (message.sequence === LAST_SEQUENCE) this.#ended = true;
        else this.#rejection ??= decodeAcknowledgement(message);
      }
    }
  }
}
