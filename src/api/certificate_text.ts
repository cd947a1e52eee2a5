/**
 * The TLS of a node that this machine refuses, in the words of a person who has to make it right.
 *
 * @module
 */

/** The places in which that person says which certificate is right. */
export interface CertificateWords {
  /** How to have the certificate trusted. */
  readonly trust: string;
  /** The place that names the host. */
  readonly host: string;
}

/** Of `peers` in the configuration. */
const PEERS: CertificateWords = { trust: "name it in ca", host: "url" };

/**
 * Why the certificate of a node is not accepted; `null` if that is not the reason.
 *
 * @param reason as the runtime says it
 */
export function certificateText(reason: string, words: CertificateWords = PEERS): string | null {
  if (/UnknownIssuer/.test(reason)) {
    return `its certificate is signed by nobody that this machine trusts: ${words.trust}`;
  }
  if (/CaUsedAsEndEntity/.test(reason)) {
    return "its certificate may sign others (CA:TRUE), as plain openssl req -x509 makes it, and is refused: " +
      "vipd check there prints the command for a right one";
  }
  if (/NotValidForName|not valid for name/.test(reason)) {
    return `its certificate is not valid for the host in ${words.host}: name that host as the ` +
      "certificate does";
  }
  if (/Expired|NotValidYet|certificate expired|not valid yet/.test(reason)) {
    return "its certificate is not valid at this time: see the clocks of both nodes (date) and when it ends";
  }
  return null;
}

/** The scheme that a server speaks if it was asked by the other one; `null` if that is not the reason. */
export function spokenScheme(reason: string): "http" | "https" | null {
  // An alert of TLS (RFC 8446 section 6) in the place of a status line, as the runtime and src/http/ say it.
  if (/invalid HTTP version parsed|not an HTTP answer: "\\u0015\\u0003/.test(reason)) {
    return "https";
  }
  return /InvalidContentType/.test(reason) ? "http" : null;
}
