/**
 * Keys of HMAC trailers (draft-cassen-vrrp-auth-hmac): from hexadecimal digits, in the configuration or in a file of
 * their own. No problem quotes them.
 *
 * @module
 */

import { readNamedFile } from "../secrets/secret_file.ts";
import { failed, ok, type Result } from "./result.ts";

const MIN_OCTETS = 32;
const MAX_OCTETS = 64;
const HINT = "make one with: openssl rand -hex 32";

/** The octets of a key in hexadecimal digits. */
export function readHmacKey(text: string): Result<Uint8Array> {
  const digits = text.trim();
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) {
    return failed("invalid_key", "the key is not pairs of hexadecimal digits", HINT);
  }
  const key = Uint8Array.fromHex(digits);
  return key.length >= MIN_OCTETS && key.length <= MAX_OCTETS ? ok(key) : failed(
    "invalid_key",
    `the key has ${key.length} octets, not ${MIN_OCTETS} to ${MAX_OCTETS}`,
    HINT,
  );
}

/** The key in the file at this path; read when the configuration is. */
export function readHmacKeyFile(path: string): Result<Uint8Array> {
  const hint = `${HINT} > ${path}; the same file on both nodes, readable by the user of vipd alone`;
  const read = readNamedFile(path, { code: "invalid_key", hint, secret: true });
  return read.ok ? readHmacKey(read.value) : read;
}
