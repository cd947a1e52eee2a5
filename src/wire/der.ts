/**
 * DER (X.690 section 10): the octets of certificates, as far as vipd writes and reads them.
 *
 * @module
 */

type Octets = Uint8Array<ArrayBuffer>;

/** Tags of X.690 section 8. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** From this number on, a tag is of the context (class 10), primitive; 0x20 more makes it constructed. */
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

/** One element: its tag, its content, and all of its octets. */
export interface DerElement {
  readonly tag: number;
  readonly content: Octets;
  readonly whole: Octets;
}

/** An element with this content. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Octets {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return joined([Uint8Array.of(tag, ...lengthOctets(length)), ...contents]);
}

export function sequence(...contents: readonly Uint8Array[]): Octets {
  return element(TAG.sequence, ...contents);
}

/** `[number]`, around one element (explicit) or several. */
export function context(number: number, ...contents: readonly Uint8Array[]): Octets {
  return element(CONTEXT | CONSTRUCTED | number, ...contents);
}

/** `[number]` in the place of a primitive type's tag (implicit). */
export function contextPrimitive(number: number, content: Uint8Array): Octets {
  return element(CONTEXT | number, content);
}

/** A positive INTEGER of these octets, the most significant first. */
export function integer(...octets: readonly number[]): Octets {
  const first = octets.findIndex((octet) => octet !== 0);
  const digits = first < 0 ? [0] : octets.slice(first);
  return element(TAG.integer, Uint8Array.of(...digits[0]! >= 0x80 ? [0] : [], ...digits));
}

/** OBJECT IDENTIFIER: `2.5.29.17`. */
export function oid(dotted: string): Octets {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  return element(TAG.oid, Uint8Array.of(first! * 40 + second!, ...rest.flatMap(base128)));
}

/** BIT STRING, of whose last octet so many bits do not count. */
export function bitString(content: Uint8Array, unusedBits = 0): Octets {
  return element(TAG.bitString, Uint8Array.of(unusedBits), content);
}

/** Time as RFC 5280 section 4.1.2.5 wants it: UTCTime until 2049, GeneralizedTime from then on. */
export function time(ms: number): Octets {
  const date = new Date(ms);
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  const utc = date.getUTCFullYear() < 2050;
  return element(
    utc ? TAG.utcTime : TAG.generalizedTime,
    new TextEncoder().encode(utc ? text.slice(2) : text),
  );
}

/** The elements that these octets are. Throws a RangeError if they are none. */
export function elements(octets: Octets): DerElement[] {
  const found: DerElement[] = [];
  for (let at = 0; at < octets.length;) {
    const tag = octets[at]!;
    const first = octets[at + 1] ?? 0;
    const more = first < 0x80 ? 0 : first & 0x7f;
    const digits = octets.subarray(at + 2, at + 2 + more);
    const length = more === 0 ? first : digits.reduce((sum, digit) => sum * 256 + digit, 0);
    const begin = at + 2 + more;
    if (more > 4 || begin + length > octets.length) throw new RangeError("no DER");
    found.push({
      tag,
      content: octets.subarray(begin, begin + length),
      whole: octets.subarray(at, begin + length),
    });
    at = begin + length;
  }
  return found;
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return [0x80 | digits.length, ...digits];
}

function base128(number: number): number[] {
  const digits = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) digits.unshift(rest & 0x7f | 0x80);
  return digits;
}

function joined(parts: readonly Uint8Array[]): Octets {
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
