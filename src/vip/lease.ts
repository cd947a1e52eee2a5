/**
 * The lease of a mastership: its addresses are on the host for a few seconds only, and each advert that leaves
 * prolongs that. A daemon that dies, hangs or is stopped speaks no more, and the kernel takes its addresses off.
 *
 * The kernel counts whole seconds. It looks up to 20 ms early and, where nothing else happens to its addresses, up to
 * 250 ms late (`check_lifetime` and `addrconf_verify_rtnl` of Linux; ADDRCONF_TIMER_FUZZ); where another address
 * changed or expired within the last second, up to one second late.
 *
 * @module
 */

/** Below this a little load on the machine would cost the addresses; in seconds. */
export const LEASE_MIN_SECONDS = 2;
export const LEASE_MAX_SECONDS = 3600;
/** How late an advert must be able to leave without costing the addresses, in milliseconds. */
const LATENESS_MS = 1000;

/**
 * The lease where none is configured, in seconds: as many adverts as may be missing until another takes over, the part
 * of Master_Down_Interval that all backups have in common (RFC 9568 section 6.1). With adverts of a second or more a
 * dead master's addresses are gone before another takes them.
 */
export function automaticLeaseSeconds(advertIntervalMs: number, downTimerAdverts: number): number {
  const commonSeconds = Math.ceil((downTimerAdverts * advertIntervalMs) / 1000);
  return Math.max(shortestLeaseSeconds(advertIntervalMs), commonSeconds);
}

/** The shortest that a master can keep: the next advert may be a second late. It outlasts a hand-over, too. */
export function shortestLeaseSeconds(advertIntervalMs: number): number {
  return Math.max(LEASE_MIN_SECONDS, Math.ceil((advertIntervalMs + LATENESS_MS) / 1000));
}

/** When the lease was renewed last, and what follows from that. Times in monotonic milliseconds. */
export class Lease {
  readonly seconds: number;
  readonly #renewAfterMs: number;
  #renewedMs = -Infinity;

  constructor(seconds: number, advertIntervalMs: number) {
    this.seconds = seconds;
    // With the advert next to a third of the lease: with each where they are rare.
    this.#renewAfterMs = (seconds * 1000) / 3 - advertIntervalMs / 2;
  }

  /** True when the advert that leaves now shall renew it. */
  due(nowMs: number): boolean {
    return nowMs - this.#renewedMs >= this.#renewAfterMs;
  }

  /** `-Infinity` before the first time. */
  get renewedMs(): number {
    return this.#renewedMs;
  }

  renewed(nowMs: number): void {
    this.#renewedMs = nowMs;
  }

  /** True when the kernel has taken the addresses off, or is about to. */
  lapsed(nowMs: number): boolean {
    return this.ageMs(nowMs) >= this.seconds * 1000;
  }

  /** How long ago it was renewed; `Infinity` before the first time. */
  ageMs(nowMs: number): number {
    return nowMs - this.#renewedMs;
  }
}
