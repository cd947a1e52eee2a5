/**
 * The lease of a mastership: its addresses stay on the host for a few seconds only, and each advert that leaves
 * prolongs that. A daemon that dies, hangs or is stopped sends no more adverts, and the kernel removes its addresses.
 *
 * The kernel counts whole seconds. It looks up to 20 ms early and, if nothing else happens to its addresses, up to 250
 * ms late (`check_lifetime` and `addrconf_verify_rtnl` of Linux; ADDRCONF_TIMER_FUZZ). If another address changed or
 * expired within the last second, it looks up to one second late.
 *
 * @module
 */

/** In seconds. With a shorter lease a little load on the machine would cost the addresses. */
export const LEASE_MIN_SECONDS = 2;
export const LEASE_MAX_SECONDS = 3600;
/** How late an advert may leave without costing the addresses, in milliseconds. */
const LATENESS_MS = 1000;

/**
 * The lease if none is configured, in seconds: as many adverts as may be missing until another node takes over, the
 * part of Master_Down_Interval that all backups have in common (RFC 9568 section 6.1). If adverts come every second or
 * less often, a dead master's addresses are gone before another node adds them.
 */
export function automaticLeaseSeconds(advertIntervalMs: number, downTimerAdverts: number): number {
  const commonSeconds = Math.ceil((downTimerAdverts * advertIntervalMs) / 1000);
  return Math.max(shortestLeaseSeconds(advertIntervalMs), commonSeconds);
}

/** The shortest lease that a master can keep: the next advert may be a second late. It outlasts a hand-over, too. */
export function shortestLeaseSeconds(advertIntervalMs: number): number {
  return Math.max(LEASE_MIN_SECONDS, Math.ceil((advertIntervalMs + LATENESS_MS) / 1000));
}

/** When the lease was last renewed, and its state that follows from that. Times in monotonic milliseconds. */
export class Lease {
  readonly seconds: number;
  readonly #renewAfterMs: number;
  #renewedMs = -Infinity;

  constructor(seconds: number, advertIntervalMs: number) {
    this.seconds = seconds;
    // Renews with the advert that is closest to a third of the lease; with each advert if they are rare.
    this.#renewAfterMs = (seconds * 1000) / 3 - advertIntervalMs / 2;
  }

  /** True if the advert that leaves now should renew the lease. */
  due(nowMs: number): boolean {
    return nowMs - this.#renewedMs >= this.#renewAfterMs;
  }

  /** `-Infinity` before the first renewal. */
  get renewedMs(): number {
    return this.#renewedMs;
  }

  renewed(nowMs: number): void {
    this.#renewedMs = nowMs;
  }

  /** True if the kernel has removed the addresses, or is about to. */
  lapsed(nowMs: number): boolean {
    return this.ageMs(nowMs) >= this.seconds * 1000;
  }

  /** Time since the last renewal; `Infinity` before the first. */
  ageMs(nowMs: number): number {
    return nowMs - this.#renewedMs;
  }
}
