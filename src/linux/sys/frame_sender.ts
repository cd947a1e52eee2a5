/**
 * A packet socket that sends whole frames and receives nothing (packet(7)).
 *
 * @module
 */

import type { MacAddress } from "../../wire/address.ts";
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

/**
 * The address of a packet socket: the destination of frames of `etherType` to `mac`, through the interface with this kernel index.
 *
 * struct sockaddr_ll { unsigned short sll_family; __be16 sll_protocol; int sll_ifindex; unsigned short sll_hatype;
 *                      unsigned char sll_pkttype; unsigned char sll_halen; unsigned char sll_addr[8]; };
 */
export function linkAddress(interfaceIndex: number, etherType: number, mac: MacAddress): Octets {
  const octets = new Uint8Array(20);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, interfaceIndex, true);
  octets[11] = mac.length;
  octets.set(mac, 12);
  return octets;
}
