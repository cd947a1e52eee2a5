/**
 * Errors that end a command early: one sentence for the user and an exit code.
 *
 * @module
 */

import { DaemonRefusedError, DaemonUnreachableError } from "../api/client_errors.ts";
import { CliError, EXIT, type ExitCode } from "../exit.ts";
import { TokenFileError } from "../tokens/token_file.ts";

/** The command line is wrong. */
export function usageError(message: string): CliError {
  return new CliError(EXIT.usage, message);
}

/** The exit code of a command that threw `error`, or `null` if the error is a defect of vipd. */
export function exitCodeOf(error: unknown): ExitCode | null {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof TokenFileError) return EXIT.notPermitted;
  if (error instanceof DaemonUnreachableError) return EXIT.unreachable;
  if (error instanceof DaemonRefusedError) {
    return error.withoutEngine ? EXIT.unreachable : refusalCode(error.status);
  }
  // Errors of the system are no defects: errors of the runtime, and SysError of linux/sys/errors.ts.
  if (error instanceof Error && "code" in error && /^E[A-Z0-9]+$/.test(String(error.code))) {
    return error.code === "EPERM" || error.code === "EACCES" ? EXIT.notPermitted : EXIT.failure;
  }
  return null;
}

function refusalCode(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.notPermitted;
  if (status === 404 || status === 409) return EXIT.refused;
  return status < 500 ? EXIT.usage : EXIT.failure;
}
