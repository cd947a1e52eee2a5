/**
 * The certificates of a pair. Each node has an authority of its own, which signs one certificate: that of its API. The
 * other node trusts the authority, which never ends, so a node can renew its certificate without asking anybody.
 *
 * Keys are ECDSA on P-256, which every client has.
 *
 * @module
 */

// The library needs it, and must find it.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { canonicalIp } from "../wire/address.ts";

cryptoProvider.set(crypto);

const DAY_MS = 86_400_000;
/** How long the API's certificate lasts. */
export const LIFETIME_MS = 365 * DAY_MS;
/** How long before it is made a certificate begins, for a node whose clock is late. */
export const BACKDATED_MS = DAY_MS;
/** RFC 5280 section 4.1.2.5: no well-defined end. */
const NEVER = new Date("9999-12-31T23:59:59Z");
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A certificate and its private key, in PEM (PKCS #8). */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A new authority of this node. */
export async function makeAuthority(node: string, nowMs: number): Promise<KeyedCertificate> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [`vipd ${node}`] }],
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: NEVER,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      // It signs certificates of servers, and no further authority.
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { cert: pemOf(certificate), key: await keyPem(keys.privateKey) };
}

/**
 * The certificate of the API of `node`, valid for these names and addresses.
 *
 * @param key the private key to keep, in PEM; a new one is made without it.
 */
export async function issueCertificate(
  authority: KeyedCertificate,
  { node, names, nowMs, key }: {
    readonly node: string;
    readonly names: readonly string[];
    readonly nowMs: number;
    readonly key?: string;
  },
): Promise<KeyedCertificate> {
  const keys = key === undefined ? await newKeys() : await keysOf(key);
  const issuer = new X509Certificate(authority.cert);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [node] }],
    issuer: issuer.subjectName,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + LIFETIME_MS),
    publicKey: keys.publicKey,
    signingKey: (await keysOf(authority.key)).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: serverExtensions(names),
  });
  return { cert: pemOf(certificate), key: key ?? await keyPem(keys.privateKey) };
}

/**
 * The certificate for one pairing, valid for `name`. It vouches for itself, and at any time: what makes it right is its
 * fingerprint, and a clock that is wrong is reported in words.
 */
export async function makeSessionCertificate(name: string): Promise<KeyedCertificate> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    notBefore: new Date(0),
    notAfter: NEVER,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: serverExtensions([name]),
  });
  return { cert: pemOf(certificate), key: await keyPem(keys.privateKey) };
}

/** The names and addresses for which the first certificate in this PEM text is valid. */
export function namesIn(pem: string): string[] {
  const names = new X509Certificate(pem).getExtension(SubjectAlternativeNameExtension)?.names;
  return names?.toJSON().map(({ value }) => value) ?? [];
}

/** The DER of the first certificate in this PEM text. */
export function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new X509Certificate(pem).rawData);
}

/** A certificate in DER as PEM. */
export function pemFrom(der: Uint8Array<ArrayBuffer>): string {
  return pemOf(new X509Certificate(der));
}

function serverExtensions(names: readonly string[]) {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names.map((value): JsonGeneralName => ({
      type: canonicalIp(value) === null ? "dns" : "ip",
      value,
    }))),
  ];
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** The key pair of a private key in PEM. */
async function keysOf(pem: string): Promise<CryptoKeyPair> {
  const { subtle } = crypto;
  const der = PemConverter.decodeFirst(pem);
  const privateKey = await subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
  const { kty, crv, x, y } = await subtle.exportKey("jwk", privateKey);
  const point = { kty, crv, x, y } as JsonWebKey;
  const publicKey = await subtle.importKey("jwk", point, ALGORITHM, true, ["verify"]);
  return { privateKey, publicKey };
}

async function keyPem(key: CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

/** RFC 5280 section 4.1.2.2: positive, unique for its authority, at most 20 octets. */
function newSerial(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[0] = octets[0]! & 0x7f | 0x01;
  return octets.toHex();
}
