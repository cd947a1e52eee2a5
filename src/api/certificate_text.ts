/**
 * The certificate of a node that this machine refuses, in the words of a person who has to make it right.
 *
 * @module
 */

/**
 * Why the certificate of a peer is not accepted; `null` if that is not the reason.
 *
 * @param reason as the runtime says it
 */
export function certificateText(reason: string): string | null {
  if (/UnknownIssuer/.test(reason)) {
    return "its certificate is signed by nobody that this machine trusts: name it in ca";
  }
  if (/CaUsedAsEndEntity/.test(reason)) {
    return "its certificate may sign others (CA:TRUE), as plain openssl req -x509 makes it, and is refused: " +
      "vipd check there prints the command for a right one";
  }
  if (/NotValidForName|not valid for name/.test(reason)) {
    return "its certificate is not valid for the host in url: name that host as the certificate does";
  }
  if (/Expired|NotValidYet|certificate expired|not valid yet/.test(reason)) {
    return "its certificate is not valid at this time: see the clocks of both nodes (date) and when it ends";
  }
  return null;
}
