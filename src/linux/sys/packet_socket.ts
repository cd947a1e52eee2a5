/**
 * A packet socket that gets, of all frames of one interface, those that pass a filter in the kernel (packet(7)).
 *
 * @module
 */

import type { FilterInstruction } from "../../wire/filters/bpf.ts";
import { AF_PACKET, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from "./constants.ts";
import type { SysContext } from "./context.ts";
import { must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";
import { linkAddress } from "./frame_sender.ts";
import { attachFilter, enlargeReceiveBuffer } from "./socket_options.ts";
import { WatchedSocket } from "./watched_socket.ts";

/** No protocol yet, so that nothing arrives before the filter is in place. */
const NOTHING = 0;
/** Longer than any frame that vipd needs as a whole. */
const FRAME_OCTETS = 2048;
/** How many frames one wake-up reads; the rest waits for the next. */
const FRAMES_PER_WAKE = 64;
/** The time to which the budget of frames applies, in milliseconds: short, because a request waits for its answer. */
const WINDOW_MS = 100;

/**
 * How much of what arrives the socket reads. Any host on the link can send frames that pass the filter. Excess frames
 * fill the buffer; then the kernel drops them, which wakes nobody and costs next to nothing.
 */
export interface FrameBudget {
  /** Frames read in 100 ms. */
  readonly frames: number;
  /** Size of the receive buffer, in octets; the kernel doubles it, and charges some 768 octets for a short frame. */
  readonly bufferOctets: number;
}

export interface PacketSocketOptions {
  /** The attempted action, for messages: `listen for claims on eth1`. */
  readonly action: string;
  /** Kernel index of the interface. */
  readonly interfaceIndex: number;
  readonly etherType: number;
  readonly filter: readonly FilterInstruction[];
  readonly budget: FrameBudget;
}

export class PacketSocket {
  readonly #libc: Libc;
  readonly #options: PacketSocketOptions;
  readonly #receive: (frame: Uint8Array) => void;
  readonly #frame: Octets = new Uint8Array(FRAME_OCTETS);
  readonly #socket: WatchedSocket;
  /** The beginning of the present window, and how many frames were read in it. */
  #window = { sinceMs: -Infinity, frames: 0 };

  /**
   * `receive` gets each frame from its Ethernet header on, valid during the call.
   *
   * @throws {SysError}
   */
  constructor(
    context: SysContext,
    options: PacketSocketOptions,
    receive: (frame: Uint8Array) => void,
  ) {
    const { libc } = context;
    this.#libc = libc;
    this.#options = options;
    this.#receive = receive;
    const { action, interfaceIndex, etherType, filter, budget } = options;
    const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const fd = must(action, "socket", libc.socket(AF_PACKET, type, NOTHING));
    try {
      attachFilter(libc, fd, action, filter);
      enlargeReceiveBuffer(libc, fd, budget.bufferOctets);
      const address = linkAddress(interfaceIndex, etherType, new Uint8Array());
      must(action, "bind", libc.bind(fd, address));
    } catch (error) {
      libc.closeFd(fd);
      throw error;
    }
    this.#socket = new WatchedSocket(context, fd, () => this.#readWaiting());
  }

  /**
   * From now on the kernel delivers what `filter` passes.
   *
   * @throws {SysError}
   */
  setFilter(filter: readonly FilterInstruction[]): void {
    const { fd } = this.#socket;
    if (fd >= 0) attachFilter(this.#libc, fd, this.#options.action, filter);
  }

  /** Sends a whole frame: 0, or -errno. */
  send(frame: Octets): number {
    return Math.min(0, this.#libc.write(this.#socket.fd, frame));
  }

  /**
   * Takes some 10 ms or more, because the kernel waits until no processor uses the socket any more (synchronize_net()).
   * A socket that is needed again soon gets a filter that passes nothing instead.
   */
  close(): void {
    this.#socket.close();
  }

  #readWaiting(): void {
    const { frames } = this.#options.budget;
    const nowMs = performance.now();
    if (nowMs - this.#window.sinceMs >= WINDOW_MS) this.#window = { sinceMs: nowMs, frames: 0 };
    for (let count = 0; count < FRAMES_PER_WAKE && this.#socket.fd >= 0; count++) {
      // The rest waits until the window is over.
      if (this.#window.frames >= frames) {
        return this.#socket.pause(this.#window.sinceMs + WINDOW_MS);
      }
      const length = this.#libc.recv(this.#socket.fd, this.#frame, MSG_DONTWAIT);
      // Nothing more, or ENETDOWN, which reading has cleared; the netlink monitor reports the interface.
      if (length < 0) return;
      this.#window.frames++;
      this.#receive(this.#frame.subarray(0, length));
    }
  }
}
