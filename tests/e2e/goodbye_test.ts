/**
 * An engine that is killed, and `vipd goodbye` as systemd runs it then: the other node serves as after a clean stop, and
 * at no moment both hold an address. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { gaps, HolderWatch, overlaps, possible, seen } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep } from "../../lab/wait.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { atOnce, type Step } from "../at_once.ts";
import { type Brand, daemon } from "../interop/daemon.ts";
import { type Pair, PLAN, vipdConfig, watchedAddresses } from "../interop/pair.ts";

const binary = Deno.env.get("VIPD_BINARY");
/** A master that was killed is missed so long at least: three adverts of a second. */
const LEAST_MASTER_DOWN_MS = 3000;
/** After which the other node has heard the master, and keepalived its own start. */
const SETTLE_MS = 1500;
/** How long an engine lives on after its takeover, at most. */
const MOST_ALIVE_MS = 50;
/** How finely the holders are watched, in milliseconds. */
const LOOK_MS = 2;

const IPV4 = ["192.168.31.5/24"];
const IPV6 = ["fe80::5/64", "2001:db8:31::5/64"];
const PAIRS: readonly (readonly [string, Pair, Brand])[] = [
  ["version 2 with a password, a sync group", {
    ...{ version: 2, intervalMs: 1000, password: "123456" },
    ...{ addresses: IPV4, synced: ["192.168.31.6/24"] },
  }, "keepalived"],
  ["version 3, IPv6", { version: 3, intervalMs: 1000, addresses: IPV6 }, "keepalived"],
  ["version 3, IPv6", { version: 3, intervalMs: 1000, addresses: IPV6 }, "vipd"],
  ["unicast", {
    ...{ version: 3, intervalMs: 1000, addresses: IPV4 },
    unicast: { lb01: "192.168.31.11", lb02: "192.168.31.12" },
  }, "keepalived"],
  ["virtual MAC", {
    ...{ version: 3, intervalMs: 1000, addresses: IPV4, virtualMac: true },
  }, "vipd"],
];

async function takesOver(pair: Pair, brand: Brand): Promise<void> {
  await using lab = await Lab.open(`goodbye-${crypto.randomUUID()}`, PLAN);
  const hosts = [lab.host("lb01"), lab.host("lb02")];
  const lb01 = new Vipd(hosts[0]!, { config: vipdConfig(pair, "lb01", 150), binary });
  const lb02 = await daemon(brand, hosts[1]!, pair, 100);
  const watches = await watch(hosts, watchedAddresses(pair));
  await Promise.all([lb01.start(), lb02.start()]);
  await heldBy(watches, "lb01");
  await sleep(SETTLE_MS);

  const killedAtMs = clockMs();
  await lb01.signal("SIGKILL");
  const { code, stdout, stderr } = await lb01.command("goodbye");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^VI_1: .* is off .*; priority 0 has left from /);
  await heldBy(watches, "lb02");
  assertGone(watches, killedAtMs);

  const again = await lb01.command("goodbye");
  assert.deepEqual([again.code, again.stdout.split(":")[0]], [0, "nothing to do"]);
}

async function signed(): Promise<void> {
  const key = "0123456789abcdef".repeat(4);
  const config = (priority: number) =>
    JSON.stringify({
      instances: [{
        ...{ name: "VI_1", interface: "eth1", vrid: 55, version: 3, priority, addresses: IPV4 },
        authentication: {
          ...{ type: "hmac", replay: "monotonic", active_key: 1, keys: [{ id: 1, key }] },
        },
      }],
    });
  await using lab = await Lab.open(`goodbye-${crypto.randomUUID()}`, PLAN);
  const hosts = [lab.host("lb01"), lab.host("lb02")];
  const [lb01, lb02] = [150, 100].map((priority, index) =>
    new Vipd(hosts[index]!, { config: config(priority), binary })
  ) as [Vipd, Vipd];
  const watches = await watch(hosts, ["192.168.31.5"]);
  await Promise.all([lb01.start(), lb02.start()]);
  await heldBy(watches, "lb01");
  await sleep(SETTLE_MS);
  const killedAtMs = clockMs();
  await lb01.signal("SIGKILL");
  assert.equal((await lb01.command("goodbye")).code, 0);
  await heldBy(watches, "lb02");
  assertGone(watches, killedAtMs);
  await lb01.start();
  await heldBy(watches, "lb01");
  const [instance] = (await lb02.status())!.instances;
  assert.deepEqual(instance!.counters.dropped, {});
}

async function untouched(): Promise<void> {
  const instance = { name: "VI_1", interface: "eth1", vrid: 55, priority: 150, addresses: IPV4 };
  const config = (folders: object) => JSON.stringify({ ...folders, instances: [instance] });
  await using lab = await Lab.open(`goodbye-${crypto.randomUUID()}`, PLAN);
  const host = lab.host("lb01");
  const lb01 = new Vipd(host, { config: config({}), binary });
  const watches = await watch([host], ["192.168.31.5"]);
  await lb01.start();
  await heldBy(watches, "lb01");

  const live = await lb01.command("goodbye");
  assert.equal(live.code, 1);
  assert.match(live.stderr, /another vipd \(PID \d+\) runs/);

  // The record of an engine that never held it, in a folder of its own, beside one that does.
  const other = { run_dir: "/run/lab/other", state_dir: "/run/lab/other-state" };
  await host.write("/run/lab/other.yaml", config(other));
  await host.run(["sh", "-c", "mkdir -p /run/lab/other && cp /run/vipd/held.json /run/lab/other"]);
  await host.run(["sed", "-i", 's/"held":true/"held":false/', "/run/lab/other/held.json"]);
  const foreign = await lb01.command("goodbye", "--config", "/run/lab/other.yaml");
  assert.deepEqual([foreign.code, foreign.stderr], [0, ""]);
  assert.match(foreign.stdout, /^nothing of the engine is left/);
  // The record of one that held it and died, while another engine of this machine serves it now.
  await host.run(["cp", "/run/vipd/held.json", "/run/lab/other"]);
  const elsewhere = await lb01.command("goodbye", "--config", "/run/lab/other.yaml");
  assert.equal(elsewhere.code, 1);
  assert.match(
    elsewhere.stdout,
    /192\.168\.31\.5 on eth1 belongs to another daemon, process \d+ \(vipd\)/,
  );
  assert.deepEqual(watches[0]!.now(), ["lb01"]);

  await lb01.signal("SIGKILL");
  await host.run(["truncate", "-s", "20", "/run/vipd/held.json"]);
  const damaged = await lb01.command("goodbye");
  assert.equal(damaged.code, 1);
  assert.match(damaged.stderr, /held\.json: it is damaged or cut off; nothing is touched/);
  assert.deepEqual(watches[0]!.now(), ["lb01"]);
}

/** Nobody said goodbye in time: the addresses went with their lease, and the rest has none. */
async function afterTheLease(): Promise<void> {
  await using lab = await Lab.open(`goodbye-${crypto.randomUUID()}`, PLAN);
  const hosts = [lab.host("lb01"), lab.host("lb02")];
  const [lb01, lb02] = [150, 100].map((priority, index) => {
    const instance = {
      ...{ name: "VI_1", interface: "eth1", vrid: 55, version: 3, priority, addresses: IPV4 },
      ...{ advert_interval: "100ms", virtual_mac: true },
      routes: [{ to: "10.8.0.0/16", via: "192.168.31.1", table: 100 }],
      rules: [{ from: "192.168.31.5", table: 100, priority: 900 }],
    };
    return new Vipd(hosts[index]!, { config: JSON.stringify({ instances: [instance] }), binary });
  }) as [Vipd, Vipd];
  const watches = await watch(hosts, ["192.168.31.5"]);
  await Promise.all([lb01.start(), lb02.start()]);
  await heldBy(watches, "lb01");
  const there = async () => {
    const commands = ["route show table 100", "rule show from 192.168.31.5", "link show vrrp.55"];
    const found = commands.map((command) =>
      hosts[0]!.run(["ip", ...command.split(" ")], { check: false })
    );
    return (await Promise.all(found)).map(({ stdout }) => stdout !== "");
  };
  assert.deepEqual(await there(), [true, true, true]);
  await lb01.signal("SIGKILL");
  await heldBy(watches, "lb02");
  assert.deepEqual(await there(), [true, true, true]);

  const { code, stdout, stderr } = await lb01.command("goodbye");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(
    stdout,
    "VI_1: route 10.8.0.0/16 via 192.168.31.1 table 100 is removed; rule from 192.168.31.5/32 " +
      "lookup 100 priority 900 is removed; interface vrrp.55 is removed\n",
  );
  assert.deepEqual(await there(), [false, false, false]);
  assert.deepEqual(watches[0]!.now(), ["lb02"]);
  const [instance] = (await lb02.status())!.instances;
  assert.equal(instance!.counters.priority_zero_received, 0);
  const again = await lb01.command("goodbye");
  assert.deepEqual([again.code, again.stdout.split(":")[0]], [0, "nothing to do"]);
}

/** The journal's file may lack the takeover: the addresses that were left count. */
async function dyingAtEachTakeover(): Promise<void> {
  const random = seededRandom(12);
  await using lab = await Lab.open(`goodbye-${crypto.randomUUID()}`, PLAN);
  const hosts = [lab.host("lb01"), lab.host("lb02")];
  const instance = { name: "VI_1", interface: "eth1", vrid: 55, version: 3, addresses: IPV4 };
  const [lb01, lb02] = [150, 100].map((priority, index) => {
    // Without a lease what is left is there, however long the next start takes.
    const fast = { ...instance, priority, advert_interval: "100ms", lease: "off" };
    return new Vipd(hosts[index]!, { config: JSON.stringify({ instances: [fast] }), binary });
  }) as [Vipd, Vipd];
  const watches = await watch(hosts, ["192.168.31.5"]);
  await lb02.start();
  await heldBy(watches, "lb02");
  // By the goodbye, and by the next engine: without systemd nobody says it.
  for (const saysGoodbye of [true, false]) {
    await lb01.launch();
    await heldBy(watches, "lb01");
    await sleep(MOST_ALIVE_MS * random());
    await lb01.signal("SIGKILL");
    if (!saysGoodbye) continue;
    assert.equal((await lb01.command("goodbye")).code, 0);
    await heldBy(watches, "lb02");
  }
  await lb01.start();
  await heldBy(watches, "lb02");
  await sleep(SETTLE_MS);
  const { alarms, instances: [held] } = (await lb01.status())!;
  assert.deepEqual([held!.state, held!.priority.effective], ["backup", 1]);
  assert.ok(alarms.some(({ code }) => code === "crash_loop"), JSON.stringify(alarms));
  await lb02.stop();
  await heldBy(watches, "lb01");
}

/** At a time: the goodbyes' times count. */
const AT_A_TIME = 4;

Deno.test("a killed engine's goodbye", async (t) => {
  await atOnce(t, [
    ["signed: the goodbye is believed, and so is the next engine, which must be later", signed],
    ["an engine that dies within 50 ms of each takeover is held back", dyingAtEachTakeover],
    ...PAIRS.map(([title, pair, brand]): Step => [
      `lets ${brand} take over before Master_Down_Interval: ${title}`,
      () => takesOver(pair, brand),
    ]),
    [
      "nothing is touched while an engine runs, nor by what is damaged or has another run_dir",
      untouched,
    ],
    ["removes routes, rules and the virtual interface after the lease, too", afterTheLease],
  ], AT_A_TIME);
});

function watch(
  hosts: Parameters<typeof HolderWatch.start>[0],
  addresses: readonly string[],
): Promise<HolderWatch[]> {
  return Promise.all(addresses.map((address) => HolderWatch.start(hosts, address, LOOK_MS)));
}

function heldBy(watches: readonly HolderWatch[], host: string): Promise<number[]> {
  return Promise.all(watches.map((each) => each.heldBy(host, 15_000)));
}

/** No two had an address, and nobody for less than the other node waits for a silent master. */
function assertGone(watches: readonly HolderWatch[], killedAtMs: number): void {
  for (const each of watches) {
    const holdings = each.holdings().filter(({ untilMs }) => untilMs > killedAtMs);
    assert.deepEqual(overlaps(seen(holdings)), [], JSON.stringify(holdings));
    const [gap] = gaps(possible(holdings));
    assert.ok(gap && gap.untilMs - gap.fromMs < LEAST_MASTER_DOWN_MS, JSON.stringify(holdings));
  }
}
