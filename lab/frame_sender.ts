/**
 * Sends Ethernet frames at a given rate, past the IP layer (packet(7)) and many in one system call (sendmmsg(2)).
 *
 * @module
 */

import { AF_PACKET, SOCK_RAW } from "../src/linux/sys/constants.ts";
import { must } from "../src/linux/sys/errors.ts";
import { Libc } from "../src/linux/sys/libc.ts";
import type { FloodReport } from "./flood.ts";

/** struct mmsghdr: struct msghdr of 56 octets, the length sent, padding. */
const MMSGHDR_OCTETS = 64;
const IOVEC_OCTETS = 16;
const BATCH = 64;

const native = Deno.dlopen("libc.so.6", {
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  usleep: { parameters: ["u32"], result: "i32" },
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
});

/** Sends the frames in turn, again and again, until the time is over. Nothing else runs meanwhile. */
export function sendFrames(
  device: string,
  frames: readonly Uint8Array<ArrayBuffer>[],
  perSecond: number,
  durationMs: number,
): FloodReport {
  const socket = openSocket(device);
  const cycle = repeated(frames, BATCH);
  const headers = headersOf(cycle);
  const startedMs = performance.now();
  let sent = 0;
  while (true) {
    const passedMs = performance.now() - startedMs;
    if (passedMs >= durationMs) return { sent, tookMs: passedMs };
    const due = Math.floor(passedMs * perSecond / 1000) - sent;
    if (due <= 0) {
      native.symbols.usleep(200);
      continue;
    }
    const from = sent % cycle.length;
    const count = native.symbols.sendmmsg(
      socket,
      headers.subarray(from * MMSGHDR_OCTETS),
      Math.min(due, BATCH, cycle.length - from),
      0,
    );
    if (count > 0) sent += count;
  }
}

function openSocket(device: string): number {
  const socket = must("flood", "socket", Libc.open().socket(AF_PACKET, SOCK_RAW, 0));
  // struct sockaddr_ll (packet(7)); protocol 0: the socket receives nothing.
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setInt32(
    4,
    native.symbols.if_nametoindex(new TextEncoder().encode(`${device}\0`)),
    true,
  );
  must("flood", "bind", Libc.open().bind(socket, address));
  return socket;
}

/** The list, repeated until it has at least `least` elements: one system call sends a whole batch. */
function repeated<T>(list: readonly T[], least: number): T[] {
  return Array.from({ length: Math.ceil(least / list.length) }, () => list).flat();
}

/**
 * A header for each frame and, after them in the same buffer, the vectors that the headers point to. The vectors point
 * to the frames, so a caller that keeps the buffer must keep these, too.
 */
function headersOf(frames: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const vectorsFrom = frames.length * MMSGHDR_OCTETS;
  const headers = new Uint8Array(vectorsFrom + frames.length * IOVEC_OCTETS);
  const [view, pointer] = [new DataView(headers.buffer), pointerTo(headers)];
  for (const [at, frame] of frames.entries()) {
    const vectorAt = vectorsFrom + at * IOVEC_OCTETS;
    view.setBigUint64(vectorAt, pointerTo(frame), true);
    view.setBigUint64(vectorAt + 8, BigInt(frame.length), true);
    const headerAt = at * MMSGHDR_OCTETS;
    view.setBigUint64(headerAt + 16, pointer + BigInt(vectorAt), true);
    view.setBigUint64(headerAt + 24, 1n, true);
  }
  return headers;
}

function pointerTo(octets: Uint8Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(octets)));
}
