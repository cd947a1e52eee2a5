/**
 * Asks which host has the last of some addresses, and one of all of them in turn, every millisecond, and records what
 * it learns; one line of JSON (an `ArpClientLine`) ten times a second. Runs inside the client's host.
 *
 * The kernel stamps what arrives (SO_TIMESTAMPNS, socket(7)), so that a client that gets no processor for a while still
 * knows when it came.
 *
 * Usage: `deno run --allow-all arp_client_process.ts DEVICE ADDRESS...`
 *
 * @module
 */

import { enlargeReceiveBuffer } from "../src/linux/sys/socket_options.ts";
import { AF_PACKET, SOCK_NONBLOCK, SOCK_RAW, SOL_SOCKET } from "../src/linux/sys/constants.ts";
import { must } from "../src/linux/sys/errors.ts";
import { Libc } from "../src/linux/sys/libc.ts";
import { linkAddress } from "../src/linux/sys/frame_sender.ts";
import { ReceivedMessage } from "../src/linux/sys/received_message.ts";
import { formatMac, type MacAddress } from "../src/wire/address.ts";
import { decodeArpSender, encodeArpProbe, ETHERTYPE_ARP } from "../src/wire/arp.ts";
import type { ArpChange, ArpClientLine } from "./arp_client.ts";
import { clockMs } from "./wait.ts";

/** asm-generic/socket.h; the control message has the option's number (socket(7)). */
const SO_TIMESTAMPNS = 35;
const EVERY_MS = 1;
const LINE_MS = 100;
/** Room for hundreds of announcements within a millisecond. */
const BUFFER_OCTETS = 4_000_000;

const [device = "", ...addresses] = Deno.args;
// nanosleep(2) through usleep(3): Deno's timers are too coarse for a beat of a millisecond.
const native = Deno.dlopen("libc.so.6", {
  usleep: { parameters: ["u32"], result: "i32" },
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
});
const libc = Libc.open();
const socket = must("ARP client", "socket", libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0));
must("ARP client", "setsockopt", libc.setsockoptInt(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1));
enlargeReceiveBuffer(libc, socket, BUFFER_OCTETS);
const index = native.symbols.if_nametoindex(new TextEncoder().encode(`${device}\0`));
must(
  "ARP client",
  "bind",
  libc.bind(socket, linkAddress(index, ETHERTYPE_ARP, new Uint8Array())),
);

const mac = Deno.networkInterfaces().find(({ name }) => name === device)?.mac;
if (mac === undefined) throw new TypeError(`There is no interface ${device}`);
const own: MacAddress = Uint8Array.from(mac.split(":"), (octet) => Number.parseInt(octet, 16));
const questions = addresses.map((address) => encodeArpProbe(address, own));
const believed = new Map<string, string>(addresses.map((address) => [address, ""]));
const message = new ReceivedMessage();
const encoder = new TextEncoder();

ask();

function ask(): never {
  let changes: ArpChange[] = [];
  let reportedAtMs = 0;
  let dueMs = performance.now();
  for (let turn = 0;; turn++) {
    const atMs = clockMs();
    libc.write(socket, questions.at(-1)!);
    libc.write(socket, questions[turn % questions.length]!);
    changes.push(...learned());
    if (atMs - reportedAtMs >= LINE_MS) {
      reportedAtMs = atMs;
      tell({ changes, untilMs: atMs });
      changes = [];
    }
    // Skips a beat that was missed.
    dueMs = Math.max(dueMs + EVERY_MS, performance.now() - EVERY_MS);
    const restMs = dueMs - performance.now();
    if (restMs > 0) native.symbols.usleep(Math.floor(restMs * 1000));
  }
}

/** Updates the belief by what has arrived. */
function learned(): ArpChange[] {
  const changes: ArpChange[] = [];
  while (message.receive(libc, socket) > 0) {
    const sender = decodeArpSender(message.payload);
    const before = sender === null ? undefined : believed.get(sender.address);
    if (sender === null || before === undefined) continue;
    const mac = formatMac(sender.mac);
    if (mac === before) continue;
    believed.set(sender.address, mac);
    changes.push({ atMs: arrivedAtMs(), address: sender.address, mac });
  }
  return changes;
}

/** Converts struct timespec of the real-time clock to the lab's milliseconds. */
function arrivedAtMs(): number {
  const stamp = message.control(SOL_SOCKET, SO_TIMESTAMPNS);
  if (stamp === null) return clockMs();
  const view = new DataView(stamp.buffer, stamp.byteOffset, 16);
  return Number(view.getBigInt64(0, true)) * 1000 + Number(view.getBigInt64(8, true)) / 1e6;
}

function tell(line: ArpClientLine): void {
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
}
