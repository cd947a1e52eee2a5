/** An instance at its end: nothing more comes of what it waited for. */

import assert from "node:assert/strict";
import { USUAL_DAMPING } from "../../../src/config/values/defaults.ts";
import { SimCluster, VIP } from "../../../src/sim/cluster.ts";
import type { JournalEntry } from "../../../src/status/journal.ts";
import { encodeAdvertisement, passwordOctets, VRRP_GROUP } from "../../../src/wire/vrrp.ts";
import { electedPair } from "../elected_pair.ts";
import { Restarted } from "../restarted.ts";

/** A node whose engine has died twice as master, which holds it back. */
function heldBack() {
  const cluster = new SimCluster([{ priority: 150 }]);
  const lb01 = new Restarted(cluster.nodes[0]!);
  const beganMs = lb01.node.host.wallClockMs() - 60_000;
  const kept = (id: number, code: string): JournalEntry => ({
    ...{ id, code, message: "" },
    severity: "notice",
    time: new Date(beganMs + 1000 * id).toISOString(),
    ...(code === "state_changed" && {
      subject: "VI_1",
      transition: { from: "backup", to: "master", reason: "master_silent" },
    }),
  });
  const life = ["started", "state_changed"];
  lb01.kept = [...life, ...life].map((code, index) => kept(index + 1, code));
  lb01.start();
  cluster.run(10_000);
  assert.equal(lb01.node.status.priority.effective, 1);
  return { cluster, lb01: lb01.node };
}

/** The same a moment before its hold ends, which its hand-over outlasts. */
function heldBackStill() {
  const { cluster, lb01 } = heldBack();
  cluster.run(USUAL_DAMPING.holdAfterMs - cluster.time.nowMs - 1);
  assert.equal(lb01.status.priority.effective, 1);
  return { cluster, lb01 };
}

/** A master that has just heard a weaker one. */
function disputed() {
  const pair = electedPair();
  const envelope = { source: "192.168.31.99", destination: VRRP_GROUP.ipv4 };
  const payload = encodeAdvertisement(
    {
      ...{ version: 2, vrid: 55, priority: 50, intervalCs: 100, addresses: [VIP.address] },
      authentication: { type: 1, data: passwordOctets("123456") },
    },
    envelope,
    "message",
  );
  pair.lb01.host.deliver({ interface: "eth1", ttl: 255, ...envelope, payload });
  return pair;
}

/** A node that tries out now and then whether the kernel still refuses its address. */
function refused() {
  const cluster = new SimCluster([{}]);
  const [lb01] = cluster.nodes;
  lb01!.host.refuses.set(VIP.address, { code: "EINVAL", message: "refused" });
  cluster.start();
  cluster.run(10_000);
  return { cluster, lb01: lb01! };
}

for (const [what, make] of Object.entries({ heldBack, heldBackStill, disputed, refused })) {
  for (const end of ["stop", "abandon"] as const) {
    Deno.test(`after ${end} nothing more is said or done: ${what}`, async () => {
      const { cluster, lb01 } = make();
      const { host } = lb01;
      const { journal } = lb01.daemon!;
      await cluster.settle(Promise.resolve(lb01.daemon![end]()));
      const { lastId } = journal;
      assert.ok(journal.since().every(({ code }) => code !== "hold_ended"));
      const puts: string[] = [];
      host.addAddress = ({ address }) => (puts.push(address), null);
      cluster.run(USUAL_DAMPING.holdAfterMs + 60_000);
      assert.deepEqual([journal.since(lastId), puts], [[], []]);
      assert.deepEqual(host.virtualAddresses, []);
    });
  }
}
