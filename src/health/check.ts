/**
 * What probes find, and how their results add up: rise and fall.
 *
 * @module
 */

/** What one probe found. */
export interface ProbeResult {
  readonly ok: boolean;
  /** One line for a person: `HTTP 200 in 3 ms`, `connection refused`. */
  readonly detail: string;
  /** How long the probe took, in milliseconds. */
  readonly tookMs: number;
  /** True when no second opinion is needed (a watched process died): the verdict follows at once, whatever `fall`. */
  readonly conclusive?: boolean;
  /** The number that a file check has read. */
  readonly number?: number;
  /** When the certificate of an https check's server ends, where that is asked for and known: milliseconds since the epoch. */
  readonly certificateEndsMs?: number;
}

/** Runs one check's probe, over and over. */
export interface Prober {
  /**
   * Starts one probe; its result is reported through the callback that the prober was opened with, within the
   * check's timeout. While one is running a further call does nothing.
   */
  probe(): void;
  /** Ends a running probe and everything it started; nothing is reported afterwards. */
  close(): void;
}

/** `unknown` until the first result; then `up` or `down`. */
export type CheckVerdict = "unknown" | "up" | "down";

/** How many results in a row turn the verdict. */
export interface CheckThresholds {
  /** Successes in a row that turn `down` to `up`, at least 1. */
  readonly rise: number;
  /** Failures in a row that turn `up` to `down`, at least 1. */
  readonly fall: number;
}

/** Counts the results in a row that speak against the verdict. */
export class CheckTally {
  #verdict: CheckVerdict;
  /** No result yet. */
  #fresh = true;
  #streak = 0;
  readonly #thresholds: CheckThresholds;

  /** `inherited`: what holds until the first result. */
  constructor(thresholds: CheckThresholds, inherited: CheckVerdict = "unknown") {
    this.#thresholds = thresholds;
    this.#verdict = inherited;
  }

  get verdict(): CheckVerdict {
    return this.#verdict;
  }

  /** How many results in a row have spoken against the verdict. */
  get against(): number {
    return this.#streak;
  }

  /** Takes one result; true when it is enough to turn the verdict. The first one decides alone, either way. */
  count(result: ProbeResult): boolean {
    const found = result.ok ? "up" : "down";
    const first = this.#fresh;
    this.#fresh = false;
    if (found === this.#verdict) {
      this.#streak = 0;
      return false;
    }
    this.#streak++;
    const needed = result.ok ? this.#thresholds.rise : this.#thresholds.fall;
    return first || result.conclusive === true || this.#streak >= needed;
  }

  turn(verdict: "up" | "down"): void {
    this.#verdict = verdict;
    this.#streak = 0;
  }

  /** Forgets what spoke against the verdict. */
  restart(): void {
    this.#streak = 0;
  }
}
