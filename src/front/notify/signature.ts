/**
 * Signed webhooks by the Standard Webhooks specification, for which receivers find libraries: HMAC-SHA256 over id, time
 * and body.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/** The prefix of a secret that is written in base64. */
const BASE64_PREFIX = "whsec_";

/** The octets of a secret as a file contains it: `whsec_` and base64, or any text. */
export function secretOctets(text: string): Uint8Array<ArrayBuffer> {
  const secret = text.trim();
  return secret.startsWith(BASE64_PREFIX)
    ? Uint8Array.fromBase64(secret.slice(BASE64_PREFIX.length))
    : new TextEncoder().encode(secret);
}

/** The headers that sign a body. `atMs`: wall clock, because a receiver refuses old messages. */
export function signatureHeaders(
  secret: Uint8Array<ArrayBuffer>,
  id: string,
  atMs: number,
  body: string,
): Record<string, string> {
  const seconds = Math.floor(atMs / 1000);
  const digest = createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": `${seconds}`,
    "webhook-signature": `v1,${digest}`,
  };
}
