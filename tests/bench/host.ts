/**
 * What the host costs: how late timers and wakes are, how long an advert takes to its handler, an address to its
 * interface, a process's death to its watcher. Runs in a network namespace of its own.
 *
 * Usage: `deno run -A tests/bench/host.ts`
 *
 * @module
 */

import { isHostError } from "../../src/host/errors.ts";
import type { LinuxHost } from "../../src/linux/host.ts";
import { encodeIpv4Datagram } from "../../src/wire/ipv4.ts";
import { delay, ip, openHost, until } from "../linux/namespace.ts";
import { WireTap } from "../linux/wire_tap.ts";

const INSIDE = "VIPD_BENCH_NAMESPACE";
const GROUP = "224.0.0.18";
const PAYLOAD = Uint8Array.of(0x21, 55, 150, 1, 0, 1, 0xab, 0xcd, 10, 0, 0, 5);

if (Deno.env.has(INSIDE)) await measureAll();
else Deno.exit(await runInside());

/** This program again, as root of an empty network namespace. */
async function runInside(): Promise<number> {
  const unshare = Deno.uid() === 0 ? ["-n"] : ["-Urn"];
  const { code } = await new Deno.Command("unshare", {
    args: [...unshare, Deno.execPath(), "run", "-A", "--quiet", import.meta.filename!],
    env: { [INSIDE]: "1" },
  }).spawn().status;
  return code;
}

async function measureAll(): Promise<void> {
  using tap = new WireTap("eth0", "far0");
  ip("address add 10.0.0.1/24 dev eth0");
  const host = openHost();
  tell("                                   median       99 %");
  show("timer, how late", await timerLateness(host));
  show("setTimeout, how late", await timeoutLateness());
  show("advert from the wire to handler", await advertLatency(host, tap));
  show("advert sent", sendCost(host));
  show("address put on", addressCost(host));
  await host.close();
}

/** Milliseconds by which `setTimer` of the host is late. */
async function timerLateness(host: LinuxHost): Promise<number[]> {
  const lateMs: number[] = [];
  for (let i = 0; i < 300; i++) {
    const atMs = host.nowMs() + 2 + (i * 7 % 11) / 3;
    await new Promise<void>((resolve) => host.setTimer(atMs, resolve));
    lateMs.push(host.nowMs() - atMs);
  }
  return lateMs;
}

async function timeoutLateness(): Promise<number[]> {
  const lateMs: number[] = [];
  for (let i = 0; i < 300; i++) {
    const waitMs = 2 + (i * 7 % 11) / 3;
    const atMs = performance.now() + waitMs;
    await new Promise<void>((resolve) => setTimeout(resolve, waitMs));
    lateMs.push(performance.now() - atMs);
  }
  return lateMs;
}

async function advertLatency(host: LinuxHost, tap: WireTap): Promise<number[]> {
  const advert = encodeIpv4Datagram({
    source: "10.0.0.2",
    destination: GROUP,
    ttl: 255,
    typeOfService: 0xc0,
    protocol: 112,
  }, PAYLOAD);
  const tookMs: number[] = [];
  let sentMs = 0;
  const port = openPort(host, () => tookMs.push(performance.now() - sentMs));
  for (let i = 1; i <= 300; i++) {
    await delay(i % 4);
    sentMs = performance.now();
    tap.sendIpv4(advert);
    await until("received", () => tookMs.length === i);
  }
  port.close();
  return tookMs;
}

function sendCost(host: LinuxHost): number[] {
  const port = openPort(host, () => {});
  const tookMs = Array.from(
    { length: 1000 },
    () => timed(() => port.send(PAYLOAD, "10.0.0.1", GROUP)),
  );
  port.close();
  return tookMs;
}

function addressCost(host: LinuxHost): number[] {
  const vip = { prefixLength: 24, device: "eth0" };
  const tookMs = Array.from(
    { length: 250 },
    (_, i) => timed(() => host.addAddress({ ...vip, address: `192.168.31.${1 + i}` })),
  );
  for (const address of host.markedAddresses()) host.removeAddress(address);
  return tookMs;
}

function openPort(host: LinuxHost, receive: () => void) {
  const port = host.openVrrp("eth0", "ipv4", receive);
  if (isHostError(port)) throw new Error(port.message);
  return port;
}

function timed(run: () => unknown): number {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
}

function show(what: string, tookMs: number[]): void {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => `${sorted[Math.floor(sorted.length * share)]!.toFixed(3)} ms`;
  tell(`${what.padEnd(32)} ${at(0.5).padStart(8)}  ${at(0.99).padStart(8)}`);
}

function tell(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
