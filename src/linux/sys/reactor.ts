/**
 * Waits for descriptors to become readable, with one thread of the runtime's pool for all of them.
 *
 * Exactly one epoll_wait(2) is pending at any time. It only wakes the program, which then asks synchronously what is
 * ready. So it never acts on an event about a descriptor that was closed meanwhile.
 *
 * @module
 */

import {
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLIN,
} from "./constants.ts";
import { EINTR, must, SysError } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";

/**
 * struct epoll_event { uint32_t events; epoll_data_t data; }, epoll_event(3type): packed on x86-64 alone.
 */
const EVENT_LAYOUT = Deno.build.arch === "x86_64"
  ? { octets: 12, dataOffset: 4 }
  : { octets: 16, dataOffset: 8 };

/** How many ready descriptors one call returns. */
const EVENTS_PER_WAIT = 256;

/** One epoll descriptor and its readers. */
export class Reactor {
  readonly #libc: Libc;
  readonly #onError: (error: unknown) => void;
  readonly #epollFd: number;
  /** Becomes readable to end the pending wait. */
  readonly #stopFd: number;
  readonly #readers = new Map<number, () => void>();
  readonly #events: Octets = new Uint8Array(EVENTS_PER_WAIT * EVENT_LAYOUT.octets);
  readonly #view = new DataView(this.#events.buffer);
  /** Belongs to the pending wait; a field, so that it lives as long as the kernel may write to it. */
  readonly #pendingEvent: Octets = new Uint8Array(EVENT_LAYOUT.octets);
  #onWake: () => void = () => {};
  #onWait: () => void = () => {};
  #stopping = false;
  #loop: Promise<void> = Promise.resolve();

  /** `onError` gets the exceptions of readers; they do not end the reactor. */
  constructor(libc: Libc, onError: (error: unknown) => void) {
    this.#libc = libc;
    this.#onError = onError;
    this.#epollFd = must("watch sockets", "epoll_create1", libc.epollCreate(EPOLL_CLOEXEC));
    this.#stopFd = must("watch sockets", "eventfd", libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    this.#control(EPOLL_CTL_ADD, this.#stopFd);
  }

  /** Starts waiting; the caller calls it once. It calls `onWake` after the readers of each wake-up. */
  start(onWake: () => void): void {
    this.#onWake = onWake;
    this.#loop = this.#run();
  }

  /** From now on calls `onWait` whenever a wait has begun: the runtime may have started a thread for it. */
  watchWaits(onWait: () => void): void {
    this.#onWait = onWait;
  }

  /** Calls `onReadable` while `fd` is readable (level-triggered: it need not read everything). */
  register(fd: number, onReadable: () => void): void {
    this.#control(EPOLL_CTL_ADD, fd);
    this.#readers.set(fd, onReadable);
  }

  /** Forgets `fd`; the caller calls it before it closes the descriptor. */
  unregister(fd: number): void {
    if (this.#readers.delete(fd)) this.#control(EPOLL_CTL_DEL, fd);
  }

  /** Calls the readers of everything that is readable now, each once; returns without waiting. */
  drain(): void {
    // The kernel moves a descriptor that it has reported to the end of its list, so this many rounds reach all.
    const rounds = Math.ceil((this.#readers.size + 1) / EVENTS_PER_WAIT);
    for (let round = 0; round < rounds; round++) {
      if (this.#drainOnce() < EVENTS_PER_WAIT) return;
    }
  }

  /** Stops waiting and closes the reactor's own descriptors; the readers' descriptors may be closed after it. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#libc.write(this.#stopFd, new Uint8Array(BigUint64Array.of(1n).buffer));
    await this.#loop;
    this.#readers.clear();
    this.#libc.closeFd(this.#stopFd);
    this.#libc.closeFd(this.#epollFd);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const woken = this.#libc.epollWait(this.#epollFd, this.#pendingEvent, 1);
      this.#guard(this.#onWait);
      await woken;
      if (this.#stopping) return;
      // Fails only if epoll itself is broken. The program must not continue blind: this ends it.
      this.drain();
      this.#guard(this.#onWake);
    }
  }

  #drainOnce(): number {
    const count = this.#libc.epollPoll(this.#epollFd, this.#events, EVENTS_PER_WAIT);
    if (count === -EINTR) return 0;
    if (count < 0) throw new SysError("watch sockets", "epoll_wait", -count);
    // Copied first, because a reader may drain again and overwrite the events.
    const ready: number[] = [];
    for (let i = 0; i < count; i++) {
      ready.push(
        this.#view.getInt32(i * EVENT_LAYOUT.octets + EVENT_LAYOUT.dataOffset, true),
      );
    }
    for (const fd of ready) {
      const reader = this.#readers.get(fd);
      if (reader) this.#guard(reader);
    }
    return count;
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#onError(error);
    }
  }

  #control(operation: number, fd: number): void {
    const event = new Uint8Array(EVENT_LAYOUT.octets);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setInt32(EVENT_LAYOUT.dataOffset, fd, true);
    must(
      "watch a socket",
      "epoll_ctl",
      this.#libc.epollControl(this.#epollFd, operation, fd, event),
    );
  }
}
