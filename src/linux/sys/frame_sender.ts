/**
 * A packet socket that sends whole frames and receives nothing (packet(7)).
 *
 * @module
 */

import {
  AF_PACKET,
  MSG_DONTWAIT,
  SO_PRIORITY,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from "./constants.ts";
import { must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";

/** Protocol 0: the socket gets no packets. */
const NOTHING = 0;

export class FrameSender {
  readonly #libc: Libc;
  readonly #fd: number;

  /**
   * @param what it sends, for messages: `announcements`
   * @param priority in the interface's queue (SO_PRIORITY); the usual one if omitted
   * @throws {SysError}
   */
  constructor(libc: Libc, what: string, priority?: number) {
    this.#libc = libc;
    this.#fd = must(
      `open a packet socket for ${what}`,
      "socket",
      libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NOTHING),
    );
    if (priority !== undefined) libc.setsockoptInt(this.#fd, SOL_SOCKET, SO_PRIORITY, priority);
  }

  /** `address`: of {@link linkAddress}. Returns the octets that were sent, or -errno. */
  send(frame: Octets, address: Octets): number {
    return this.#libc.sendto(this.#fd, frame, MSG_DONTWAIT, address);
  }

  close(): void {
    this.#libc.closeFd(this.#fd);
  }
}
