/**
 * The certificates that the API shows its clients, as far as anyone may know them.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { formatListenAddress } from "../api/listen_address.ts";
import type { ListenAddress } from "../config/model.ts";
import type { CertificateFacts } from "../status/node_config.ts";

/** One for each address that speaks TLS. */
export function certificatesOf(listen: readonly ListenAddress[]): CertificateFacts[] {
  return listen.flatMap((address) =>
    address.kind === "tcp" && address.tls && "cert" in address.tls
      ? factsOf(formatListenAddress(address), address.tls.cert)
      : []
  );
}

/** The first certificate of a PEM text; the others vouch for it. */
function factsOf(use: string, pem: string): CertificateFacts[] {
  try {
    const { subject, validTo, fingerprint256: fingerprint } = new X509Certificate(pem);
    const endsMs = Date.parse(validTo);
    return [{
      use,
      subject: subject.split("\n").join(", "),
      ends: Number.isNaN(endsMs) ? null : new Date(endsMs).toISOString(),
      fingerprint,
    }];
  } catch {
    // A listener does not serve with it either, which `api_down` reports.
    return [];
  }
}
