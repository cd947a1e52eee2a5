/**
 * Certificates and keys that a configuration names: from files to PEM texts.
 *
 * They are read next to the schema, because a file can be damaged while the configuration stays as it is.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import type { Path } from "../path.ts";
import { errorAt, type Finding, problemAt, valueAt, warningAt } from "../findings.ts";
import { certificateCommand } from "../values/certificate_command.ts";
import { failed, quote, type Result } from "../values/result.ts";
import { isRemote, readAbsolutePath, readListenAddress } from "../values/values.ts";
import { isOfPair, PAIR_AGAIN } from "./pair_folder.ts";
import { API_CERTIFICATE, API_KEY, placeName, TlsFiles } from "./named_files.ts";
import { readNamedFile } from "./secret_file.ts";

/** Reads what the data of a configuration names, whatever else is wrong with it. */
export function readTlsFiles(data: unknown): TlsFiles {
  const findings: Finding[] = [];
  const texts = new Map<string, string>();
  const read = (path: Path, kind: PemKind) => {
    const file = valueAt(data, path);
    // The schema reports a value that is no path at all.
    if (typeof file !== "string" || !readAbsolutePath(file).ok) return;
    const outcome = readPem(file, kind, isOfPair(file, data) ? PAIR_AGAIN : undefined);
    if (outcome.ok) return void texts.set(placeName(path), outcome.value);
    findings.push(problemAt(path, outcome.problem));
  };
  read(API_CERTIFICATE, CERTIFICATE);
  read(API_KEY, PRIVATE_KEY);
  for (const path of authorityPlaces(data)) read(path, CERTIFICATE);
  const files = new TlsFiles(findings, texts);
  return new TlsFiles(
    [...findings, ...mismatchedKeyFindings(files, data), ...authorityFindings(files, data)],
    texts,
  );
}

/** The places where certificates of authorities can be named. */
function authorityPlaces(data: unknown): Path[] {
  const [checks, peers] = [valueAt(data, ["checks"]), valueAt(data, ["peers"])];
  const names = typeof checks === "object" && checks !== null ? Object.keys(checks) : [];
  const count = Array.isArray(peers) ? peers.length : 0;
  return [
    ...names.map((name): Path => ["checks", name, "ca"]),
    ...Array.from({ length: count }, (_, index): Path => ["peers", index, "ca"]),
  ];
}

/** A key that is another certificate's serves nobody. */
function mismatchedKeyFindings(files: TlsFiles, data: unknown): Finding[] {
  const [cert, key] = [files.textAt(API_CERTIFICATE), files.textAt(API_KEY)];
  if (cert === undefined || key === undefined || belongTogether(cert, key)) return [];
  const [certPath, keyPath] = [API_CERTIFICATE, API_KEY].map((path) => String(valueAt(data, path)));
  return [errorAt(
    API_KEY,
    "invalid_tls",
    `it is not the key of the certificate in ${quote(certPath!)}`,
    isOfPair(certPath!, data) && isOfPair(keyPath!, data)
      ? PAIR_AGAIN
      : "name the key with which the certificate was made",
  )];
}

/** Plain `openssl req -x509` makes an authority (RFC 5280 section 4.2.1.9), which TLS clients refuse of a server. */
function authorityFindings(files: TlsFiles, data: unknown): Finding[] {
  const cert = files.textAt(API_CERTIFICATE);
  if (cert === undefined || !new X509Certificate(cert).ca) return [];
  const [certPath, keyPath] = [API_CERTIFICATE, API_KEY].map((path) => String(valueAt(data, path)));
  return [warningAt(
    API_CERTIFICATE,
    "certificate_of_authority",
    "it may sign other certificates (CA:TRUE), so the other node and vipd's commands refuse it",
    "make another one with the same key, and the names and addresses by which the API is asked: " +
      certificateCommand(certPath!, keyPath!, apiNames(data)),
  )];
}

/** The node, and the addresses at which other machines reach its API. */
function apiNames(data: unknown): string[] {
  const listen = [valueAt(data, ["api", "listen"])].flat().flatMap((text) => {
    const address = typeof text === "string" ? readListenAddress(text) : null;
    return address?.ok && address.value.kind === "tcp" && isRemote(address.value)
      ? [address.value.host]
      : [];
  });
  return [String(valueAt(data, ["node"]) ?? "lb01"), ...listen];
}

/** True as well where the runtime cannot say, as of Ed25519: then the listener does. */
export function belongTogether(cert: string, key: string): boolean {
  try {
    const form = { type: "spki", format: "der" } as const;
    const ofKey = createPublicKey(createPrivateKey(key)).export(form);
    return new X509Certificate(cert).publicKey.export(form).equals(ofKey);
  } catch {
    return true;
  }
}

/** The content that a file in PEM is to have. */
interface PemKind {
  readonly what: string;
  readonly secret: boolean;
  readonly parse: (text: string) => unknown;
}

/** A certificate, and those that vouch for it. */
const CERTIFICATE: PemKind = {
  what: "certificate",
  secret: false,
  parse: (text) => new X509Certificate(text),
};
const PRIVATE_KEY: PemKind = { what: "private key", secret: true, parse: createPrivateKey };

/** `makes`: how the file is made if it is missing or damaged. */
function readPem(path: string, { what, secret, parse }: PemKind, makes?: string): Result<string> {
  const hint = `name a file with a ${what} in PEM that the user of vipd can read`;
  const missing = makes ?? hint;
  const read = readNamedFile(path, {
    ...{ code: "invalid_tls", secret },
    hint: () => hint,
    missing: () => missing,
  });
  if (!read.ok) return read;
  try {
    parse(read.value);
    return read;
  } catch {
    // The parser's message may quote the file.
    return failed("invalid_tls", `${quote(path)} holds no ${what}`, missing);
  }
}
