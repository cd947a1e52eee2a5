/**
 * A certificate of the API that nobody renews: when it ends, and what to do about it.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import type { Config } from "../config/model.ts";
import { certificateCommand } from "../config/values/certificate_command.ts";
import { WARN_BEFORE_MS } from "../config/values/defaults.ts";
import { namesIn } from "./certificates.ts";
import { timeMs } from "./renewal.ts";

const DAY_MS = 86_400_000;
/** A part of a subject that openssl-req(1) makes the same of again. */
const PLAIN_PART = /^(?:C|ST|L|O|OU|CN)=[\w .,:@*-]+$/;

/** Why other nodes soon cannot read this one, or cannot read it yet, and the remedy. */
export interface Ending {
  readonly message: string;
  readonly hint: string;
  /** It has not begun: a clock that is set changes that at any time. */
  readonly hasNotBegun?: true;
}

/** The part of a configuration that says how its API is served. */
export type Served = Pick<Config, "node" | "api">;

/** The certificate with which the API is served, and those that vouch for it; `null` without one. */
export function servedCertificate({ api }: Pick<Config, "api">): string | null {
  for (const address of api.listen) {
    if (address.kind === "tcp" && address.tls && "cert" in address.tls) return address.tls.cert;
  }
  return null;
}

/**
 * `null` if the certificate of the API has begun and lasts for two weeks and more, or there is none.
 *
 * @param isOwn `vipd pair` has made it
 */
export function endingOf(served: Served, isOwn: boolean, nowMs: number): Ending | null {
  const pem = servedCertificate(served);
  if (pem === null) return null;
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
    hint: isOwn
      ? "vipd pair --renew makes another one, or says why not"
      : foreignRemedy(pem, certificate, served),
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
function foreignRemedy(pem: string, certificate: X509Certificate, { node, api }: Served): string {
  if (certificate.subject !== certificate.issuer || api.tls === undefined) {
    return "renew it where it came from, then vipd reload";
  }
  const names = namesOf(pem);
  const made = certificateCommand(
    ...[api.tls.cert, api.tls.key, names.length > 0 ? names : [node]] as const,
    subjectOf(certificate),
  );
  return `make another one with the same key: ${made} && vipd reload; then copy it to the file of ca in peers of the ` +
    "other node, and vipd reload there";
}

function namesOf(pem: string): string[] {
  try {
    return namesIn(pem);
  } catch {
    // A certificate that vipd cannot take apart may still serve.
    return [];
  }
}

/**
 * The subject for `-subj`: with it and the same key, the copy of the one before still vouches for the new one until it is
 * replaced. `undefined` if it has more than openssl-req(1) takes without a backslash.
 */
function subjectOf({ subject }: X509Certificate): string | undefined {
  const parts = subject.split("\n");
  return parts.every((part) => PLAIN_PART.test(part))
    ? parts.map((part) => `/${part}`).join("")
    : undefined;
}
