/**
 * A packet socket that is given, of all frames of one interface, those that a filter in the kernel lets through
 * (packet(7)).
 *
 * @module
 */

import type { FilterInstruction } from "../wire/bpf.ts";
import { AF_PACKET, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from "./constants.ts";
import { must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";
import { linkAddress } from "./link_address.ts";
import type { Reactor } from "./reactor.ts";
import { attachFilter } from "./socket_filter.ts";

/** No protocol yet, so that nothing arrives before the filter is in place. */
const NOTHING = 0;
/** Longer than any frame that is looked at. */
const FRAME_OCTETS = 2048;
/** What a flood brings at one wake; the rest waits for the next, or is lost. */
const FRAMES_PER_WAKE = 64;

export interface PacketSocketOptions {
  /** What is tried, for messages: `listen for claims on eth1`. */
  readonly action: string;
  /** Kernel index of the interface. */
  readonly interfaceIndex: number;
  readonly etherType: number;
  readonly filter: readonly FilterInstruction[];
}

export class PacketSocket {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #receive: (frame: Uint8Array) => void;
  readonly #frame: Octets = new Uint8Array(FRAME_OCTETS);
  #fd: number;

  /**
   * `receive` is given each frame from its Ethernet header on, valid during the call.
   *
   * @throws {SysError}
   */
  constructor(
    libc: Libc,
    reactor: Reactor,
    { action, interfaceIndex, etherType, filter }: PacketSocketOptions,
    receive: (frame: Uint8Array) => void,
  ) {
    this.#libc = libc;
    this.#reactor = reactor;
    this.#receive = receive;
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    this.#fd = must(action, "socket", libc.socket(AF_PACKET, type, NOTHING));
    try {
      attachFilter(libc, this.#fd, action, filter);
      const address = linkAddress(interfaceIndex, etherType, new Uint8Array());
      must(action, "bind", libc.bind(this.#fd, address));
    } catch (error) {
      libc.closeFd(this.#fd);
      throw error;
    }
    reactor.register(this.#fd, () => this.#drain());
  }

  /** Puts a whole frame on the link: 0, or -errno. */
  send(frame: Octets): number {
    return Math.min(0, this.#libc.write(this.#fd, frame));
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#reactor.unregister(this.#fd);
    this.#libc.closeFd(this.#fd);
    this.#fd = -1;
  }

  #drain(): void {
    for (let count = 0; count < FRAMES_PER_WAKE && this.#fd >= 0; count++) {
      const length = this.#libc.recv(this.#fd, this.#frame, MSG_DONTWAIT);
      // Nothing more, or ENETDOWN, which reading has cleared; the netlink monitor tells of the interface.
      if (length < 0) return;
      this.#receive(this.#frame.subarray(0, length));
    }
  }
}
