/**
 * When a certificate is to be renewed.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";

/** The part of its lifetime that may be left. */
const LAST_PART = 1 / 3;

/**
 * True in the last third of the certificate's life, after it, and before its begin: it was made while the clock was
 * ahead.
 */
export function isDue(pem: string, nowMs: number): boolean {
  const { validFrom, validTo } = new X509Certificate(pem);
  const [fromMs, toMs] = [timeMs(validFrom), timeMs(validTo)];
  return nowMs < fromMs || nowMs > toMs - (toMs - fromMs) * LAST_PART;
}

/** Milliseconds since the epoch of `Dec  9 09:03:18 2026 GMT`; the runtime's 2.6 ends it with `+00:00`. */
export function timeMs(text: string): number {
  return Date.parse(text.replace(/ (GMT|\+00:00)$/, " GMT"));
}
