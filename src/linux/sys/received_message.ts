/**
 * The memory of recvmsg(2): one datagram with its sender and its ancillary data.
 *
 *     struct msghdr  { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
 *                      void *msg_control; size_t msg_controllen; int msg_flags; };
 *     struct iovec   { void *iov_base; size_t iov_len; };
 *     struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; };    then the data; aligned to 8 octets
 *
 * All of it is in one buffer, whose address is taken once, so that no pointer in it can outlive its target.
 *
 * @module
 */

import { MSG_DONTWAIT } from "./constants.ts";
import type { Libc, Octets } from "./libc.ts";

const HEADER = { at: 0, octets: 56 };
const VECTOR = { at: 56, octets: 16 };
const NAME = { at: 72, octets: 32 };
const CONTROL = { at: 104, octets: 256 };
const DATA = { at: 360, octets: 65536 };

const NAME_LENGTH_AT = 8;
const CONTROL_LENGTH_AT = 40;
const CONTROL_HEADER_OCTETS = 16;

/** Room for one datagram; each `receive` overwrites the last. */
export class ReceivedMessage {
  readonly #block = new ArrayBuffer(DATA.at + DATA.octets);
  readonly #view = new DataView(this.#block);
  readonly #header: Octets = new Uint8Array(this.#block, HEADER.at, HEADER.octets);
  #length = 0;

  constructor() {
    const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(this.#block)));
    const pointer = (at: number, target: number) =>
      this.#view.setBigUint64(at, BigInt(base) + BigInt(target), true);
    const size = (at: number, octets: number) => this.#view.setBigUint64(at, BigInt(octets), true);
    pointer(HEADER.at, NAME.at);
    pointer(HEADER.at + 16, VECTOR.at);
    size(HEADER.at + 24, 1);
    pointer(HEADER.at + 32, CONTROL.at);
    pointer(VECTOR.at, DATA.at);
    size(VECTOR.at + 8, DATA.octets);
  }

  /** recvmsg(2) that does not wait: the payload's length or -errno. */
  receive(libc: Libc, fd: number): number {
    // The kernel overwrites these lengths with those that it used.
    this.#view.setUint32(NAME_LENGTH_AT, NAME.octets, true);
    this.#view.setBigUint64(CONTROL_LENGTH_AT, BigInt(CONTROL.octets), true);
    const result = libc.recvmsg(fd, this.#header, MSG_DONTWAIT);
    this.#length = Math.max(0, result);
    return result;
  }

  /** The datagram. */
  get payload(): Uint8Array {
    return new Uint8Array(this.#block, DATA.at, this.#length);
  }

  /** The sender's struct sockaddr. */
  get sender(): Uint8Array {
    return new Uint8Array(this.#block, NAME.at, NAME.octets);
  }

  /** The data of the first control message of this kind; `null` if there is none (cmsg(3)). */
  control(level: number, type: number): Uint8Array | null {
    const end = Math.min(
      Number(this.#view.getBigUint64(CONTROL_LENGTH_AT, true)),
      CONTROL.octets,
    );
    for (let at = 0; at + CONTROL_HEADER_OCTETS <= end;) {
      const length = Number(this.#view.getBigUint64(CONTROL.at + at, true));
      if (length < CONTROL_HEADER_OCTETS || at + length > end) return null;
      const matches = this.#view.getInt32(CONTROL.at + at + 8, true) === level &&
        this.#view.getInt32(CONTROL.at + at + 12, true) === type;
      if (matches) {
        const from = CONTROL.at + at + CONTROL_HEADER_OCTETS;
        return new Uint8Array(this.#block, from, length - CONTROL_HEADER_OCTETS);
      }
      at += (length + 7) & ~7;
    }
    return null;
  }
}
