/**
 * As much of HTTP/2 as one question without TLS takes: the client's beginning, one request, the status of its answer
 * (RFC 9113, RFC 7541). All other fields of the answer stay unread.
 *
 * @module
 */

import { concatenate } from "../wire/octets.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** Length, type, flags and stream, RFC 9113 section 4.1. */
const HEAD_OCTETS = 9;
/** A client that has said nothing else takes no more, section 6.5.2. */
const MAX_FRAME_OCTETS = 16_384;
/** The stream of the first request. */
const STREAM = 1;
const FRAME = { headers: 1, resetStream: 3, settings: 4, goAway: 7 } as const;
const FLAG = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** The entries of the static table with a status, RFC 7541 appendix A. */
const STATIC_STATUS: ReadonlyMap<number, number> = new Map(
  [200, 204, 206, 304, 400, 404, 500].map((status, index) => [8 + index, status]),
);
const STATUS_INDICES = { first: 8, last: 14 } as const;

/** Whether a server begins as one of HTTP/2: with its settings. Unknown, `null`, until the type of the frame is there. */
export function beginsWithSettings(octets: Uint8Array): boolean | null {
  if (octets.length < 4) {
    return octets.every((octet, index) => index > 0 || octet === 0) ? null : false;
  }
  return octets[0] === 0 && octets[3] === FRAME.settings;
}

/** A client sends this for one GET: preface, its settings, its word on the server's, and the request. */
export function http2Get(
  { authority, path, userAgent }: {
    readonly authority: string;
    readonly path: string;
    readonly userAgent: string;
  },
): Uint8Array<ArrayBuffer> {
  const fields = [
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", authority],
    [":path", path],
    ["user-agent", userAgent],
    ["accept", "*/*"],
  ] as const;
  return concatenate([
    new TextEncoder().encode(PREFACE),
    frame(FRAME.settings, 0, 0, new Uint8Array()),
    frame(FRAME.settings, FLAG.ack, 0, new Uint8Array()),
    frame(
      FRAME.headers,
      FLAG.endHeaders | FLAG.endStream,
      STREAM,
      concatenate(fields.map(([name, value]) => literal(name, value))),
    ),
  ]);
}

/** Takes the octets of a server in pieces of any size. */
export class Http2StatusReader {
  #octets = new Uint8Array();

  /**
   * The status of the answer; `null` until it is there.
   *
   * @throws {Error} if this is no HTTP/2, or none of an answer.
   */
  push(octets: Uint8Array): number | null {
    this.#octets = concatenate([this.#octets, octets]);
    while (this.#octets.length >= HEAD_OCTETS) {
      const view = new DataView(this.#octets.buffer, this.#octets.byteOffset);
      const length = view.getUint32(0) >>> 8;
      if (length > MAX_FRAME_OCTETS) throw new Error("a frame of its HTTP/2 is too long");
      if (this.#octets.length < HEAD_OCTETS + length) return null;
      const [type, flags] = [view.getUint8(3), view.getUint8(4)];
      const content = this.#octets.subarray(HEAD_OCTETS, HEAD_OCTETS + length);
      this.#octets = this.#octets.subarray(HEAD_OCTETS + length);
      if (type === FRAME.resetStream || type === FRAME.goAway) {
        throw new Error("it ends the HTTP/2 without an answer");
      }
      if (type !== FRAME.headers) continue;
      const status = statusOf(fragmentOf(content, flags));
      // Interim answers come before it, RFC 9110 section 15.2.
      if (status >= 200) return status;
    }
    return null;
  }
}

/** Section 6.2: what padding and priority leave of a frame. */
function fragmentOf(content: Uint8Array, flags: number): Uint8Array {
  const isPadded = (flags & FLAG.padded) !== 0;
  const start = (isPadded ? 1 : 0) + ((flags & FLAG.priority) !== 0 ? 5 : 0);
  return content.subarray(start, content.length - (isPadded ? content[0] ?? 0 : 0));
}

/** The status is the first field of an answer: names with a colon come first, and there is no other (section 8.3.2). */
function statusOf(fragment: Uint8Array): number {
  let at = 0;
  // A new size of the table may come before it; it is of one octet or continues in others, RFC 7541 sections 5.1 and 6.3.
  while (((fragment[at] ?? 0) & 0xe0) === 0x20) {
    const goesOn = (fragment[at++]! & 0x1f) === 0x1f;
    while (goesOn && ((fragment[at++] ?? 0) & 0x80) !== 0);
  }
  const first = fragment[at] ?? 0;
  if ((first & 0x80) !== 0) {
    const status = STATIC_STATUS.get(first & 0x7f);
    if (status !== undefined) return status;
  } else {
    const index = (first & 0x40) !== 0 ? first & 0x3f : first & 0x0f;
    const length = fragment[at + 1] ?? 0;
    const value = fragment.subarray(at + 2, at + 2 + (length & 0x7f));
    const text = (length & 0x80) !== 0 ? digitsOf(value) : new TextDecoder().decode(value);
    const isStatus = index >= STATUS_INDICES.first && index <= STATUS_INDICES.last;
    if (isStatus && /^[1-9]\d\d$/.test(text)) return Number(text);
  }
  throw new Error("its HTTP/2 answer has no status");
}

/** Digits in the code of RFC 7541 appendix B: 0 to 2 have five bits, the others six; ones fill the last octet. */
function digitsOf(octets: Uint8Array): string {
  let bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, "0")).join("");
  let text = "";
  while (bits.length >= 5) {
    const [five, six] = [parseInt(bits.slice(0, 5), 2), parseInt(bits.slice(0, 6), 2)];
    if (five <= 2) text += five;
    else if (bits.length >= 6 && six >= 25 && six <= 31) text += six - 22;
    else break;
    bits = bits.slice(five <= 2 ? 5 : 6);
  }
  return text;
}

function frame(type: number, flags: number, stream: number, content: Uint8Array): Uint8Array {
  const head = new Uint8Array(HEAD_OCTETS);
  const view = new DataView(head.buffer);
  view.setUint32(0, (content.length << 8) | type);
  view.setUint8(4, flags);
  view.setUint32(5, stream);
  return concatenate([head, content]);
}

/** A field that no table keeps, RFC 7541 section 6.2.2. */
function literal(name: string, value: string): Uint8Array {
  return concatenate([Uint8Array.of(0), text(name), text(value)]);
}

/** Without Huffman's code; lengths of 127 and more continue in further octets, section 5.1. */
function text(words: string): Uint8Array {
  const octets = new TextEncoder().encode(words);
  if (octets.length < 127) return concatenate([Uint8Array.of(octets.length), octets]);
  const length = [127];
  let rest = octets.length - 127;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return concatenate([Uint8Array.from([...length, rest]), octets]);
}
