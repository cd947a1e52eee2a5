/**
 * A pair whose configuration is taken anew while it serves: nobody on the network notices more than was changed.
 * Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { gaps, HolderWatch, possible } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_ADDRESS, PAIR_PLAN } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import { type WirePacket, WireWatch } from "../../lab/wire.ts";

const SECOND = "192.168.31.6";
const THIRD = "192.168.31.7";
const INTERVAL_MS = 200;
const SECOND_ANNOUNCEMENT_MS = 1000;
const LIMITS = { timeoutMs: 5000, everyMs: 20 };

/** The large one is more than a running engine reads itself. */
const BROKEN = [
  ["a broken file", "instances: [{ name: VI_1 }]\n"],
  ["a large broken file", `instances: [${"{ name: VI_1 },\n".repeat(30_000)}`],
] as const;

interface Setting {
  readonly name: string;
  readonly vrid: number;
  readonly addresses: readonly string[];
}

const FIRST: Setting = { name: "VI_1", vrid: 55, addresses: [PAIR_ADDRESS] };

/** A node's file; JSON is YAML. */
function configOf(priority: number, instances: readonly Setting[]): string {
  return JSON.stringify({
    instances: instances.map(({ addresses, ...instance }) => ({
      ...instance,
      interface: "eth1",
      priority,
      version: 3,
      advert_interval: `${INTERVAL_MS}ms`,
      announce: { delay: `${SECOND_ANNOUNCEMENT_MS}ms` },
      addresses: addresses.map((address) => `${address}/24`),
    })),
  });
}

/** The longest time between two adverts, in milliseconds. */
function longestGapMs(adverts: readonly WirePacket[]): number {
  assert.ok(adverts.length > 1, "there are adverts to look at");
  return Math.max(...adverts.slice(1).map(({ atMs }, index) => atMs - adverts[index]!.atMs));
}

async function codes(vipd: Vipd): Promise<string[]> {
  return (await vipd.events()).map(({ code }) => code);
}

const count = (list: readonly string[], wanted: string) =>
  list.filter((code) => code === wanted).length;

/** Two intervals: an advert is missing. */
const MISSED_MS = 2 * INTERVAL_MS - 5;

Deno.test("a pair is reloaded under way: no advert is missed, and only what changed is noticed", async (t) => {
  await using lab = await Lab.open(`reload-${crypto.randomUUID()}`, PAIR_PLAN);
  const [one, two] = [lab.host("lb01"), lab.host("lb02")];
  const binary = Deno.env.get("VIPD_BINARY");
  const lb01 = new Vipd(one, { config: configOf(150, [FIRST]), binary });
  const lb02 = new Vipd(two, { config: configOf(100, [FIRST]), binary });
  const holders = await HolderWatch.start([one, two], PAIR_ADDRESS);
  const wire = await WireWatch.start(two, "eth1");
  await Promise.all([lb01.start(), lb02.start()]);
  await holders.heldBy("lb01", 10_000);
  const since = (fromMs: number) => wire.packets.filter(({ atMs }) => atMs >= fromMs);
  const advertsSince = (fromMs: number) => since(fromMs).filter(({ kind }) => kind === "advert");
  const claimsSince = (fromMs: number) =>
    since(fromMs).flatMap((packet) => packet.kind === "claim" ? [packet.address] : []);

  await t.step("reloads without a change, every 200 ms on both nodes", async () => {
    // The second announcement of the takeover is over then.
    await sleep(SECOND_ANNOUNCEMENT_MS + 500);
    const changesBefore = count([...await codes(lb01), ...await codes(lb02)], "state_changed");
    const fromMs = clockMs();
    for (let step = 0; step < 20; step++) {
      await Promise.all([lb01.signal("SIGHUP"), lb02.signal("SIGHUP"), sleep(200)]);
    }
    const adverts = advertsSince(fromMs);
    assert.ok(adverts.length >= 19, `${adverts.length} adverts`);
    assert.ok(adverts.every((it) => it.kind === "advert" && it.source === "192.168.31.11"));
    const longestMs = longestGapMs(adverts);
    assert.ok(longestMs < MISSED_MS, `${longestMs} ms between two adverts`);
    assert.deepEqual(claimsSince(fromMs), []);
    const told = [...await codes(lb01), ...await codes(lb02)];
    assert.equal(count(told, "state_changed"), changesBefore);
    assert.ok(count(told, "reloaded") >= 30, `${count(told, "reloaded")} reloads`);
  });

  await t.step("an address more, an address less", async () => {
    const onLb01 = async (address: string) =>
      (await one.run(["ip", "-4", "address", "show", "dev", "eth1"])).stdout.includes(address);
    const fromMs = clockMs();
    for (const [node, priority] of [[lb01, 150], [lb02, 100]] as const) {
      await node.reload(configOf(priority, [{ ...FIRST, addresses: [PAIR_ADDRESS, SECOND] }]));
    }
    await waitFor("lb01 to have the second address", () => onLb01(SECOND), LIMITS);
    await waitFor("its announcement", () => claimsSince(fromMs).length >= 5, LIMITS);
    assert.deepEqual(new Set(claimsSince(fromMs)), new Set([SECOND]));
    for (const [node, priority] of [[lb01, 150], [lb02, 100]] as const) {
      await node.reload(configOf(priority, [FIRST]));
    }
    await waitFor("the second address to go", async () => !await onLb01(SECOND), LIMITS);
    await sleep(3 * INTERVAL_MS);
    assert.ok(longestGapMs(advertsSince(fromMs)) < MISSED_MS);
  });

  for (const [which, text] of BROKEN) {
    await t.step(`${which}: the configuration before lives on`, async () => {
      const failures = async () => count(await codes(lb01), "reload_failed");
      const [before, fromMs] = [await failures(), clockMs()];
      await lb01.reload(text);
      await waitFor("the entry", async () => await failures() > before, { timeoutMs: 20_000 });
      const status = await lb01.status();
      assert.ok(status?.alarms.some(({ code }) => code === "reload_failed"));
      await sleep(3 * INTERVAL_MS);
      assert.ok(longestGapMs(advertsSince(fromMs)) < MISSED_MS);
      assert.deepEqual(holders.now(), ["lb01"]);
    });
  }

  await t.step("a removed instance is taken over by the other node without a gap", async () => {
    await lb01.reload(configOf(150, [{ name: "VI_2", vrid: 56, addresses: [THIRD] }]));
    await holders.heldBy("lb02", 5000);
    await sleep(500);
    const names = (await lb01.status())?.instances.map(({ name }) => name);
    assert.deepEqual(names, ["VI_2"]);
  });
  assert.deepEqual(gaps(possible(holders.holdings())), [], "the address was always somewhere");
});
