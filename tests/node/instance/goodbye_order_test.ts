/** A goodbye that reaches several backups, or several members of a sync group, in any order: one takes over, as a whole. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { skewTimeMs } from "../../../src/vrrp/timers.ts";
import { encodeAdvertisement } from "../../../src/wire/vrrp.ts";
import { BACK, FRONT, type GroupedCluster, statusOf } from "./grouped_pair.ts";
import { AT_ONCE_MS, demote, group, IPV6, REMEDY, stop, told } from "./sole_backups.ts";

/** lb02 hears a third router of the second member alone. */
function hearThird(made: GroupedCluster): void {
  const [source, destination] = ["192.168.31.99", "224.0.0.18"];
  const advertisement = {
    ...{ version: 3, vrid: 56, priority: 1, intervalCs: 100 } as const,
    addresses: ["192.168.31.6"],
  };
  const payload = encodeAdvertisement(advertisement, { source, destination }, "pseudo_header");
  const { host } = made.nodes[1]!;
  host.arrive({ interface: "eth1", source, destination, ttl: 255, payload }, host.mac, false);
  made.run(3000);
}

/** The second member, and why it is not the only backup. */
const GROUPS: [
  back: Partial<InstanceConfig>,
  why: string | null,
  before?: (made: GroupedCluster) => void,
][] = [
  [{}, null],
  [{ soleBackup: false }, "`sole_backup: false`"],
  [IPV6, "its master, fe80::11, is not known to be lb01"],
  [{}, `a third router, 192.168.31.99, was heard within 24 h${REMEDY}`, hearThird],
];

Deno.test("in whichever order the goodbyes come, a sync group moves as one, as its status promises", async () => {
  for (const [back, why, before] of GROUPS) {
    const expected = why === null
      ? Array(2).fill("true: lb01 is the only other node")
      : [`false: back of its sync group is not the only backup: ${why}`, `false: ${why}`];
    for (let seed = 1; seed <= 20; seed++) {
      const made = group(back, seed);
      before?.(made);
      const [lb01, lb02] = made.nodes as [SimNode, SimNode];
      const both = () => [FRONT, BACK].map((name) => statusOf(lb02.daemon, name));
      const said = both().map(({ sole_backup: { applies, why } }) => `${applies}: ${why}`);
      assert.deepEqual(said, expected);
      const fromMs = made.time.nowMs;
      stop(lb01);
      while (both().some(({ state }) => state !== "master") && made.time.nowMs < fromMs + 5000) {
        made.run(0.5, () => {
          const [front, back] = both().map(({ state }) => state);
          assert.equal(front, back, `${said}, seed ${seed}`);
        });
        for (let turn = 0; turn < 6; turn++) await Promise.resolve();
      }
      const tookMs = made.time.nowMs - fromMs;
      const afterMs = why === null ? 0 : skewTimeMs(3, 100, 100);
      assert.ok(Math.abs(tookMs - afterMs) < AT_ONCE_MS, `${said}, seed ${seed}: ${tookMs} ms`);
    }
  }
});

/** `deno task mutants` runs this test for each break that it reaches, with fewer. */
const SEEDS = Number(Deno.env.get("VIPD_TEST_SEEDS") ?? 10_000);

Deno.test("of three or four nodes that know each other no two take over after one goodbye", async () => {
  let alone = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const priorities = [200, 150, 100, 50].slice(0, 3 + Math.floor(random() * 2));
    const made = new SimCluster(priorities.map((priority) => ({ priority })), seed);
    made.network.setConditions({
      ...{ loss: 0, duplication: random() / 2 },
      ...{ delayMs: random(), jitterMs: 5 * random() },
    });
    for (const node of made.nodes) {
      node.reload(told(node, node.config.instances[0]!, "peers", priorities.length));
    }
    made.start();
    made.run(5000 + 1000 * random());
    const [lb01, ...others] = made.nodes as [SimNode, ...SimNode[]];
    if (random() < 0.5) stop(lb01);
    else demote(lb01);
    let most = 0;
    made.run(2000, () => {
      const masters = others.filter(({ status: { state } }) => state === "master");
      most = Math.max(most, masters.length);
    });
    // None, if the last advert overtakes the goodbye: then all follow the one that has left.
    assert.ok(most <= 1, `seed ${seed}: ${most}`);
    alone += most;
    // What waits for the end of a goodbye keeps its nodes in memory: those of all seeds are gigabytes.
    await Promise.resolve();
  }
  assert.ok(alone > 0.9 * SEEDS, `${alone} of ${SEEDS}`);
});
