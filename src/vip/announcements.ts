/**
 * When a master tells the link that it holds the addresses: at once, again after a delay (some switches
 * and hosts miss the first), and on a schedule after that if one is wanted.
 *
 * @module
 */

/** The timings of one instance; those of keepalived's `garp_master_*` and `garp_lower_prio_*`. */
export interface AnnounceTimings {
  /** Second announcement after the takeover, in milliseconds; 0 for none. */
  readonly delayMs: number;
  /** How often the first two announcements are repeated back to back. */
  readonly repeat: number;
  /** Further announcements while master, one each, in milliseconds; 0 for none. */
  readonly refreshMs: number;
  /** Least time between two packets, in milliseconds; 0 for none. */
  readonly intervalMs: number;
  /** As `repeat` and `delayMs`, after a master of lower priority was heard; a `repeat` of 0 for no announcement. */
  readonly lowerPriority: { readonly repeat: number; readonly delayMs: number };
}

/** What is due now. */
export interface Announcement {
  /** How often each address is announced back to back. */
  readonly repeat: number;
  /** When to ask again, in monotonic milliseconds; `null` when nothing more is due. */
  readonly nextAtMs: number | null;
}

/** A weaker master may speak often; the link is told at most this often. */
const CONTESTED_INTERVAL_MS = 1000;

/** The announcements of one mastership after the other. */
export class AnnouncementSchedule {
  #timings: AnnounceTimings;
  /** How often the second announcement is repeated; 0 when it is not due. */
  #secondRepeat = 0;
  #lastMs = -Infinity;

  constructor(timings: AnnounceTimings) {
    this.#timings = timings;
  }

  /** Other timings from now on; what is due next, in monotonic milliseconds, `null` for nothing. */
  retime(timings: AnnounceTimings, nowMs: number): number | null {
    this.#timings = timings;
    if (timings.delayMs === 0) this.#secondRepeat = 0;
    const afterMs = this.#secondRepeat > 0 ? timings.delayMs : timings.refreshMs;
    return afterMs > 0 ? Math.max(nowMs, this.#lastMs + afterMs) : null;
  }

  /** The addresses were just taken. */
  takeover(nowMs: number): Announcement {
    return this.#begin(this.#timings, nowMs);
  }

  /** The time given by the last `nextAtMs` has come. */
  due(nowMs: number): Announcement {
    const repeat = this.#secondRepeat || 1;
    this.#secondRepeat = 0;
    this.#lastMs = nowMs;
    return { repeat, nextAtMs: laterMs(nowMs, this.#timings.refreshMs) };
  }

  /**
   * A weaker master was heard, so caches on the link may point at it: as after a takeover, but not more than
   * once a second (`null` then, or when it is not wanted; what was scheduled stands).
   */
  contested(nowMs: number): Announcement | null {
    const { lowerPriority } = this.#timings;
    const unwanted = lowerPriority.repeat === 0;
    if (unwanted || nowMs - this.#lastMs < CONTESTED_INTERVAL_MS) return null;
    return this.#begin(lowerPriority, nowMs);
  }

  #begin(
    { repeat, delayMs }: { readonly repeat: number; readonly delayMs: number },
    nowMs: number,
  ): Announcement {
    this.#lastMs = nowMs;
    this.#secondRepeat = delayMs > 0 ? repeat : 0;
    return { repeat, nextAtMs: laterMs(nowMs, delayMs > 0 ? delayMs : this.#timings.refreshMs) };
  }
}

function laterMs(nowMs: number, afterMs: number): number | null {
  return afterMs > 0 ? nowMs + afterMs : null;
}
