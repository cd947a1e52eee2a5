/**
 * The command that makes a certificate with which vipd's API can be reached from the other node.
 *
 * @module
 */

import { canonicalIp } from "../../wire/address.ts";

/**
 * openssl-req(1). Without `CA:FALSE` it makes a certificate that may sign others, which TLS clients such as vipd do not
 * accept of a server; the names are those by which the API is asked.
 */
export function certificateCommand(cert: string, key: string, names: readonly string[]): string {
  const all = names.map((name) => `${canonicalIp(name) === null ? "DNS" : "IP"}:${name}`);
  return "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 " +
    `-subj /CN=${names[0]} -addext basicConstraints=critical,CA:FALSE ` +
    `-addext subjectAltName=${all.join(",")} -keyout ${key} -out ${cert}`;
}
