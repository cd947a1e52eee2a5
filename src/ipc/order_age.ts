/**
 * How old an order may be when it is carried out: who has ordered does not wait for ever, and has done something else when
 * a process was stopped meanwhile.
 *
 * @module
 */

/** So old an order may be, in seconds. Orders reach the engine within milliseconds. */
const ORDER_AGE_LIMIT_S = 5;

/** Whole seconds since the machine was started: a clock that engine and front share, and that nobody sets (sysinfo(2)). */
export function uptimeS(): number {
  return Deno.osUptime();
}

/** Whether an order that the front passed on at `passedOnS` must not be carried out any more. */
export function isLate(passedOnS: number, nowS: number = uptimeS()): boolean {
  return nowS - passedOnS > ORDER_AGE_LIMIT_S;
}
