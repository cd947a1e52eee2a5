/**
 * When a master tells the link that it holds the addresses: at once, again after a delay (some switches
 * and hosts miss the first), and on a schedule after that if one is wanted.
 *
 * @module
 */

/** The timings of one instance; those of keepalived's `garp_master_*`. */
export interface AnnounceTimings {
  /** Second announcement after the takeover, in milliseconds; 0 for none. */
  readonly delayMs: number;
  /** How often the first two announcements are repeated back to back. */
  readonly repeat: number;
  /** Further announcements while master, one each, in milliseconds; 0 for none. */
  readonly refreshMs: number;
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
  readonly #timings: AnnounceTimings;
  #secondIsDue = false;
  #lastMs = -Infinity;

  constructor(timings: AnnounceTimings) {
    this.#timings = timings;
  }

  /** The addresses were just taken. */
  takeover(nowMs: number): Announcement {
    const { delayMs, refreshMs, repeat } = this.#timings;
    this.#lastMs = nowMs;
    this.#secondIsDue = delayMs > 0;
    return { repeat, nextAtMs: laterMs(nowMs, delayMs > 0 ? delayMs : refreshMs) };
  }

  /** The time given by the last `nextAtMs` has come. */
  due(nowMs: number): Announcement {
    const repeat = this.#secondIsDue ? this.#timings.repeat : 1;
    this.#secondIsDue = false;
    this.#lastMs = nowMs;
    return { repeat, nextAtMs: laterMs(nowMs, this.#timings.refreshMs) };
  }

  /**
   * A weaker master was heard, so caches on the link may point at it: a new takeover, but not more than
   * once a second (`null` then; what was scheduled stands).
   */
  contested(nowMs: number): Announcement | null {
    return nowMs - this.#lastMs < CONTESTED_INTERVAL_MS ? null : this.takeover(nowMs);
  }
}

function laterMs(nowMs: number, afterMs: number): number | null {
  return afterMs > 0 ? nowMs + afterMs : null;
}
