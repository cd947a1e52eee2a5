/**
 * Keys of HMAC trailers (draft-cassen-vrrp-auth-hmac), from hexadecimal digits. No problem quotes them. Pure.
 *
 * @module
 */

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
