/**
 * Which places of a configuration hold a secret: known by the key above it, also a misspelt one, and by what stands
 * around it.
 *
 * @module
 */

import type { Path } from "../path.ts";
import { nearest } from "../nearest.ts";

/** Keys under `authentication` whose values everybody may see. */
const OPEN_IN_AUTHENTICATION: ReadonlySet<string> = new Set([
  ...["type", "keys", "id", "key_file", "active_key", "mode", "replay", "window"],
]);
/** Words that are like one of {@link SECRET_WORDS}, and none. */
const OPEN_WORDS: ReadonlySet<string> = new Set(["keys", "active_key", "authentication"]);
const SECRET_WORDS = ["password", "passphrase", "pass", "key", "secret", "token"] as const;
const SECRET_PART = /pass|pwd|secret|token|credential|private|hmac|auth|(?:^|[_-])key(?:$|[_-])/i;

/** True for `password`, `auth_pass`, `passwort`, `Key`, `tokn`; not for the name of a file with one. */
export function isSecretKey(key: string): boolean {
  if (OPEN_WORDS.has(key) || /[_-](?:file|path)$/i.test(key)) return false;
  return SECRET_PART.test(key) || nearest(key, SECRET_WORDS) !== null;
}

/** `tls.key` names the file of a key, and is to be seen in messages about that file. */
const KEY_FILE = "tls.key";

/**
 * True where a secret stands, or would stand if its key were right; also for what is nested in it.
 *
 * @param text what stands there, if that is known: the name of a file where one belongs is no secret
 */
export function isSecretPath(path: Path, text?: string): boolean {
  const keys = path.filter((step) => typeof step === "string");
  const namesFile = keys.slice(-2).join(".") === KEY_FILE && /^\/[^\n]*$/.test(text ?? "");
  if (!namesFile && keys.some(isSecretKey)) return true;
  const above = keys.indexOf("authentication");
  if (above < 0) return false;
  return keys.slice(above + 1).some((key) => !OPEN_IN_AUTHENTICATION.has(key)) ||
    keys.length === above + 1;
}

/**
 * The offset in a key at which the secret begins that has become part of it, for want of a blank: `password:secret`. -1 where a key is
 * but a key.
 */
export function secretInKey(path: Path, key: string): number {
  const parts = /^([^:=\s]*)([:=\s]+)[^]/.exec(key);
  if (parts !== null && isSecretPath([...path, parts[1]!])) {
    return parts[1]!.length + parts[2]!.length;
  }
  // No key is that long, nor has it digits: a value stands there alone.
  const alone = path.includes("authentication") && !OPEN_IN_AUTHENTICATION.has(key) &&
    !isSecretKey(key);
  return alone ? 0 : -1;
}
