/**
 * The parts that all timed probes share.
 *
 * @module
 */

/** The finding of one run of a probe. */
export interface Finding {
  readonly ok: boolean;
  /** One line for a person. */
  readonly detail: string;
  /** The number in a file. */
  readonly number?: number;
  /**
   * When the server's certificate expires, if the check asks for that and it is known: milliseconds since the epoch.
   */
  readonly certificateEndsMs?: number;
}

/** A probe that takes time and can be aborted. */
export interface Probe {
  /** The report if the check's timeout passes before a finding: `no answer within 500 ms`. */
  readonly late: string;
  /**
   * Runs once. If `signal` aborts, the promise settles as soon as everything that the run opened or started is gone;
   * the caller then ignores its value. A rejection counts as a failure.
   */
  run(signal: AbortSignal): Promise<Finding>;
}

/**
 * The abort reason if vipd ends: there is no time for a graceful end. Any other abort means that the run is late. Not
 * an Error, because an Error that is created while a module loads makes the engine compile the whole program a second
 * time, for its stack.
 */
export const CLOSED = Symbol("closed");

/** A failed finding. */
export function failed(detail: string): Finding {
  return { ok: false, detail };
}

/** The error, as part of a line for a person: `connection refused`. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split("\n")[0]!.replace(/ \(os error \d+\)/, "").trim();
  return line.charAt(0).toLowerCase() + line.slice(1);
}
