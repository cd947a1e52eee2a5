/**
 * Notices that a virtual router changes between master and backup again and again, as it does when its
 * adverts are lost or come too late (RFC 9568 section 2.5: SHOULD be logged, rate-limited).
 *
 * @module
 */

/** So many masterships begun within the window are no longer an election. */
const MASTERSHIPS = 4;
const WINDOW_MS = 60_000;

export class FlapWatch {
  /** When the last masterships began, monotonic milliseconds. */
  #begunMs: number[] = [];
  #toldAtMs = -Infinity;

  /** A mastership begins. True when it is time to tell that the router flaps: at most once in a window. */
  becameMaster(nowMs: number): boolean {
    this.#begunMs = [...this.#begunMs, nowMs].filter((atMs) => nowMs - atMs < WINDOW_MS);
    if (this.#begunMs.length < MASTERSHIPS || nowMs - this.#toldAtMs < WINDOW_MS) return false;
    this.#toldAtMs = nowMs;
    return true;
  }
}
