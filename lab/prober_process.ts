/**
 * Asks an IPv4 address for an ICMP echo (RFC 792) at a steady beat, and reports when it did not answer; one line of
 * JSON (a `ProberLine`) for each silence that ended and ten times a second. Runs inside the prober's host.
 *
 * The kernel stamps the answers (SO_TIMESTAMPNS, socket(7)), so that a prober that gets no processor for a while still
 * knows when they came.
 *
 * Usage: `deno run --allow-all prober_process.ts ADDRESS EVERY_MICROSECONDS`
 *
 * @module
 */

import { AF_INET, SOCK_NONBLOCK, SOCK_RAW, SOL_SOCKET } from "../src/linux/sys/constants.ts";
import { must } from "../src/linux/sys/errors.ts";
import { Libc } from "../src/linux/sys/libc.ts";
import { ReceivedMessage } from "../src/linux/sys/received_message.ts";
import { parseIp } from "../src/wire/address.ts";
import { internetChecksum } from "../src/wire/checksum.ts";
import type { Span } from "./holders.ts";
import { PAUSE_MS, type ProberLine } from "./prober.ts";
import { PROBE_TIMEOUT_MS, SilenceJudge } from "./silence.ts";
import { clockMs } from "./wait.ts";

const IPPROTO_ICMP = 1;
/** asm-generic/socket.h; the control message has the option's number (socket(7)). */
const SO_TIMESTAMPNS = 35;
const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;

const [address = "", every = "1000"] = Deno.args;
const everyMs = Number(every) / 1000;
const octets = parseIp(address);
if (octets?.length !== 4) throw new TypeError(`Cannot probe ${address}: it is no IPv4 address`);

// nanosleep(2) through usleep(3): Deno's timers are too coarse for a beat of a millisecond.
const sleeper = Deno.dlopen("libc.so.6", { usleep: { parameters: ["u32"], result: "i32" } });
const libc = Libc.open();
const socket = must(
  "prober",
  "socket",
  libc.socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP),
);
must("prober", "setsockopt", libc.setsockoptInt(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1));

// struct sockaddr_in (ip(7)); a raw socket has no port.
const target = new Uint8Array(16);
new DataView(target.buffer).setUint16(0, AF_INET, true);
target.set(octets, 4);

const identifier = Deno.pid & 0xffff;
const message = new ReceivedMessage();
const judge = new SilenceJudge();
const encoder = new TextEncoder();

probe();

function probe(): never {
  let pauses: Span[] = [];
  let lastMs = clockMs();
  let reportedAtMs = 0;
  let dueMs = performance.now();
  for (let sequence = 0;; sequence = (sequence + 1) & 0xffff) {
    const atMs = clockMs();
    if (atMs - lastMs >= PAUSE_MS) pauses.push({ fromMs: lastMs, untilMs: atMs });
    lastMs = atMs;
    judge.sent(sequence, atMs);
    // A result of -errno (no route, no neighbour) means that the probe was not answered.
    libc.sendto(socket, echoRequest(sequence), 0, target);
    receiveAnswers();
    const silences = judge.judge(atMs - PROBE_TIMEOUT_MS);
    if (silences.length > 0 || atMs - reportedAtMs >= 100) {
      reportedAtMs = atMs;
      const { judgedUntilMs, silentSinceMs } = judge;
      tell({ silences, judgedUntilMs, silentSinceMs, pauses });
      pauses = [];
    }
    // Skips a beat that was missed, because a burst would probe the same moment many times.
    dueMs = Math.max(dueMs + everyMs, performance.now() - everyMs);
    const restMs = dueMs - performance.now();
    if (restMs > 0) sleeper.symbols.usleep(Math.floor(restMs * 1000));
  }
}

function echoRequest(sequence: number): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  view.setUint8(0, ECHO_REQUEST);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  view.setUint16(2, internetChecksum(octets));
  return octets;
}

function receiveAnswers(): void {
  while (message.receive(libc, socket) > 0) {
    const { payload } = message;
    const icmp = payload.subarray((payload[0]! & 0x0f) * 4);
    if (icmp.length < 8 || icmp[0] !== ECHO_REPLY) continue;
    const view = new DataView(icmp.buffer, icmp.byteOffset, icmp.length);
    if (view.getUint16(4) === identifier) judge.answered(view.getUint16(6), arrivedAtMs());
  }
}

/** Converts struct timespec of the real-time clock to the lab's milliseconds. */
function arrivedAtMs(): number {
  const stamp = message.control(SOL_SOCKET, SO_TIMESTAMPNS);
  if (stamp === null) return clockMs();
  const view = new DataView(stamp.buffer, stamp.byteOffset, 16);
  return Number(view.getBigInt64(0, true)) * 1000 + Number(view.getBigInt64(8, true)) / 1e6;
}

function tell(line: ProberLine): void {
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
}
