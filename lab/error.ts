/**
 * Errors of the lab, with a remedy for the reader.
 *
 * @module
 */

/** The lab could not do what the caller wanted; the message names the host, the command and its last words. */
export class LabError extends Error {
  override readonly name = "LabError";
}
