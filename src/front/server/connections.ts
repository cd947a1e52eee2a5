/**
 * All connections, and which of them the server ends when no place is left: a newcomer always gets in.
 *
 * @module
 */

import type { PlaceLimits } from "./limits.ts";

/**
 * The phases of a connection, and the order in which the server gives up the connections of a source: first those that
 * wait for a request, then those in the middle of one that wait for their client or their turn, then those that have
 * only just come. Those that wait for the application come after all others of all sources, because it bounds their
 * number.
 */
const RANKS = {
  handshake: 0,
  head: 0,
  idle: 0,
  lingering: 0,
  queued: 1,
  body: 1,
  writing: 1,
  handling: 3,
} as const;
const NEWCOMER_RANK = 2;

export type Phase = keyof typeof RANKS;

/** How often the server looks for connections that have exceeded their time, in milliseconds. */
const SWEEP_MS = 250;
/**
 * How often the runtime must have checked for data from clients before the server gives up a newcomer that has sent
 * nothing.
 */
const SETTLE_LOOKS = 3;

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
  readonly #sources = new Map<string, Source>();
  #trusted = 0;
  #waitingOctets = 0;
  #turns = 0;
  #sweeps = 0;
  /** How often the runtime has checked for data from clients. */
  #looks = 0;
  #lookedMs = 0;
  #stopSweeping = () => {};

  constructor(limits: PlaceLimits, clock: ConnectionsClock = SYSTEM_CLOCK) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get open(): number {
    return this.#places.size;
  }

  /**
   * A place for a new connection. If necessary the server ends another one, of the source that has most, so that nobody
   * takes places from sources that have few.
   *
   * @param source the source that it counts for, see {@link sourceOf}.
   * @param end closes the connection at once.
   */
  admit(source: string, end: () => void): Place {
    if (this.#isFull()) this.makeRoom();
    if (this.#places.size === 0) this.#begin();
    const came = { admittedMs: this.#clock.nowMs(), admittedLook: this.#looks };
    const place = new Place(this, this.#sourceOf(source), came, end);
    this.#places.add(place);
    place.source.count++;
    return place;
  }

  /** How long no newcomer gets in, in milliseconds, because those who would have to go have only just come. */
  fullForMs(): number {
    if (!this.#isFull()) return 0;
    const { settleMs } = this.#limits;
    const place = this.#mostDispensable();
    if (place === null) return settleMs;
    const nowMs = this.#clock.nowMs();
    const leftMs = place.admittedMs + settleMs - nowMs;
    return this.#isNew(place, nowMs) ? Math.max(1, leftMs) : 0;
  }

  /** Ends the connection that matters least, if there is one. */
  makeRoom(): void {
    this.#mostDispensable()?.end();
  }

  /** The runtime has checked for data from clients. */
  looked(): void {
    const nowMs = this.#clock.nowMs();
    // Several listeners see the same check.
    if (nowMs - this.#lookedMs < 1) return;
    this.#lookedMs = nowMs;
    this.#looks++;
  }

  /** Ends connections that have exceeded their time. */
  sweep(): void {
    this.#sweeps++;
    for (const place of [...this.#places]) {
      if (place.deadline <= this.#sweeps) place.end();
    }
  }

  /** @internal For {@link Place}. */
  begin(place: Place, limitMs: number): void {
    place.turn = ++this.#turns;
    // Counted in sweeps, so that clients do not pay if the program is late.
    place.deadline = this.#sweeps + 1 + Math.ceil(limitMs / SWEEP_MS);
  }

  /** @internal For {@link Place}: false if the number of trusted connections has reached its limit. */
  trust(place: Place): boolean {
    if (!this.#places.has(place) || this.#trusted >= this.#limits.trustedConnections) return false;
    this.#trusted++;
    this.#uncount(place.source);
    return true;
  }

  /** @internal For {@link Place}. */
  leave(place: Place): void {
    if (!this.#places.delete(place)) return;
    this.#waitingOctets -= place.waitingOctets;
    if (place.trusted) this.#trusted--;
    else this.#uncount(place.source);
    if (this.#places.size === 0) this.#stopSweeping();
  }

  /** @internal For {@link Place}: this many octets more wait, or fewer. */
  wait(place: Place, octets: number): void {
    if (!this.#places.has(place)) return;
    this.#waitingOctets += octets;
    while (this.#waitingOctets > this.#limits.waitingOctets) {
      const place = this.#mostDispensable((place) => place.waitingOctets > 0);
      if (place === null) break;
      place.end();
    }
  }

  #begin(): void {
    this.#stopSweeping = this.#clock.every(SWEEP_MS, () => this.sweep());
  }

  /** Whether connections without a token occupy all places that are not reserved for others. */
  #isFull(): boolean {
    const { connections, trustedConnections } = this.#limits;
    return this.#places.size - this.#trusted >= connections - trustedConnections;
  }

  /** However late the program is, the server has given the client a few chances to send something. */
  #isNew({ admittedMs, admittedLook }: Place, nowMs: number): boolean {
    return admittedMs + this.#limits.settleMs > nowMs ||
      admittedLook + SETTLE_LOOKS > this.#looks;
  }

  /** Never one that has shown a token. */
  #mostDispensable(among: (place: Place) => boolean = () => true): Place | null {
    // Once for all, because it runs for each newcomer, and a flood has thousands of them a second.
    const nowMs = this.#clock.nowMs();
    let found: Place | null = null;
    for (const place of this.#places) {
      if (place.trusted || !among(place)) continue;
      if (found === null || this.#isSparedBefore(place, found, nowMs)) found = place;
    }
    return found;
  }

  #isSparedBefore(a: Place, b: Place, nowMs: number): boolean {
    const rankA = this.#rankOf(a, nowMs);
    const rankB = this.#rankOf(b, nowMs);
    const last = RANKS.handling;
    if ((rankA === last) !== (rankB === last)) return rankB === last;
    if (a.source.count !== b.source.count) return a.source.count > b.source.count;
    return rankA === rankB ? a.turn < b.turn : rankA < rankB;
  }

  #rankOf(place: Place, nowMs: number): number {
    return this.#isNew(place, nowMs) ? NEWCOMER_RANK : RANKS[place.phase];
  }

  #sourceOf(name: string): Source {
    let source = this.#sources.get(name);
    if (source === undefined) this.#sources.set(name, source = { name, count: 0 });
    return source;
  }

  #uncount(source: Source): void {
    if (--source.count === 0) this.#sources.delete(source.name);
  }
}

/** A source that connections count for. */
interface Source {
  readonly name: string;
  /** Connections without a token. */
  count: number;
}

/** One connection among all. */
export class Place {
  readonly source: Source;
  /** When it came, in monotonic milliseconds. */
  readonly admittedMs: number;
  /** The number of checks for data from clients when it came. */
  readonly admittedLook: number;
  /** When its phase began, in turns of all places. */
  turn = 0;
  /** The sweep at which its phase must be over. */
  deadline = Infinity;
  readonly #connections: Connections;
  readonly #end: () => void;
  #phase: Phase = "handshake";
  #trusted = false;
  #waitingOctets = 0;

  /** @internal {@link Connections.admit} makes them. */
  constructor(
    connections: Connections,
    source: Source,
    came: Pick<Place, "admittedMs" | "admittedLook">,
    end: () => void,
  ) {
    this.#connections = connections;
    this.source = source;
    this.admittedMs = came.admittedMs;
    this.admittedLook = came.admittedLook;
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

  /** Begins another phase, which may last this long. */
  enter(phase: Phase, limitMs = Infinity): void {
    this.#phase = phase;
    this.#connections.begin(this, limitMs);
  }

  /** It has shown a valid token. */
  trust(): void {
    this.#trusted ||= this.#connections.trust(this);
  }

  /** This many octets more wait to be written, or fewer. */
  wait(octets: number): void {
    this.#waitingOctets += octets;
    this.#connections.wait(this, octets);
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
