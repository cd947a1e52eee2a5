/**
 * What an instance keeps on its host while it is master: put there, taken away, put back when another program
 * took it. What the host refuses is told and tried again; nothing is given up in silence.
 *
 * @module
 */

import type { CancelTimer, Host, HostError } from "../../host/host.ts";

/** How long to wait before the host is asked again for what it refused or what another undid, in milliseconds. */
export const RETRY_MS = 1000;

/** What it needs of the host beside what its holding does. */
type Clock = Pick<Host, "nowMs" | "setTimer">;

/** One kind of things to hold. */
export interface Holding<T> {
  /** True when the host can have only one of the two. */
  same(a: T, b: T): boolean;
  /** True when both are alike in every respect; without it all that are the same are. */
  alike?(a: T, b: T): boolean;
  /** Puts it on the host, in place of another that is the same. */
  put(thing: T): HostError | null;
  /** Puts those that are new to the host, where that is cheaper together, and returns them; `put` is for the others. */
  putNew?(things: readonly T[]): ReadonlySet<T>;
  take(thing: T): HostError | null;
  /** The host did it. */
  done?(action: "put" | "take", thing: T): void;
  /** The host refused; it is asked again after `RETRY_MS`. */
  refused(action: "put" | "take", thing: T, error: HostError): void;
  /** The host was asked again, whatever it answered. */
  retried?(): void;
}

export class Holder<T> {
  readonly #holding: Holding<T>;
  readonly #host: Clock;
  #held: readonly T[] = [];
  /** Those of them that another program has changed: they are to be put again, or taken. */
  #altered: readonly T[] = [];
  #wanted: readonly T[] = [];
  #retryAtMs = -Infinity;
  #cancelRetry: CancelTimer = () => {};

  constructor(holding: Holding<T>, host: Clock) {
    this.#holding = holding;
    this.#host = host;
  }

  /** What is on the host, in the order it was put there. */
  get held(): readonly T[] {
    return this.#held;
  }

  get wanted(): readonly T[] {
    return this.#wanted;
  }

  holds(thing: T): boolean {
    return this.#among(this.#held, thing);
  }

  /** From now on these shall be on the host, put in their order, and no others, taken in the reverse order. */
  want(things: readonly T[]): void {
    this.#wanted = things;
    this.#reconcile();
  }

  /**
   * These are gone without our doing, and those are there in another form. What is wanted is put back: at once the first
   * time; a program that does it again and again is answered once a second. From now on `wanted` is what is wanted.
   */
  lost(gone: readonly T[], altered: readonly T[] = [], wanted = this.#wanted): void {
    this.#held = this.#held.filter((thing) => !this.#among(gone, thing));
    this.#altered = altered;
    this.#wanted = wanted;
    if (this.#wanted.length === 0) return;
    if (this.#host.nowMs() < this.#retryAtMs) this.#retryLater(this.#retryAtMs);
    else this.#reconcile();
    this.#retryAtMs = this.#host.nowMs() + RETRY_MS;
  }

  /** Puts what is held and wanted once more, because something about it is to be another way. */
  putAgain(): void {
    this.#held = this.#held.filter((thing) => !this.#among(this.#wanted, thing));
    this.#reconcile();
  }

  #reconcile(): void {
    this.#cancelRetry();
    let refused = false;
    for (const thing of this.#held.toReversed()) {
      if (this.#among(this.#wanted, thing)) continue;
      if (this.#try("take", thing)) this.#held = this.#held.filter((other) => other !== thing);
      else refused = true;
    }
    const put = this.#putNew();
    for (const thing of this.#wanted) {
      if (put.has(thing)) continue;
      const former = this.#held.find((other) => this.#holding.same(other, thing));
      if (former !== undefined && this.#isAlike(former, thing)) continue;
      if (!this.#try("put", thing)) {
        refused = true;
        continue;
      }
      this.#held = former === undefined
        ? [...this.#held, thing]
        : this.#held.map((other) => other === former ? thing : other);
    }
    if (refused) this.#retryLater(this.#host.nowMs() + RETRY_MS);
  }

  #putNew(): ReadonlySet<T> {
    const fresh = this.#wanted.filter((thing) => !this.#among(this.#held, thing));
    if (fresh.length < 2) return new Set();
    const put = this.#holding.putNew?.(fresh) ?? new Set();
    this.#held = [...this.#held, ...put];
    for (const thing of put) this.#holding.done?.("put", thing);
    return put;
  }

  #try(action: "put" | "take", thing: T): boolean {
    const error = this.#holding[action](thing);
    if (error) {
      this.#holding.refused(action, thing, error);
      return false;
    }
    this.#altered = this.#altered.filter((other) => !this.#holding.same(other, thing));
    this.#holding.done?.(action, thing);
    return true;
  }

  #retryLater(atMs: number): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#host.setTimer(atMs, () => {
      this.#reconcile();
      this.#holding.retried?.();
    });
  }

  #isAlike(former: T, thing: T): boolean {
    return !this.#altered.includes(former) && (this.#holding.alike?.(former, thing) ?? true);
  }

  #among(things: readonly T[], thing: T): boolean {
    return things.some((other) => this.#holding.same(other, thing));
  }
}
