/**
 * What a disk answers, as an outcome.
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";

/** So much waits for the disk already that nothing more is taken. */
export const DISK_BUSY: HostError = {
  code: "ETIMEDOUT",
  message: "too much waits for the disk, which does not answer",
};

/** The system's name of the error; `EINVAL` for what is none of the system's. */
export function diskError(error: unknown): HostError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "EINVAL";
  return { code, message };
}
