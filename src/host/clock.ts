/**
 * The port to the host's clocks and timers.
 *
 * @module
 */

/** Cancels a timer; harmless when it has fired. */
export type CancelTimer = () => void;

/** A timer that is set again and again. */
export interface Timer {
  /** As `Clock.setTimer`, instead of the time that it was set to before. */
  set(atMs: number, earlyMs?: number): void;
  readonly cancel: CancelTimer;
}

/** Two clocks, and timers on the monotonic one. */
export interface Clock {
  /** Monotonic milliseconds: never goes back, does not follow the wall clock. */
  nowMs(): number;
  /** The wall clock, for what people read; in milliseconds since the epoch. */
  wallClockMs(): number;
  /**
   * Calls `fire` once when `nowMs()` has reached `atMs`. Earlier arrivals are delivered first, so that a
   * process which was stopped for a while does not take a master for dead whose adverts lie unread. With `earlyMs`
   * the call may come that much earlier together with another timer, which saves a wake.
   */
  setTimer(atMs: number, fire: () => void, earlyMs?: number): CancelTimer;
  /** A timer that calls `fire` each time it has been set: for what is set thousands of times a second. */
  newTimer(fire: () => void): Timer;

  /**
   * How long it is about from a timer until what it brings about is on the link, in milliseconds: a takeover
   * aims that much earlier, within what the protocol's code allows, to be on time.
   */
  readonly leadMs: number;
  /**
   * Repeated work is best done at multiples of this, in milliseconds: what happens at one time costs one wake. 0 if
   * it makes no difference.
   */
  readonly stepMs: number;
}

/** Waits for `promise`, but no longer than `limitMs` of this clock; the answer is then `late`. */
export function atMostOn<T, L>(
  clock: Pick<Clock, "nowMs" | "setTimer">,
  promise: Promise<T>,
  limitMs: number,
  late: L,
): Promise<T | L> {
  const { promise: limit, resolve } = Promise.withResolvers<L>();
  const cancel = clock.setTimer(clock.nowMs() + limitMs, () => resolve(late));
  const first = Promise.race([promise, limit]);
  void first.then(cancel, cancel);
  return first;
}

/** A clock that is off by less was not set, in milliseconds. */
const SET_MS = 1000;

/**
 * By how much the wall clock was set since it showed `wallMs` for the moment `atMs` of the monotonic clock; 0 if it was
 * not. An end by the monotonic clock, such as that of an override, is also a time of the wall clock, for people and for the
 * next run. If that clock is set, so is this time.
 */
export function clockSetByMs(
  clock: Pick<Clock, "nowMs" | "wallClockMs">,
  wallMs: number,
  atMs: number,
): number {
  const byMs = Math.round(clock.wallClockMs() + atMs - clock.nowMs() - wallMs);
  return Math.abs(byMs) < SET_MS ? 0 : byMs;
}
