/**
 * What the timed probes have in common.
 *
 * @module
 */

/** What one run of a probe found. */
export interface Finding {
  readonly ok: boolean;
  /** One line for a person. */
  readonly detail: string;
  /** What a file holds. */
  readonly number?: number;
  /** When the server's certificate ends, where that is asked for and known: milliseconds since the epoch. */
  readonly certificateEndsMs?: number;
}

/** A probe that takes time and can be told to stop. */
export interface Probe {
  /** What is reported when the check's timeout passes before a finding: `no answer within 500 ms`. */
  readonly late: string;
  /**
   * Runs once. When `signal` aborts, the promise settles as soon as everything that the run opened or started
   * is gone; what it settles with is then ignored. A rejection counts as a failure.
   */
  run(signal: AbortSignal): Promise<Finding>;
}

/**
 * Why a run is aborted when vipd ends: there is no time to be gentle. Any other abort means too late. No Error: one that
 * is made while a module is loaded has the engine compile the whole program a second time, for its stack.
 */
export const CLOSED = Symbol("closed");

/** A finding against what is checked. */
export function failed(detail: string): Finding {
  return { ok: false, detail };
}

/** What went wrong, as part of a line for a person: `connection refused`. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split("\n")[0]!.replace(/ \(os error \d+\)/, "").trim();
  return line.charAt(0).toLowerCase() + line.slice(1);
}
