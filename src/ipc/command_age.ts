/**
 * How old a command may be. A client does not wait for ever, and may have done something else if a process was stopped
 * meanwhile.
 *
 * @module
 */

/** Maximum age of a command, in seconds. Commands reach the engine within milliseconds. */
const COMMAND_AGE_LIMIT_S = 5;

/** Whole seconds since the machine's boot: a clock that engine and front share, and that nobody sets (sysinfo(2)). */
export function uptimeS(): number {
  return Deno.osUptime();
}

/** Whether a command that the front forwarded at `forwardedAtS` must not be carried out any more. */
export function isLate(forwardedAtS: number, nowS: number = uptimeS()): boolean {
  return nowS - forwardedAtS > COMMAND_AGE_LIMIT_S;
}
