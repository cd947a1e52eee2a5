/**
 * A screenshot with at most 256 colours: a third of the size of the browser's own (PNG, third edition, sections 7, 9
 * and 11).
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE_OCTETS = 8;
const MAX_COLOURS = 256;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Takes what Chromium makes: 8 bits a channel, with or without alpha, not interlaced. */
export function smallPng(png: Uint8Array): Buffer {
  const chunks = [...chunksOf(png)];
  const header = Uint8Array.from(chunks[0]!.data);
  const view = new DataView(header.buffer);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const octetsPerPixel = header[9] === 6 ? 4 : 3;
  assert.deepEqual([header[8], header[12]], [8, 0], "8 bits, not interlaced");
  const packed = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  const rows = unfiltered(
    inflateSync(Buffer.concat(packed)),
    width * octetsPerPixel,
    octetsPerPixel,
  );
  const colours = rows.flatMap((row) => coloursOf(row, octetsPerPixel));
  const palette = paletteOf(colours);
  const nearest = new Map<number, number>();
  const image = new Uint8Array(height * (width + 1));
  colours.forEach((colour, index) => {
    if (!nearest.has(colour)) nearest.set(colour, nearestOf(colour, palette));
    // Each row begins with its filter, which stays none.
    image[index + Math.floor(index / width) + 1] = nearest.get(colour)!;
  });
  header[9] = 3;
  return Buffer.concat([
    png.subarray(0, SIGNATURE_OCTETS),
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]))),
    chunk("IDAT", deflateSync(image, { level: 9, memLevel: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

function* chunksOf(png: Uint8Array): Generator<Chunk> {
  const view = new DataView(png.buffer, png.byteOffset);
  for (let at = SIGNATURE_OCTETS; at < png.length;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(png.subarray(at + 4, at + 8));
    yield { type, data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Section 9.2: each octet is what was written plus a guess from its neighbours. */
function unfiltered(data: Uint8Array, rowOctets: number, step: number): Uint8Array[] {
  const rows: Uint8Array[] = [];
  let above = new Uint8Array(rowOctets);
  for (let at = 0; at < data.length; at += rowOctets + 1) {
    const row = data.slice(at + 1, at + 1 + rowOctets);
    for (let i = 0; i < rowOctets; i++) {
      const left = row[i - step] ?? 0;
      row[i]! += guess(data[at]!, left, above[i]!, above[i - step] ?? 0);
    }
    rows.push(row);
    above = row;
  }
  return rows;
}

function guess(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const base = left + up - corner;
  const far = [left, up, corner].map((value) => Math.abs(base - value));
  return far[0]! <= far[1]! && far[0]! <= far[2]! ? left : far[1]! <= far[2]! ? up : corner;
}

function coloursOf(row: Uint8Array, step: number): number[] {
  return Array.from({ length: row.length / step }, (_, pixel) => {
    const at = pixel * step;
    return (row[at]! << 16) | (row[at + 1]! << 8) | row[at + 2]!;
  });
}

/** The most frequent ones: a page has few, and the others are edges of letters. */
function paletteOf(colours: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_COLOURS).map(([colour]) => colour);
}

function nearestOf(colour: number, palette: readonly number[]): number {
  const distance = (other: number) =>
    [16, 8, 0].reduce(
      (sum, bit) => sum + (((colour >> bit) & 255) - ((other >> bit) & 255)) ** 2,
      0,
    );
  return palette.reduce(
    (best, other, index) => distance(other) < distance(palette[best]!) ? index : best,
    0,
  );
}
