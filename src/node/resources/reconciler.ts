/**
 * Makes the host have what an instance desires while it is master: adds and removes things, and adds them again if
 * another program removes them. If the host refuses, it reports that and tries again; it gives up nothing silently.
 *
 * @module
 */

import type { CancelTimer } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";

/** How long to wait before the host is asked again for what it refused or what another undid, in milliseconds. */
export const RETRY_MS = 1000;

/** The part of the host that it needs in addition to its target's calls. */
type Clock = Pick<Host, "nowMs" | "setTimer">;

/** One kind of things, and how the host gets and loses them. */
export interface ReconcilerTarget<T> {
  /** True when the host can have only one of the two. */
  same(a: T, b: T): boolean;
  /** True when both are alike in every respect; without it all that are the same are. */
  alike?(a: T, b: T): boolean;
  /** Adds it to the host, in place of another that is the same. */
  add(thing: T): HostError | null;
  /** Adds those that are new to the host, if that is cheaper together, and returns them; `add` gets the others. */
  addNew?(things: readonly T[]): ReadonlySet<T>;
  remove(thing: T): HostError | null;
  /** The host did it. */
  done?(action: "add" | "remove", thing: T): void;
  /** The host refused; it is asked again after `RETRY_MS`. */
  refused(action: "add" | "remove", thing: T, error: HostError): void;
  /** The host was asked again, whatever it answered. */
  retried?(): void;
  /**
   * True while something that the things need is about to come back by vipd's own doing: that the host refuses to add
   * them until then is not reported. Afterwards `again` adds them.
   */
  awaits?(): boolean;
}

export class Reconciler<T> {
  readonly #target: ReconcilerTarget<T>;
  readonly #host: Clock;
  #actual: readonly T[] = [];
  /** The actual items that another program has changed: they must be added again, or removed. */
  #altered: readonly T[] = [];
  #desired: readonly T[] = [];
  #retryAtMs = -Infinity;
  /** True while what another program removed or altered waits for `#retryAtMs`. */
  #putOff = false;
  /** True when the host refused something because of what is awaited. */
  #tooEarly = false;
  #cancelRetry: CancelTimer = () => {};

  constructor(target: ReconcilerTarget<T>, host: Clock) {
    this.#target = target;
    this.#host = host;
  }

  /** The things on the host, in the order in which they were added. */
  get actual(): readonly T[] {
    return this.#actual;
  }

  get desired(): readonly T[] {
    return this.#desired;
  }

  /** True while what another program removed or altered comes back in a moment, without being asked for. */
  get returning(): boolean {
    return this.#putOff;
  }

  has(thing: T): boolean {
    return this.#among(this.#actual, thing);
  }

  /** From now on the host must have these and no others: added in their order, removed in the reverse order. */
  desire(things: readonly T[]): void {
    this.#desired = things;
    this.#reconcile();
  }

  /**
   * Another program removed these and altered those. A desired one comes back: at once the first time, then at most
   * once a second. From now on the host must have `desired`.
   */
  lost(gone: readonly T[], altered: readonly T[] = [], desired = this.#desired): void {
    this.#actual = this.#actual.filter((thing) => !this.#among(gone, thing));
    this.#altered = altered;
    this.#desired = desired;
    if (this.#desired.length === 0) return;
    if (this.#host.nowMs() < this.#retryAtMs) {
      this.#putOff = true;
      this.#retryLater(this.#retryAtMs);
    } else this.#reconcile();
    this.#retryAtMs = this.#host.nowMs() + RETRY_MS;
  }

  /** Adds what the host has and should have once more, because something about it must change. */
  retry(): void {
    this.#actual = this.#actual.filter((thing) => !this.#among(this.#desired, thing));
    this.#reconcile();
  }

  /** Adds what was refused because of what is awaited, if that is back. */
  again(): void {
    if (this.#tooEarly && !this.#putOff && !this.#awaits) this.#reconcile();
  }

  get #awaits(): boolean {
    return this.#target.awaits?.() ?? false;
  }

  #reconcile(): void {
    this.#cancelRetry();
    this.#putOff = false;
    this.#tooEarly = false;
    let refused = false;
    for (const thing of this.#actual.toReversed()) {
      if (this.#among(this.#desired, thing)) continue;
      if (this.#try("remove", thing)) {
        this.#actual = this.#actual.filter((other) => other !== thing);
      } else refused = true;
    }
    const added = this.#addNew();
    for (const thing of this.#desired) {
      if (added.has(thing)) continue;
      const former = this.#actual.find((other) => this.#target.same(other, thing));
      if (former !== undefined && this.#isAlike(former, thing)) continue;
      if (!this.#try("add", thing)) {
        refused = true;
        continue;
      }
      this.#actual = former === undefined
        ? [...this.#actual, thing]
        : this.#actual.map((other) => other === former ? thing : other);
    }
    if (refused) this.#retryLater(this.#host.nowMs() + RETRY_MS);
  }

  #addNew(): ReadonlySet<T> {
    const fresh = this.#desired.filter((thing) => !this.#among(this.#actual, thing));
    if (fresh.length < 2) return new Set();
    const added = this.#target.addNew?.(fresh) ?? new Set();
    this.#actual = [...this.#actual, ...added];
    for (const thing of added) this.#target.done?.("add", thing);
    return added;
  }

  #try(action: "add" | "remove", thing: T): boolean {
    const error = this.#target[action](thing);
    if (error) {
      if (action === "add" && this.#awaits) this.#tooEarly = true;
      else this.#target.refused(action, thing, error);
      return false;
    }
    this.#altered = this.#altered.filter((other) => !this.#target.same(other, thing));
    this.#target.done?.(action, thing);
    return true;
  }

  #retryLater(atMs: number): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#host.setTimer(atMs, () => {
      this.#reconcile();
      this.#target.retried?.();
    });
  }

  #isAlike(former: T, thing: T): boolean {
    return !this.#altered.includes(former) && (this.#target.alike?.(former, thing) ?? true);
  }

  #among(things: readonly T[], thing: T): boolean {
    return things.some((other) => this.#target.same(other, thing));
  }
}
