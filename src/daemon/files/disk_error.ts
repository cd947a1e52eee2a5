/**
 * Errors of a disk as values.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";

/** Too many operations wait for the disk already. */
export const DISK_BUSY: HostError = {
  code: "ETIMEDOUT",
  message: "too much waits for the disk, which does not answer",
};

/** The system's name of the error; `EINVAL` if it is none of the system's. */
export function diskError(error: unknown): HostError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "EINVAL";
  return { code, message };
}
