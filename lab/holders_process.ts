/**
 * Checks every few milliseconds which of some addresses this host has; one line of JSON (a `HolderSample`) whenever
 * that changes, and once a second. Runs inside the host that it watches.
 *
 * Usage: `deno run --allow-all holders_process.ts EVERY_MS CARRIER ADDRESS...` (Deno allows /proc only with all
 * permissions). If CARRIER is not empty, an address counts while that interface has a carrier.
 *
 * @module
 */

import type { HolderSample } from "./holders.ts";
import { clockMs } from "./wait.ts";

const [every, carrier, ...addresses] = Deno.args as [string, string, ...string[]];
const everyMs = Number(every);
const encoder = new TextEncoder();

const patterns = new Map(addresses.map((address) => [address, pattern(address)]));

await goFirst();
await look();

/**
 * From here on this thread runs before all others of the machine that are ready to (sched(7)), so that a busy machine
 * does not delay the looks. If the kernel does not allow that, a late look reports its delay.
 */
async function goFirst(): Promise<void> {
  await new Deno.Command("chrt", {
    args: ["--fifo", "--pid", "1", String(Deno.pid)],
    stdout: "null",
    stderr: "null",
  }).output();
}

async function look(): Promise<never> {
  let told = "";
  let reportedAtMs = 0;
  let lastMs = clockMs();
  let longestPauseMs = 0;
  let nextMs = performance.now();
  while (true) {
    const atMs = clockMs();
    longestPauseMs = Math.max(longestPauseMs, atMs - lastMs);
    const held = heldNow();
    const state = held.join(" ");
    if (state !== told || atMs - reportedAtMs >= 1000) {
      const sample: HolderSample = { atMs, notBeforeMs: lastMs, held, longestPauseMs };
      Deno.stdout.writeSync(encoder.encode(JSON.stringify(sample) + "\n"));
      told = state;
      reportedAtMs = atMs;
    }
    lastMs = atMs;
    nextMs = Math.max(nextMs + everyMs, performance.now());
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())));
  }
}

function heldNow(): string[] {
  if (carrier !== "" && !hasCarrier(carrier)) return [];
  // proc_net(5): local IPv4 addresses are in the routing trie, IPv6 addresses have a list.
  const text = Deno.readTextFileSync("/proc/net/fib_trie") +
    Deno.readTextFileSync("/proc/net/if_inet6");
  return addresses.filter((address) => patterns.get(address)?.test(text));
}

/** The kernel refuses to read it while the interface is set down. */
function hasCarrier(device: string): boolean {
  try {
    return Deno.readTextFileSync(`/sys/class/net/${device}/carrier`) === "1\n";
  } catch {
    return false;
  }
}

function pattern(address: string): RegExp {
  if (!address.includes(":")) {
    return new RegExp(`\\|-- ${address.replaceAll(".", "\\.")}\\n\\s+/32 host LOCAL`);
  }
  const [left = "", right] = address.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const tail = groups(right ?? "");
  const zeros = Array(8 - groups(left).length - tail.length).fill("0");
  const all = right === undefined ? groups(left) : [...groups(left), ...zeros, ...tail];
  return new RegExp(`^${all.map((group) => group.padStart(4, "0")).join("")} `, "m");
}
