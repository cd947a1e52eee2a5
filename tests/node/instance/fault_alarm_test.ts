/** The alarm about a fault: when another one is another alarm. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode, tracked } from "../../../src/sim/cluster.ts";

/** How many alarms there were about a fault of this instance by the end of what happens to its machine. */
function alarmsOf(
  instance: Partial<InstanceConfig>,
  prepare: (node: SimNode) => void,
  happens: (node: SimNode) => void,
): number {
  const cluster = new SimCluster([instance]);
  const lb01 = cluster.nodes[0]!;
  prepare(lb01);
  cluster.start();
  cluster.run(5000);
  happens(lb01);
  cluster.run(5000);
  assert.equal(lb01.status.state, "fault");
  return lb01.daemon!.journal.since().filter(({ code, alarm }) =>
    code === "alarm_raised" && alarm === "fault"
  ).length;
}

const UP = { enabled: true, up: true };

Deno.test("that another thing fails is another alarm", () => {
  const names = ["eth8", "eth9"];
  const track = names.map((name) => tracked({ kind: "interface", interface: name }));
  const found = alarmsOf({ track }, ({ host }) => host.setOther("eth9", UP), ({ host }) => {
    host.setOther("eth8", UP);
    host.setOther("eth9", null);
  });
  assert.equal(found, 2);
});

Deno.test("that the same fails for another reason is no other alarm", () => {
  let why = "EPERM";
  const found = alarmsOf({}, ({ host }) => {
    const openVrrp = () => ({ code: why, message: `Cannot listen on eth1: ${why}` });
    Object.assign(host, { openVrrp });
  }, (lb01) => {
    assert.deepEqual(lb01.status.faults, ["Cannot listen on eth1: EPERM"]);
    why = "ENOMEM";
    lb01.host.setCarrier(true);
    assert.deepEqual(lb01.status.faults, ["Cannot listen on eth1: ENOMEM"]);
  });
  assert.equal(found, 1);
});
