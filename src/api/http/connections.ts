/**
 * Who is connected, and who must go when there is no place left: a newcomer always gets in.
 *
 * @module
 */

import type { HttpLimits } from "./limits.ts";

/**
 * What a connection does, and in which order connections are given up for others: first those that cost their client
 * nothing.
 */
const RANKS = {
  handshake: 0,
  head: 0,
  idle: 0,
  lingering: 0,
  writing: 1,
  body: 2,
  handling: 2,
} as const;

export type Phase = keyof typeof RANKS;

type PlaceLimits = Pick<
  HttpLimits,
  "connections" | "trustedConnections" | "sourceConnections" | "waitingOctets"
>;

/** How often it is looked who is over the time, in milliseconds. */
const SWEEP_MS = 250;

export interface ConnectionsClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls `act` again and again until the returned function is called. */
  every(ms: number, act: () => void): () => void;
}

const SYSTEM_CLOCK: ConnectionsClock = {
  nowMs: () => performance.now(),
  every(ms, act) {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
};

export class Connections {
  readonly #limits: PlaceLimits;
  readonly #clock: ConnectionsClock;
  readonly #places = new Set<Place>();
  /** Of each source without a token. */
  readonly #sources = new Map<string, number>();
  #trusted = 0;
  #waitingOctets = 0;
  #turns = 0;
  /** As of the last sweep: limits are of seconds. */
  #nowMs = 0;
  #stopSweeping = () => {};

  constructor(limits: PlaceLimits, clock: ConnectionsClock = SYSTEM_CLOCK) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get open(): number {
    return this.#places.size;
  }

  /**
   * A place for a new connection, if need be that of another one, which is ended.
   *
   * @param source whom it counts for, see {@link sourceOf}.
   * @param end closes the connection at once.
   */
  admit(source: string, end: () => void): Place {
    const { connections, trustedConnections, sourceConnections } = this.#limits;
    if ((this.#sources.get(source) ?? 0) >= sourceConnections) {
      this.#evict((place) => place.source === source);
    }
    if (this.#places.size - this.#trusted >= connections - trustedConnections) this.#evict();
    if (this.#places.size === 0) this.#begin();
    const place = new Place(this, source, end);
    this.#places.add(place);
    this.#count(source, 1);
    return place;
  }

  /** Ends the connection that can best be spared; false if there is none. */
  makeRoom(): boolean {
    return this.#evict();
  }

  /** Ends what is over its time. */
  sweep(): void {
    this.#nowMs = this.#clock.nowMs();
    for (const place of [...this.#places]) {
      if (place.deadlineMs <= this.#nowMs) place.end();
    }
  }

  /** @internal For {@link Place}. */
  begin(place: Place, limitMs: number): void {
    place.turn = ++this.#turns;
    place.deadlineMs = this.#nowMs + limitMs;
  }

  /** @internal For {@link Place}: false if there are as many as are kept. */
  trust(place: Place): boolean {
    if (!this.#places.has(place) || this.#trusted >= this.#limits.trustedConnections) return false;
    this.#trusted++;
    this.#count(place.source, -1);
    return true;
  }

  /** @internal For {@link Place}. */
  leave(place: Place): void {
    if (!this.#places.delete(place)) return;
    this.#waitingOctets -= place.waitingOctets;
    if (place.trusted) this.#trusted--;
    else this.#count(place.source, -1);
    if (this.#places.size === 0) this.#stopSweeping();
  }

  /** @internal For {@link Place}: so many octets more wait, or fewer. */
  wait(place: Place, octets: number): void {
    if (!this.#places.has(place)) return;
    this.#waitingOctets += octets;
    while (this.#waitingOctets > this.#limits.waitingOctets) {
      if (!this.#evict((place) => place.waitingOctets > 0)) break;
    }
  }

  #begin(): void {
    this.#nowMs = this.#clock.nowMs();
    this.#stopSweeping = this.#clock.every(SWEEP_MS, () => this.sweep());
  }

  /** Ends the one of lowest rank that has been at it for longest, but none that has shown a token. */
  #evict(among: (place: Place) => boolean = () => true): boolean {
    let found: Place | null = null;
    for (const place of this.#places) {
      if (place.trusted || !among(place)) continue;
      if (found === null || place.isSparedBefore(found)) found = place;
    }
    found?.end();
    return found !== null;
  }

  #count(source: string, change: 1 | -1): void {
    const count = (this.#sources.get(source) ?? 0) + change;
    if (count === 0) this.#sources.delete(source);
    else this.#sources.set(source, count);
  }
}

/** One connection among all. */
export class Place {
  readonly source: string;
  /** When its phase began, in turns of all places. */
  turn = 0;
  /** When its phase must be over: monotonic milliseconds. */
  deadlineMs = Infinity;
  readonly #connections: Connections;
  readonly #end: () => void;
  #phase: Phase = "handshake";
  #trusted = false;
  #waitingOctets = 0;

  /** @internal {@link Connections.admit} makes them. */
  constructor(connections: Connections, source: string, end: () => void) {
    this.#connections = connections;
    this.source = source;
    this.#end = end;
    connections.begin(this, Infinity);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether it has shown a valid token and is not given up for others. */
  get trusted(): boolean {
    return this.#trusted;
  }

  get waitingOctets(): number {
    return this.#waitingOctets;
  }

  /** It does something else from now on, for so long at most. */
  enter(phase: Phase, limitMs = Infinity): void {
    this.#phase = phase;
    this.#connections.begin(this, limitMs);
  }

  /** It has shown a valid token. */
  trust(): void {
    this.#trusted ||= this.#connections.trust(this);
  }

  /** So many octets more wait to be written, or fewer. */
  wait(octets: number): void {
    this.#waitingOctets += octets;
    this.#connections.wait(this, octets);
  }

  isSparedBefore(other: Place): boolean {
    const difference = RANKS[this.#phase] - RANKS[other.#phase];
    return difference === 0 ? this.turn < other.turn : difference < 0;
  }

  /** Closes the connection and leaves. */
  end(): void {
    this.leave();
    this.#end();
  }

  leave(): void {
    this.#connections.leave(this);
  }
}
