/**
 * A certificate of the API that nobody renews: when it ends, and what to do about it.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import type { TlsFilePaths } from "../config/model.ts";
import { certificateCommand } from "../config/values/certificate_command.ts";
import { WARN_BEFORE_MS } from "../config/values/defaults.ts";
import { timeMs } from "./renewal.ts";

const DAY_MS = 86_400_000;

/** Why other nodes soon cannot read this one, or cannot read it yet, and the remedy. */
export interface Ending {
  readonly message: string;
  readonly hint: string;
  /** It has not begun: a clock that is set changes that at any time. */
  readonly hasNotBegun?: true;
}

/**
 * `null` if the certificate of the API has begun and lasts for two weeks and more.
 *
 * @param foreign its files, if somebody else than `vipd pair` has made it
 */
export function endingOf(pem: string, nowMs: number, foreign: TlsFilePaths | null): Ending | null {
  const certificate = new X509Certificate(pem);
  const [beginsMs, endsMs] = [timeMs(certificate.validFrom), timeMs(certificate.validTo)];
  if (beginsMs > nowMs) return notBegun(beginsMs, nowMs);
  // One without a readable end is none that a client refuses because of it.
  if (!(endsMs - nowMs <= WARN_BEFORE_MS)) return null;
  const days = Math.floor((endsMs - nowMs) / DAY_MS);
  const left = days < 0 ? "it has ended" : days === 1 ? "in 1 day" : `in ${days} days`;
  return {
    message: `the certificate of the API ends on ${new Date(endsMs).toISOString().slice(0, 10)} ` +
      `(${left}); from then on the other node cannot read this one, and the pair is unverified`,
    hint: foreign === null
      ? "vipd pair --renew makes another one, or says why not"
      : foreignRemedy(certificate, foreign),
  };
}

function notBegun(beginsMs: number, nowMs: number): Ending {
  const [begins, now] = [beginsMs, nowMs].map((ms) => new Date(ms).toISOString().slice(0, 16));
  return {
    message:
      `the certificate of the API begins at ${begins}Z, and this machine's clock says ${now}Z: ` +
      "until then the other node cannot read this one, and the pair is unverified",
    hint:
      "compare the clocks of both nodes (date) and correct the wrong one; if this one is right, make the " +
      "certificate again, because it was made with a clock that was ahead",
    hasNotBegun: true,
  };
}

/** Of one that vouches for itself the other node has a copy. */
function foreignRemedy(certificate: X509Certificate, { cert, key }: TlsFilePaths): string {
  if (certificate.subject !== certificate.issuer) {
    return "renew it where it came from, then vipd reload";
  }
  const names = Array.from(
    (certificate.subjectAltName ?? "").matchAll(/(?:DNS|IP Address):([^,\s]+)/g),
    ([, name]) => name!,
  );
  const made = certificateCommand(cert, key, names.length > 0 ? names : ["lb01"]);
  return `make another one with the same key: ${made} && vipd reload; then copy it to the file of ca in peers of the ` +
    "other node, and vipd reload there";
}
