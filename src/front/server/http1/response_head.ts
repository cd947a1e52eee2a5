/**
 * The head of an answer (RFC 9112 sections 4 to 6, RFC 9110 section 6.6.1).
 *
 * @module
 */

import { reasonPhrase } from "../../../api/reason_phrases.ts";

/** How the client recognizes the end of an answer's content. */
export type Framing =
  /** The status or the method implies that there is none. */
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly octets: number }
  | { readonly kind: "chunked" }
  /** The end of the connection. */
  | { readonly kind: "close" };

/** Fields that the server sets, not the application. */
const OWN_FIELDS: ReadonlySet<string> = new Set(
  ["connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"],
);

/**
 * The head as text.
 *
 * @param connection the value of the Connection field; `null` if the version implies it.
 * @param date IMF-fixdate.
 */
export function responseHead(
  { status, headers }: Response,
  framing: Framing,
  connection: "close" | "keep-alive" | null,
  date: string,
): string {
  let text = `HTTP/1.1 ${status} ${reasonPhrase(status) ?? ""}\r\n`;
  headers.forEach((value, name) => {
    if (!OWN_FIELDS.has(name)) text += `${name}: ${value}\r\n`;
  });
  if (framing.kind === "length") text += `content-length: ${framing.octets}\r\n`;
  if (framing.kind === "chunked") text += "transfer-encoding: chunked\r\n";
  if (connection !== null) text += `connection: ${connection}\r\n`;
  return `${text}date: ${date}\r\n\r\n`;
}

/** Octets of a head, with room for `extra` octets after it. Fields of an answer are Latin-1. */
export function headOctets(text: string, extra: number): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(text.length + extra);
  const { read, written } = ENCODER.encodeInto(text, octets);
  if (read !== text.length || written !== text.length) {
    for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
  }
  return octets;
}

const ENCODER = new TextEncoder();

/** A chunk of a chunked body (RFC 9112 section 7.1). */
export function chunkOctets(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = `${content.length.toString(16)}\r\n`;
  const octets = headOctets(size, content.length + 2);
  octets.set(content, size.length);
  octets.set(LINE_END, size.length + content.length);
  return octets;
}

const LINE_END = ENCODER.encode("\r\n");

/** The end of a chunked body. */
export const LAST_CHUNK: Uint8Array<ArrayBuffer> = ENCODER.encode("0\r\n\r\n");

/** Makes a client send the body that it holds back. */
export const CONTINUE: Uint8Array<ArrayBuffer> = ENCODER.encode("HTTP/1.1 100 Continue\r\n\r\n");

let dateSecond = 0;
let dateText = "";

/** The time as an IMF-fixdate (RFC 9110 section 5.6.7), made once a second. */
export function httpDate(wallClockMs: number): string {
  const second = Math.floor(wallClockMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
