/**
 * Sends packets that do not belong to a pair, at a given rate, past the IP layer (packet(7)) and many in one system
 * call (sendmmsg(2)). Ends when it has sent them all, with one line of JSON (a `FloodReport`).
 *
 * Usage: `deno run --allow-all flood_process.ts DEVICE PACKETS_PER_SECOND MILLISECONDS VRID`
 *
 * @module
 */

import { AF_PACKET, SOCK_RAW } from "../src/linux/constants.ts";
import { must } from "../src/linux/errors.ts";
import { Libc } from "../src/linux/libc.ts";
import type { FloodReport } from "./flood.ts";
import { floodFrames } from "./flood_packets.ts";

/** struct mmsghdr: struct msghdr of 56 octets, the length sent, padding. */
const MMSGHDR_OCTETS = 64;
const IOVEC_OCTETS = 16;
const BATCH = 64;

const [device = "", rate, duration, vrid] = Deno.args;
const perMs = Number(rate) / 1000;
const durationMs = Number(duration);

const native = Deno.dlopen("libc.so.6", {
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  usleep: { parameters: ["u32"], result: "i32" },
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
});
const libc = Libc.open();
const socket = must("flood", "socket", libc.socket(AF_PACKET, SOCK_RAW, 0));

// struct sockaddr_ll (packet(7)); protocol 0: the socket receives nothing.
const address = new Uint8Array(20);
const addressView = new DataView(address.buffer);
addressView.setUint16(0, AF_PACKET, true);
addressView.setInt32(
  4,
  native.symbols.if_nametoindex(new TextEncoder().encode(`${device}\0`)),
  true,
);
must("flood", "bind", libc.bind(socket, address));

const frames = floodFrames(Number(vrid)).map(({ frame }) => frame);
// The kernel reads what the headers point to: it must stay as long as the sending lasts.
const vectors = new Uint8Array(BATCH * IOVEC_OCTETS);
const messages = batchOf(frames);
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(flood()) + "\n"));

function flood(): FloodReport {
  const startedMs = performance.now();
  let sent = 0;
  while (true) {
    const passedMs = performance.now() - startedMs;
    if (passedMs >= durationMs) return { sent, tookMs: passedMs };
    const due = Math.floor(passedMs * perMs) - sent;
    if (due <= 0) {
      native.symbols.usleep(200);
      continue;
    }
    const count = native.symbols.sendmmsg(socket, messages, Math.min(due, BATCH), 0);
    if (count > 0) sent += count;
  }
}

/** The headers of a batch, which go round the frames. */
function batchOf(frames: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const headers = new Uint8Array(BATCH * MMSGHDR_OCTETS);
  const [vectorView, headerView] = [new DataView(vectors.buffer), new DataView(headers.buffer)];
  const vectorsAt = pointerTo(vectors);
  for (let at = 0; at < BATCH; at++) {
    const frame = frames[at % frames.length]!;
    vectorView.setBigUint64(at * IOVEC_OCTETS, pointerTo(frame), true);
    vectorView.setBigUint64(at * IOVEC_OCTETS + 8, BigInt(frame.length), true);
    headerView.setBigUint64(
      at * MMSGHDR_OCTETS + 16,
      vectorsAt + BigInt(at * IOVEC_OCTETS),
      true,
    );
    headerView.setBigUint64(at * MMSGHDR_OCTETS + 24, 1n, true);
  }
  return headers;
}

function pointerTo(octets: Uint8Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(octets)));
}
