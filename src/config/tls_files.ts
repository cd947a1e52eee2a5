/**
 * Certificate and key of the API: from files to PEM texts.
 *
 * @module
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Outcome, quote, refuse } from "./outcome.ts";
import { readNamedFile } from "./secret_file.ts";

/** The certificate, and those that vouch for it, in the file at this path. */
export function readCertificateFile(path: string): Outcome<string> {
  return readPem(path, "certificate", false, (text) => new X509Certificate(text));
}

/** The private key in the file at this path. */
export function readPrivateKeyFile(path: string): Outcome<string> {
  return readPem(path, "private key", true, createPrivateKey);
}

function readPem(
  path: string,
  what: string,
  secret: boolean,
  parse: (text: string) => unknown,
): Outcome<string> {
  const hint = `name a file with a ${what} in PEM that the user of vipd can read`;
  const read = readNamedFile(path, { code: "invalid_tls", hint, secret });
  if (!read.ok) return read;
  try {
    parse(read.value);
    return read;
  } catch {
    // What the parser says may quote the file.
    return refuse("invalid_tls", `${quote(path)} holds no ${what}`, hint);
  }
}
