/**
 * The command that makes a certificate with which vipd's API can be reached from the other node.
 *
 * @module
 */

import { canonicalIp } from "../../wire/address.ts";
import { shellWord } from "../../wire/shell_word.ts";

/**
 * openssl-req(1). The key is there already and stays as it is, so its readers stay the same: vipd's user, who is another
 * than the one that types this; openssl gives a new key to its maker alone. A file that is written again keeps its owner
 * and mode, too. Without `CA:FALSE` it makes a certificate that may sign others, which TLS clients such as vipd do not
 * accept of a server; the names are those by which the API is asked.
 */
export function certificateCommand(
  cert: string,
  key: string,
  names: readonly string[],
  subject = `/CN=${names[0]}`,
): string {
  const all = names.map((name) => `${canonicalIp(name) === null ? "DNS" : "IP"}:${name}`);
  return [
    ...["openssl", "req", "-x509", "-key", key, "-days", "825", "-subj", subject],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-addext", `subjectAltName=${all.join(",")}`, "-out", cert],
  ].map(shellWord).join(" ");
}
