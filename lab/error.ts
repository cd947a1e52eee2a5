/**
 * What went wrong in the lab, said so that the reader knows what to do.
 *
 * @module
 */

/** The lab could not do what was asked; the message names the host, the command and its last words. */
export class LabError extends Error {
  override readonly name = "LabError";
}
