/**
 * Two masters, a stranger with the address, and adverts that must be rejected, between real hosts. Needs root or user
 * namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_ADDRESS, PAIR_PLAN, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { atOnce } from "../at_once.ts";

const PLAN = {
  ...PAIR_PLAN,
  stranger: { eth1: { network: "front", addresses: ["192.168.31.66/24"] } },
} as const;

const SETTINGS = { version: 2, advertIntervalMs: 1000, password: "123456" } as const;
/** Three advert intervals, and what a look at the status takes. */
const TOLD = { timeoutMs: 3500, everyMs: 50 };

async function openPair() {
  const lab = await Lab.open(`split-brain-${crypto.randomUUID()}`, PLAN);
  const binary = Deno.env.get("VIPD_BINARY");
  const node = (name: "lb01" | "lb02", config: string) =>
    new Vipd(lab.host(name), { config, binary });
  const lb01 = node("lb01", vipdConfig(SETTINGS, 150));
  const lb02 = node("lb02", `${vipdConfig(SETTINGS, 100)}    split_brain: yield\n`);
  const holders = await HolderWatch.start([lb01.host, lb02.host], PAIR_ADDRESS);
  await lb01.start();
  await holders.heldBy("lb01", 10_000);
  await lb02.start();
  return { lab, lb01, lb02, holders };
}

async function instanceOf(vipd: Vipd) {
  const status = await vipd.status();
  assert.ok(status);
  return status.instances[0]!;
}

async function alarmsOf(vipd: Vipd): Promise<string[]> {
  return (await vipd.status())?.alarms.map(({ code }) => code) ?? [];
}

/** IP from this address is dropped on its way in, ARP is not: the way back leads elsewhere (rp_filter, RFC 3704). */
async function deafen(host: LabHost, to: string): Promise<void> {
  await host.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/eth1/rp_filter"]);
  await host.run(["ip", "route", "add", `${to}/32`, "dev", "lo"]);
}

async function undeafen(host: LabHost, to: string): Promise<void> {
  await host.run(["ip", "route", "del", `${to}/32`, "dev", "lo"]);
}

Deno.test("two masters, and foreign hosts", async (t) => {
  await atOnce(t, [
    ["a stranger that floods the link with adverts to be rejected changes nothing", floods],
    ["two masters are told, the one that yields lets go", twoMasters],
  ]);
});

async function floods(): Promise<void> {
  const { lab, lb01, lb02, holders } = await openPair();
  await using _lab = lab;
  const askedMs = performance.now();
  const before = (await instanceOf(lb01)).counters.advertisements_sent;
  const fromMs = performance.now();
  const fixture = new URL("fixtures/flood.ts", import.meta.url).pathname;
  const flood = await lab.host("stranger").run([
    ...[Deno.execPath(), "run", "-A", "--no-check", fixture],
    ...["eth1", "192.168.31.66", "10"],
  ]);
  const tookMs = performance.now() - fromMs;
  assert.equal(flood.stdout.trim(), "200");
  const [first, second] = [await instanceOf(lb01), await instanceOf(lb02)];
  const atMostMs = performance.now() - askedMs;
  assert.deepEqual([first.state, second.state], ["master", "backup"]);
  assert.deepEqual([first.counters.became_master, second.counters.became_master], [1, 0]);
  const sent = first.counters.advertisements_sent - before;
  const between = `${sent} adverts in ${tookMs} to ${atMostMs} ms`;
  assert.ok(sent >= tookMs / 1000 - 1 && sent <= atMostMs / 1000 + 1, between);
  for (const { counters: { dropped } } of [first, second]) {
    const reasons = ["authentication_failed", "authentication_type", "checksum", "ttl", "version"];
    for (const reason of [...reasons, "interval_mismatch"]) {
      const count = dropped[reason as keyof typeof dropped] ?? 0;
      assert.ok(count >= 30, `${reason}: ${count} of 33`);
    }
  }
  for (const vipd of [lb01, lb02]) assert.deepEqual(await alarmsOf(vipd), ["peer_mismatch"]);
  await holders.heldBy("lb01", 100);
}

/** And a stranger with the address is no master. */
async function twoMasters(): Promise<void> {
  const { lab, lb01, lb02, holders } = await openPair();
  await using _lab = lab;

  // lb02 does not hear lb01 any more, whose frames still arrive.
  await deafen(lb02.host, "192.168.31.11");
  const becameMaster = async () => (await instanceOf(lb02)).counters.became_master > 0;
  await waitFor("lb02 to be master", becameMaster, { timeoutMs: 6000, everyMs: 50 });
  await waitFor(
    "lb02 to let go",
    async () => (await instanceOf(lb02)).reason.code === "split_brain",
    { ...TOLD, explain: () => lb02.lastLines.join("\n") },
  );
  await holders.heldBy("lb01", 1000);
  await sleep(5000);
  const second = await instanceOf(lb02);
  assert.deepEqual([second.state, second.counters.became_master], ["backup", 1]);
  assert.deepEqual(await alarmsOf(lb02), ["split_brain_address"]);

  // The machine is gone: nobody answers any more, so lb02 serves.
  await lab.vanish("lb01");
  await waitFor(
    "lb02 to take over",
    async () => (await instanceOf(lb02)).state === "master",
    { timeoutMs: 5500, everyMs: 50 },
  );
  await lab.reappear("lb01");
  await undeafen(lb02.host, "192.168.31.11");
  await holders.heldBy("lb01", 3000);

  await lab.host("stranger").run(["ip", "address", "add", `${PAIR_ADDRESS}/24`, "dev", "eth1"]);
  await waitFor(
    "the stranger to be told",
    async () => (await alarmsOf(lb01)).includes("address_conflict"),
    { ...TOLD, explain: () => lb01.lastLines.join("\n") },
  );
  assert.equal((await instanceOf(lb01)).state, "master");
}
