/**
 * Deadlines on the monotonic clock, fired in order, after everything that arrived before them.
 *
 * The kernel's clock wakes the program through timerfd_create(2) in the reactor: measured a median of 0.1 ms late and a
 * p99 of 0.5 ms. setTimeout is 0.75 ms and 1.2 ms late, because it counts in whole milliseconds.
 *
 * @module
 */

import type { Timer } from "../../host/clock.ts";
import { CLOCK_MONOTONIC, TFD_CLOEXEC, TFD_NONBLOCK } from "./constants.ts";
import { must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";
import type { Reactor } from "./reactor.ts";

/** One timer and its state. Setting it again reuses the object, so that frequent timers leave no garbage. */
interface Entry {
  readonly fire: () => void;
  atMs: number;
  /** The earliest time at which it may fire, if another timer is due. */
  notBeforeMs: number;
  /** In the queue, taken out of it to fire next, or neither. */
  state: "idle" | "queued" | "due";
}

/** struct itimerspec { struct timespec it_interval; struct timespec it_value; }, timerfd_settime(2) */
const ITIMERSPEC_OCTETS = 32;
const VALUE_SECONDS_OFFSET = 16;
const VALUE_NANOSECONDS_OFFSET = 24;

/** One queue of timers and the one kernel timer that is set to the earliest. */
export class Timers {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  readonly #nowMs: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #fd: number;
  /** In order of `atMs`, those with the same time in the order in which they were set. */
  readonly #queue: Entry[] = [];
  readonly #spec: Octets = new Uint8Array(ITIMERSPEC_OCTETS);
  readonly #specView = new DataView(this.#spec.buffer);
  readonly #expirations: Octets = new Uint8Array(8);
  /** No timer may fire earlier than this before its time. */
  #longestEarlyMs = 0;
  /** The deadline of the kernel timer. */
  #armedMs = Infinity;
  /** True while timers fire: after all have fired, the kernel timer is set once. */
  #firing = false;
  /** The greatest delay of a timer since the last call of `takeLateMs`. */
  #lateMs = 0;

  /** `onError` gets the exceptions of fired functions; the other timers still fire. */
  constructor(
    libc: Libc,
    reactor: Reactor,
    nowMs: () => number,
    onError: (error: unknown) => void,
  ) {
    this.#libc = libc;
    this.#reactor = reactor;
    this.#nowMs = nowMs;
    this.#onError = onError;
    this.#fd = must(
      "set timers",
      "timerfd_create",
      libc.timerfdCreate(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
    );
    // The timer only has to wake the reactor, which then calls fireDue.
    reactor.register(this.#fd, () => {
      libc.read(this.#fd, this.#expirations);
      this.#armedMs = Infinity;
    });
  }

  /**
   * Calls `fire` once at or after `atMs`, never before this returns; returns a function that cancels it. If the program
   * is awake for another timer, it may fire up to `earlyMs` before: hundreds of timers then cost few wake-ups.
   */
  set(atMs: number, fire: () => void, earlyMs?: number): () => void {
    const timer = this.make(fire);
    timer.set(atMs, earlyMs);
    return timer.cancel;
  }

  /** A timer that can be set repeatedly, each time instead of the last; not set yet. */
  make(fire: () => void): Timer {
    const entry: Entry = { fire, atMs: 0, notBeforeMs: 0, state: "idle" };
    return {
      set: (atMs, earlyMs = 0) => this.#set(entry, atMs, earlyMs),
      cancel: () => this.#cancel(entry),
    };
  }

  /** Fires what is due, after delivering what can be read; the caller calls it after each wake-up of the reactor. */
  fireDue(): void {
    const nowMs = this.#nowMs();
    const lateMs = nowMs - (this.#queue[0]?.atMs ?? Infinity);
    if (lateMs >= 0) {
      this.#lateMs = Math.max(this.#lateMs, lateMs);
      // A datagram that has arrived may cancel a timer that is due.
      this.#reactor.drain();
      this.#firing = true;
      this.#fireUntil(nowMs);
      this.#firing = false;
    }
    const next = this.#queue[0];
    if (next && next.atMs < this.#armedMs) this.#arm(next.atMs);
  }

  /** The greatest delay of a timer since the last call, in milliseconds. */
  takeLateMs(): number {
    const lateMs = this.#lateMs;
    this.#lateMs = 0;
    return lateMs;
  }

  /** Forgets all timers. The reactor must have been closed. */
  close(): void {
    this.#queue.length = 0;
    this.#libc.closeFd(this.#fd);
  }

  #fireUntil(nowMs: number): void {
    for (const entry of this.#takeDue(nowMs)) {
      // A timer before it may have cancelled it, or set it again.
      if (entry.state !== "due") continue;
      entry.state = "idle";
      try {
        entry.fire();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** Taken out before any fires: a timer that sets itself again for now must not block the others. */
  #takeDue(nowMs: number): Entry[] {
    const due: Entry[] = [];
    const candidates = this.#firstAfter(nowMs + this.#longestEarlyMs);
    let kept = 0;
    for (let index = 0; index < candidates; index++) {
      const entry = this.#queue[index]!;
      if (entry.notBeforeMs > nowMs) this.#queue[kept++] = entry;
      else {
        entry.state = "due";
        due.push(entry);
      }
    }
    this.#queue.splice(kept, candidates - kept);
    return due;
  }

  #set(entry: Entry, atMs: number, earlyMs: number): void {
    this.#cancel(entry);
    entry.atMs = atMs;
    entry.notBeforeMs = atMs - earlyMs;
    entry.state = "queued";
    this.#longestEarlyMs = Math.max(this.#longestEarlyMs, earlyMs);
    // Usually it is the last.
    if ((this.#queue.at(-1)?.atMs ?? -Infinity) <= atMs) this.#queue.push(entry);
    else this.#queue.splice(this.#firstAfter(atMs), 0, entry);
    // A cancelled or fired earlier deadline leaves the kernel timer set: one idle wake-up, cheaper than a call each
    // time.
    if (!this.#firing && atMs < this.#armedMs) this.#arm(atMs);
  }

  #cancel(entry: Entry): void {
    if (entry.state === "queued") this.#queue.splice(this.#queue.indexOf(entry), 1);
    entry.state = "idle";
  }

  #arm(atMs: number): void {
    // A zero value would disarm it.
    const nanoseconds = Math.max(1, Math.ceil((atMs - this.#nowMs()) * 1e6));
    this.#specView.setBigInt64(
      VALUE_SECONDS_OFFSET,
      BigInt(Math.floor(nanoseconds / 1e9)),
      true,
    );
    this.#specView.setBigInt64(VALUE_NANOSECONDS_OFFSET, BigInt(nanoseconds % 1e9), true);
    must("set a timer", "timerfd_settime", this.#libc.timerfdSet(this.#fd, this.#spec));
    this.#armedMs = atMs;
  }

  /** Index of the first timer later than `atMs`. */
  #firstAfter(atMs: number): number {
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#queue[middle]!.atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
