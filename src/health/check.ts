/**
 * The results of probes, and how they add up: rise and fall.
 *
 * @module
 */

/** The result of one probe. */
export interface ProbeResult {
  readonly ok: boolean;
  /** One line for a person: `HTTP 200 in 3 ms`, `connection refused`. */
  readonly detail: string;
  /** How long the probe took, in milliseconds. */
  readonly tookMs: number;
  /** True if one result is enough (a watched process died): the verdict follows at once, whatever `fall` says. */
  readonly conclusive?: boolean;
  /** The number that a file check has read. */
  readonly number?: number;
  /**
   * When the certificate of an https check's server expires, if the check asks for that and it is known: milliseconds
   * since the epoch.
   */
  readonly certificateEndsMs?: number;
}

/** Runs one check's probe repeatedly. */
export interface Prober {
  /**
   * Starts one probe. The prober reports its result through the callback that it was opened with, within the check's
   * timeout. While a probe runs, a further call does nothing.
   */
  probe(): void;
  /** Ends a running probe and everything that it started. The prober reports nothing afterwards. */
  close(): void;
}

/** `unknown` until the first result; then `up` or `down`. */
export type CheckVerdict = "unknown" | "up" | "down";

/** How many results in a row change the verdict. */
export interface CheckThresholds {
  /** Successes in a row that change `down` to `up`, at least 1. */
  readonly rise: number;
  /** Failures in a row that change `up` to `down`, at least 1. */
  readonly fall: number;
}

/** Debounces results: counts those in a row that contradict the verdict. */
export class CheckTally {
  #verdict: CheckVerdict;
  /** No result yet. */
  #fresh = true;
  #against = 0;
  readonly #thresholds: CheckThresholds;

  /** `inherited`: the verdict until the first result. */
  constructor(thresholds: CheckThresholds, inherited: CheckVerdict = "unknown") {
    this.#thresholds = thresholds;
    this.#verdict = inherited;
  }

  get verdict(): CheckVerdict {
    return this.#verdict;
  }

  /** How many results in a row have contradicted the verdict. */
  get against(): number {
    return this.#against;
  }

  /** Counts one result; true if it is enough to change the verdict. The first one decides alone, either way. */
  count(result: ProbeResult): boolean {
    const found = result.ok ? "up" : "down";
    const first = this.#fresh;
    this.#fresh = false;
    if (found === this.#verdict) {
      this.#against = 0;
      return false;
    }
    this.#against++;
    const needed = result.ok ? this.#thresholds.rise : this.#thresholds.fall;
    return first || result.conclusive === true || this.#against >= needed;
  }

  turn(verdict: "up" | "down"): void {
    this.#verdict = verdict;
    this.#against = 0;
  }

  /** Forgets the results that contradicted the verdict. */
  restart(): void {
    this.#against = 0;
  }
}
