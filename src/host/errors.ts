/**
 * An error of the host: an outcome to report, not an exception.
 *
 * @module
 */

/** An error of a call to the host. */
export interface HostError {
  /** Stable name of the error, such as `EPERM` or `ENODEV`. */
  readonly code: string;
  /** The attempt and the system's answer, in one sentence for a person. */
  readonly message: string;
}

/** Distinguishes an error from what was to be opened. */
export function isHostError(value: object): value is HostError {
  return "code" in value && "message" in value;
}
