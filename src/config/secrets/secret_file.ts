/**
 * Files that the configuration names and whose content it needs: keys and certificates.
 *
 * @module
 */

import { requireRegular } from "../../runtime/regular_file.ts";
import type { DiagnosticCode } from "../diagnostics.ts";
import { failed, ofMissing, ofUnreadable, ok, quote, type Result } from "../values/result.ts";
import { readAbsolutePath } from "../values/values.ts";

/** Read permission of everybody. */
const OTHERS_READ = 0o004;
/** A longer file holds neither keys nor certificates. */
const MAX_OCTETS = 1024 * 1024;

/** A file to read, and the words for its problems; none quotes what stands in the file. */
export interface NamedFile {
  readonly code: DiagnosticCode;
  readonly hint: () => string;
  /** The remedy if there is no such file. @default {hint} */
  readonly missing?: () => string;
  /** A secret must not be readable by everybody. */
  readonly secret: boolean;
}

/** The text of the file at an absolute path; read when the configuration is. */
export function readNamedFile(path: string, named: NamedFile): Result<string> {
  const { code, hint, secret } = named;
  const checked = readAbsolutePath(path);
  if (!checked.ok) return checked;
  try {
    const info = Deno.statSync(path);
    const { mode } = info;
    requireRegular(info, MAX_OCTETS);
    if (secret && mode !== null && (mode & OTHERS_READ) !== 0) {
      const message = `every user of this machine can read ${quote(path)}`;
      return failed(code, message, `take the permission away: chmod o-r ${path}`);
    }
    return ok(Deno.readTextFileSync(path));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof Deno.errors.NotFound) {
      const message = `${quote(path)} cannot be read: there is no such file`;
      return ofMissing(failed(code, message, (named.missing ?? hint)()), path);
    }
    const unread = failed(code, `${quote(path)} cannot be read: ${error.message}`, hint());
    return error instanceof Deno.errors.PermissionDenied ? ofUnreadable(unread, path) : unread;
  }
}
