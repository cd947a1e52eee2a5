/**
 * The line by which a second node finds and trusts the first one: where it listens, a secret that is good for one use,
 * and the SHA-256 of the certificate that it shows there.
 *
 * @module
 */

import { readListenAddress } from "../config/values/values.ts";

/** Octets of the secret: 128 bits, which nobody guesses, online or offline. */
export const SECRET_OCTETS = 16;
const FINGERPRINT_OCTETS = 32;

/** The beginning of each line: its name, and the version of the rest. */
const BEGINNING = "vipd-pair/1";

export interface PairLine {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  readonly secret: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the certificate in DER. */
  readonly fingerprint: Uint8Array<ArrayBuffer>;
}

/** `vipd-pair/1/192.168.31.11:9112/SECRET/FINGERPRINT`, without a blank, so that one click selects it. */
export function formatPairLine({ host, port, secret, fingerprint }: PairLine): string {
  return [BEGINNING, hostPort(host, port), base64url(secret), base64url(fingerprint)].join("/");
}

/** Characters that mails and chats put around a line. */
const AROUND = /^[\s"'`<“”„‘’«»]+|[\s"'`>“”„‘’«»]+$/gu;

/** The line in what a person has pasted, or one sentence about what is wrong with it; never quotes it. */
export function readPairLine(text: string): PairLine | string {
  const line = text.replace(AROUND, "");
  if (line === "") return "nothing was pasted";
  const parts = /^vipd-pair\/(\d+)\/([^/\s]+)\/([\w-]+)\/([\w-]+)$/.exec(line);
  if (!parts) return "this is not the whole line that vipd pair printed on the other node";
  const [, version, place, secretText, fingerprintText] = parts;
  if (`vipd-pair/${version}` !== BEGINNING) {
    return "the line is of another version of vipd: install the same one on both nodes";
  }
  const address = readListenAddress(place!);
  const secret = octetsOf(secretText!, SECRET_OCTETS);
  const fingerprint = octetsOf(fingerprintText!, FINGERPRINT_OCTETS);
  if (!address.ok || address.value.kind !== "tcp" || !secret || !fingerprint) {
    return "the line is damaged: copy the whole of it again";
  }
  return { host: address.value.host, port: address.value.port, secret, fingerprint };
}

/** `192.168.31.11:9112`, `[fd00::11]:9112`. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function base64url(octets: Uint8Array): string {
  return octets.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** `null` unless the text stands for exactly so many octets. */
function octetsOf(text: string, count: number): Uint8Array<ArrayBuffer> | null {
  try {
    const octets = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return octets.length === count ? octets : null;
  } catch {
    return null;
  }
}
