/**
 * Answers of a malicious web server: each is endless, or as large, or as slow as it can be.
 *
 * @module
 */

import { sleep } from "../wait.ts";

/** The octets of an answer, in the pieces in which the server writes them. */
export type Answer = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const PIECE_OCTETS = 64 * 1024;
const GIGABYTE = 1_000_000_000;
const BRACKETS = 4 * 1024 * 1024;
const OBJECTS = 1_300_000;

/** By name; each call makes the answer for one connection. */
export const ANSWERS = {
  /** Interim answers for ever, as short as possible. */
  interim: () => endless("HTTP/1.1 100\n\n"),
  interim_with_headers: () =>
    endless("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\nX-A: b\r\n\r\n"),
  /** One chunk whose extensions (RFC 9112 section 7.1.1) never end. */
  chunk_extensions: () =>
    after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", endless("a=b;")),
  gigabyte: () =>
    after(`HTTP/1.1 200 OK\r\nContent-Length: ${GIGABYTE}\r\n\r\n`, limited("x", GIGABYTE)),
  /** One octet a second: the whole head takes most of a minute. */
  trickle: () => trickle("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: slow\r\n\r\nok"),
  redirect: () => [octets("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")],
  /** JSON that opens four million brackets and closes none. */
  brackets: () => after(jsonHead(BRACKETS), limited("[", BRACKETS)),
  /** JSON of vipd's own shape with far too many instances, each of which lacks everything. */
  objects: () => [octets(jsonHead(OBJECT_TEXT.length) + OBJECT_TEXT)],
} as const satisfies Record<string, () => Answer>;

/** The name of an answer. */
export type AnswerName = keyof typeof ANSWERS;

const OBJECT_TEXT = `{"node":"lb02","version":"0.1.0","instances":[${
  "{},".repeat(OBJECTS - 1)
}{}]}`;

function jsonHead(length: number): string {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n" +
    `Content-Length: ${length}\r\n\r\n`;
}

function* endless(text: string): Iterable<Uint8Array> {
  const piece = octets(text.repeat(Math.ceil(PIECE_OCTETS / text.length)));
  while (true) yield piece;
}

function* limited(character: string, length: number): Iterable<Uint8Array> {
  const piece = octets(character.repeat(PIECE_OCTETS));
  for (let left = length; left > 0; left -= piece.length) yield piece.subarray(0, left);
}

function* after(head: string, rest: Iterable<Uint8Array>): Iterable<Uint8Array> {
  yield octets(head);
  yield* rest;
}

async function* trickle(text: string): AsyncIterable<Uint8Array> {
  for (const octet of octets(text)) {
    yield Uint8Array.of(octet);
    await sleep(1000);
  }
}

function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
