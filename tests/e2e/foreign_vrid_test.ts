/**
 * A keepalived pair with our VRID and password on the same network, and a pair whose only address is changed, between
 * real hosts. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab } from "../../lab/network.ts";
import {
  keepalivedConfig,
  ONE_SECOND,
  PAIR_ADDRESS,
  PAIR_PLAN,
  vipdConfig,
} from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { atOnce } from "../at_once.ts";

const PLAN = {
  ...PAIR_PLAN,
  other1: { eth1: { network: "front", addresses: ["192.168.31.13/24"] } },
  other2: { eth1: { network: "front", addresses: ["192.168.31.14/24"] } },
} as const;

const OTHER_ADDRESS = "192.168.31.105";
const binary = Deno.env.get("VIPD_BINARY");

Deno.test("two pairs with one VRID, and a pair that changes its address", async (t) => {
  await atOnce(t, [
    ["a keepalived pair of higher priority, with our VRID and password, is not obeyed", otherPair],
    ["the only address is changed node by node, the backup first", () => change(["lb02", "lb01"])],
    ["the only address is changed node by node, the master first", () => change(["lb01", "lb02"])],
  ]);
});

async function otherPair(): Promise<void> {
  await using lab = await Lab.open(`foreign-${crypto.randomUUID()}`, PLAN);
  const theirs = (priority: number) =>
    keepalivedConfig(ONE_SECOND, priority).replaceAll(PAIR_ADDRESS, OTHER_ADDRESS);
  const first = await Keepalived.start(lab.host("other1"), theirs(200));
  await Keepalived.start(lab.host("other2"), theirs(190));
  const lb01 = new Vipd(lab.host("lb01"), { config: vipdConfig(ONE_SECOND, 150), binary });
  const lb02 = new Vipd(lab.host("lb02"), { config: vipdConfig(ONE_SECOND, 100), binary });
  const others = [lab.host("other1"), lab.host("other2")];
  const ours = await HolderWatch.start([lb01.host, lb02.host, ...others], PAIR_ADDRESS);
  const otherHolders = await HolderWatch.start(others, OTHER_ADDRESS);
  await otherHolders.heldBy("other1", 10_000);
  await lb01.start();
  await ours.heldBy("lb01", 10_000);
  await lb02.start();
  await sleep(5000);
  const alarm = (await lb01.status())?.alarms.find(({ code }) => code === "vrid_in_use");
  assert.match(alarm?.message ?? "", /192\.168\.31\.1[34] advertises 192\.168\.31\.105/);
  // It stops: priority 0, then the other one's adverts.
  await first.stop();
  await otherHolders.heldBy("other2", 10_000);
  await sleep(5000);
  for (const vipd of [lb01, lb02]) {
    const [instance] = (await vipd.status())!.instances;
    assert.equal(instance!.state, vipd === lb01 ? "master" : "backup");
    assert.ok(instance!.counters.dropped.foreign_vrid! >= 3);
  }
  assert.deepEqual(ours.holdings().map(({ host }) => host), ["lb01"]);
}

async function change(order: readonly ("lb01" | "lb02")[]): Promise<void> {
  await using lab = await Lab.open(`foreign-change-${crypto.randomUUID()}`, PAIR_PLAN);
  const configs = { lb01: vipdConfig(ONE_SECOND, 150), lb02: vipdConfig(ONE_SECOND, 100) };
  const nodes = {
    lb01: new Vipd(lab.host("lb01"), { config: configs.lb01, binary }),
    lb02: new Vipd(lab.host("lb02"), { config: configs.lb02, binary }),
  };
  const hosts = [nodes.lb01.host, nodes.lb02.host];
  const before = await HolderWatch.start(hosts, PAIR_ADDRESS);
  const after = await HolderWatch.start(hosts, OTHER_ADDRESS);
  await nodes.lb01.start();
  await before.heldBy("lb01", 10_000);
  await nodes.lb02.start();
  await sleep(2000);
  for (const name of order) {
    await nodes[name].reload(configs[name].replaceAll(PAIR_ADDRESS, OTHER_ADDRESS));
    // Longer than Master_Down_Interval: a backup that obeyed nobody would be master.
    await sleep(5000);
  }
  await after.heldBy("lb01", 1000);
  for (const watch of [before, after]) {
    assert.deepEqual(watch.holdings().map(({ host }) => host), ["lb01"]);
  }
  await waitFor("lb02 to be backup", async () => {
    const [instance] = (await nodes.lb02.status())!.instances;
    return instance!.state === "backup" && instance!.counters.became_master === 0;
  }, { timeoutMs: 2000, everyMs: 100 });
}
