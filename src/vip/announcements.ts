/**
 * When a master announces on the link that it has the addresses: at once, again after a delay (some switches and hosts
 * miss the first), and then on a schedule if the configuration wants one.
 *
 * @module
 */

/** The timings of one instance; those of keepalived's `garp_master_*` and `garp_lower_prio_*`. */
export interface AnnounceTimings {
  /** Second announcement after the takeover, in milliseconds; 0 for none. */
  readonly delayMs: number;
  /** How often the first two announcements are repeated back to back. */
  readonly repeat: number;
  /** Further announcements while master, in milliseconds; 0 for none. */
  readonly refreshMs: number;
  /** How often each of them is repeated back to back. @default {1} */
  readonly refreshRepeat?: number;
  /** Least time between two packets, in milliseconds; 0 for none. */
  readonly intervalMs: number;
  /**
   * Like `repeat` and `delayMs`, after the master heard a master of lower priority; a `repeat` of 0 for no
   * announcement.
   */
  readonly lowerPriority: { readonly repeat: number; readonly delayMs: number };
}

/** The announcement that is due now. */
export interface Announcement {
  /** How often each address is announced back to back. */
  readonly repeat: number;
  /** When to ask again, in monotonic milliseconds; `null` if nothing more is due. */
  readonly nextAtMs: number | null;
}

/**
 * After a goodbye the previous master may answer for its addresses until it has removed them. So the new one announces
 * them again after these times, in milliseconds.
 */
const GOODBYE_MS = [50, 200, 1000];

/** A weaker master may send many adverts; the master announces at most this often. */
const CONTESTED_INTERVAL_MS = 1000;

/** An announcement that is planned before the refreshes. */
interface Planned {
  readonly atMs: number;
  readonly repeat: number;
  /** True for the second `repeat` announcements, after the configured delay. */
  readonly second: boolean;
}

/** The announcements of successive masterships. */
export class AnnouncementSchedule {
  #timings: AnnounceTimings;
  /** Soonest first. */
  #planned: readonly Planned[] = [];
  /** When the first announcement was made, from which the planned ones count. */
  #beganMs = -Infinity;
  #lastMs = -Infinity;

  constructor(timings: AnnounceTimings) {
    this.#timings = timings;
  }

  /** Replaces the timings; returns when the next announcement is due, in monotonic milliseconds, `null` for none. */
  retime(timings: AnnounceTimings, nowMs: number): number | null {
    this.#timings = timings;
    const { delayMs } = timings;
    this.#plan(this.#planned.flatMap((planned) => {
      if (!planned.second) return planned;
      return delayMs === 0 ? [] : { ...planned, atMs: Math.max(nowMs, this.#beganMs + delayMs) };
    }));
    if (this.#planned.length === 0 && timings.refreshMs > 0) {
      return Math.max(nowMs, this.#lastMs + timings.refreshMs);
    }
    return this.#planned[0]?.atMs ?? null;
  }

  /** The master has just added the addresses. */
  takeover(nowMs: number): Announcement {
    return this.#begin(this.#timings, [], nowMs);
  }

  /** The master has just added the addresses, directly after a goodbye. */
  goodbye(nowMs: number): Announcement {
    return this.#begin(this.#timings, GOODBYE_MS, nowMs);
  }

  /** The time given by the last `nextAtMs` has come. */
  due(nowMs: number): Announcement {
    const [now, ...later] = this.#planned;
    this.#planned = later;
    this.#lastMs = nowMs;
    const { refreshRepeat = 1 } = this.#timings;
    return { repeat: now?.repeat ?? refreshRepeat, nextAtMs: this.#nextAtMs(nowMs) };
  }

  /**
   * The master heard a weaker one, so caches on the link may point there. Announces as after a takeover, but at most
   * once a second (else `null`, also if the configuration does not want it; the schedule stays).
   */
  contested(nowMs: number): Announcement | null {
    const { lowerPriority } = this.#timings;
    const unwanted = lowerPriority.repeat === 0;
    if (unwanted || nowMs - this.#lastMs < CONTESTED_INTERVAL_MS) return null;
    return this.#begin(lowerPriority, [], nowMs);
  }

  #begin(
    { repeat, delayMs }: { readonly repeat: number; readonly delayMs: number },
    alsoAfterMs: readonly number[],
    nowMs: number,
  ): Announcement {
    this.#beganMs = nowMs;
    this.#lastMs = nowMs;
    const also = alsoAfterMs.map((ms) => ({ atMs: nowMs + ms, repeat: 1, second: false }));
    this.#plan([
      ...also,
      ...(delayMs > 0 ? [{ atMs: nowMs + delayMs, repeat, second: true }] : []),
    ]);
    return { repeat, nextAtMs: this.#nextAtMs(nowMs) };
  }

  #plan(planned: readonly Planned[]): void {
    this.#planned = planned.toSorted((one, other) => one.atMs - other.atMs);
  }

  #nextAtMs(nowMs: number): number | null {
    return this.#planned[0]?.atMs ?? laterMs(nowMs, this.#timings.refreshMs);
  }
}

function laterMs(nowMs: number, afterMs: number): number | null {
  return afterMs > 0 ? nowMs + afterMs : null;
}
