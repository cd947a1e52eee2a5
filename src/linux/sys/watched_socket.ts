/**
 * A socket that the reactor watches, which may rest: then what arrives waits in the kernel and wakes nobody.
 *
 * @module
 */

import type { SysContext } from "./context.ts";

export class WatchedSocket {
  readonly #context: SysContext;
  readonly #readable: () => void;
  #fd: number;
  #cancelPause: () => void = () => {};

  /** Owns the descriptor from now on. `readable` is called when something has arrived. */
  constructor(context: SysContext, fd: number, readable: () => void) {
    this.#context = context;
    this.#fd = fd;
    this.#readable = readable;
    this.#watch();
  }

  /** The descriptor; -1 after `close`. */
  get fd(): number {
    return this.#fd;
  }

  /** Rests until then, in monotonic milliseconds. */
  pause(untilMs: number): void {
    if (this.#fd < 0) return;
    this.#context.reactor.unregister(this.#fd);
    this.#cancelPause = this.#context.timers.set(untilMs, () => this.#watch());
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#cancelPause();
    this.#context.reactor.unregister(this.#fd);
    this.#context.libc.closeFd(this.#fd);
    this.#fd = -1;
  }

  #watch(): void {
    this.#context.reactor.register(this.#fd, () => this.#readable());
  }
}
