/**
 * The certificates of a pair (RFC 5280). Each node has an authority of its own, which signs one certificate: that of its
 * API. The other node trusts the authority, which never ends, so a node can renew its certificate without asking anybody.
 *
 * Keys are ECDSA on P-256, which every client has.
 *
 * @module
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from "node:crypto";
import { formatIp, parseIp } from "../wire/address.ts";
import {
  bitString,
  context,
  contextPrimitive,
  element,
  elements,
  integer,
  oid,
  sequence,
  TAG,
  time,
} from "../wire/der.ts";

type Octets = Uint8Array<ArrayBuffer>;

const DAY_MS = 86_400_000;
/** How long the API's certificate lasts. */
export const LIFETIME_MS = 365 * DAY_MS;
/** How long before it is made a certificate begins, for a node whose clock is late. */
export const BACKDATED_MS = DAY_MS;
/** RFC 5280 section 4.1.2.5: no well-defined end. */
const NEVER_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

const COMMON_NAME = oid("2.5.4.3");
/** ecdsa-with-SHA256, RFC 5758 section 3.2. */
const ALGORITHM = sequence(oid("1.2.840.10045.4.3.2"));
const ALT_NAME = oid("2.5.29.17");
const SERVER_AUTH = oid("1.3.6.1.5.5.7.3.1");
/** Bits of KeyUsage, RFC 5280 section 4.2.1.3. */
const DIGITAL_SIGNATURE = bitString(Uint8Array.of(0x80), 7);
const KEY_CERT_SIGN = bitString(Uint8Array.of(0x04), 2);
/** Choices of GeneralName, RFC 5280 section 4.2.1.6. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;
/** The number of the extensions' field in TBSCertificate, and its tag. */
const EXTENSIONS = 3;
const EXTENSIONS_TAG = 0xa3;
/** The places of the subject and its key in TBSCertificate. */
const SUBJECT = 5;
const PUBLIC_KEY = 6;

/** A certificate and its private key, in PEM (PKCS #8). */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

interface Terms {
  readonly issuer: Octets;
  readonly subject: Octets;
  readonly fromMs: number;
  readonly toMs: number;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Octets;
  readonly extensions: readonly Octets[];
}

/** A new authority of this node. It is valid at any time: nothing replaces one that was made by a wrong clock. */
export function makeAuthority(node: string): KeyedCertificate {
  const key = newKey();
  const [name, publicKey] = [nameOf(`vipd ${node}`), publicKeyOf(key)];
  const extensions = [
    // It signs certificates of servers, and no further authority.
    extension("2.5.29.19", sequence(element(TAG.boolean, Uint8Array.of(0xff)), integer(0)), true),
    extension("2.5.29.15", KEY_CERT_SIGN, true),
    extension("2.5.29.14", element(TAG.octetString, keyIdOf(publicKey))),
  ];
  const span = { fromMs: 0, toMs: NEVER_MS };
  const cert = signed({ issuer: name, subject: name, ...span, publicKey, extensions }, key);
  return { cert, key };
}

/**
 * The certificate of the API of `node`, valid for these names and addresses.
 *
 * @param key the private key to keep, in PEM; a new one is made without it.
 */
export function issueCertificate(
  authority: KeyedCertificate,
  { node, names, nowMs, key = newKey() }: {
    readonly node: string;
    readonly names: readonly string[];
    readonly nowMs: number;
    readonly key?: string;
  },
): KeyedCertificate {
  const issuer = fieldsOf(authority.cert);
  const cert = signed({
    issuer: issuer[SUBJECT]!.whole,
    subject: nameOf(node),
    fromMs: nowMs - BACKDATED_MS,
    toMs: nowMs + LIFETIME_MS,
    publicKey: publicKeyOf(key),
    extensions: [
      ...serverExtensions(names),
      extension("2.5.29.35", sequence(contextPrimitive(0, keyIdOf(issuer[PUBLIC_KEY]!.whole)))),
    ],
  }, authority.key);
  return { cert, key };
}

/**
 * The certificate for one pairing, valid for `name`. It vouches for itself, and at any time: what makes it right is its
 * fingerprint, and a clock that is wrong is reported in words.
 */
export function makeSessionCertificate(name: string): KeyedCertificate {
  const key = newKey();
  const own = nameOf(name);
  const cert = signed({
    ...{ issuer: own, subject: own, fromMs: 0, toMs: NEVER_MS },
    ...{ publicKey: publicKeyOf(key), extensions: serverExtensions([name]) },
  }, key);
  return { cert, key };
}

/** The names and addresses for which the first certificate in this PEM text is valid. */
export function namesIn(pem: string): string[] {
  const field = fieldsOf(pem).find(({ tag }) => tag === EXTENSIONS_TAG);
  const all = field ? elements(elements(field.content)[0]!.content) : [];
  const names = all.map(({ content }) => elements(content))
    .find(([id]) => Uint8Array.from(id!.whole).toHex() === ALT_NAME.toHex())?.at(-1);
  if (!names) return [];
  return elements(elements(names.content)[0]!.content).flatMap(({ tag, content }) =>
    (tag & 0x1f) === IP_ADDRESS
      ? [formatIp(content)]
      : (tag & 0x1f) === DNS_NAME
      ? [new TextDecoder().decode(content)]
      : []
  );
}

/** The DER of the first certificate in this PEM text. */
export function derOf(pem: string): Octets {
  const [, base64 = ""] = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(pem) ?? [];
  return Uint8Array.fromBase64(base64);
}

/** A certificate in DER as PEM (RFC 7468). */
export function pemFrom(der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** RFC 5280 section 4.1. */
function signed({ issuer, subject, fromMs, toMs, publicKey, extensions }: Terms, key: string) {
  const body = sequence(
    context(0, integer(2)),
    integer(...newSerial()),
    ...[ALGORITHM, issuer, sequence(time(fromMs), time(toMs)), subject, publicKey],
    context(EXTENSIONS, sequence(...extensions)),
  );
  return pemFrom(sequence(body, ALGORITHM, bitString(sign("sha256", body, key))));
}

function serverExtensions(names: readonly string[]): Octets[] {
  const all = names.map((name) => {
    const address = parseIp(name);
    return address === null
      ? contextPrimitive(DNS_NAME, new TextEncoder().encode(name))
      : contextPrimitive(IP_ADDRESS, address);
  });
  return [
    extension("2.5.29.19", sequence(), true),
    extension("2.5.29.15", DIGITAL_SIGNATURE, true),
    extension("2.5.29.37", sequence(SERVER_AUTH)),
    sequence(ALT_NAME, element(TAG.octetString, sequence(...all))),
  ];
}

function extension(id: string, value: Octets, critical = false): Octets {
  const flag = critical ? [element(TAG.boolean, Uint8Array.of(0xff))] : [];
  return sequence(oid(id), ...flag, element(TAG.octetString, value));
}

/** The fields of a certificate's TBSCertificate. */
function fieldsOf(pem: string) {
  const [certificate] = elements(derOf(pem));
  const [body] = elements(certificate!.content);
  return elements(body!.content);
}

function nameOf(commonName: string): Octets {
  const text = element(TAG.utf8String, new TextEncoder().encode(commonName));
  return sequence(element(TAG.set, sequence(COMMON_NAME, text)));
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

function publicKeyOf(key: string): Octets {
  const publicKey = createPublicKey(createPrivateKey(key));
  return new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
}

/** RFC 7093 section 2, method 4. */
function keyIdOf(publicKey: Uint8Array): Octets {
  return new Uint8Array(createHash("sha256").update(publicKey).digest().subarray(0, 20));
}

/** RFC 5280 section 4.1.2.2: positive, unique for its authority, at most 20 octets. */
function newSerial(): Octets {
  return new Uint8Array(randomBytes(16));
}
