import assert from "node:assert/strict";
import { LastResort } from "../../../src/node/instance/last_resort.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

const UNWELL = ["nginx is down"];
const ABLE = () => ({ noneAble: false, better: false, heldBack: null });
const BETTER = () => ({ noneAble: false, better: true, heldBack: null });
const NONE = () => ({ noneAble: true, better: false, heldBack: null });
const HELD = () => ({ noneAble: true, better: false, heldBack: "lb02" });

function open() {
  const { host } = new SimCluster([{}]).nodes[0]!;
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const resort = new LastResort("web", alarms);
  const stands = () => alarms.status().some(({ code }) => code === "serving_unwell");
  const remedy = () => alarms.status()[0]?.hint;
  const message = () => alarms.status()[0]?.message;
  return { resort, stands, remedy, message };
}

Deno.test("a master that is no longer well asks once, and again after ten seconds if another is better", () => {
  const { resort, stands, message } = open();
  const unwell = (nowMs: number, others = ABLE) =>
    resort.look({ unwell: UNWELL, state: "master", nowMs }, others);
  assert.equal(resort.look({ unwell: [], state: "master", nowMs: 0 }, ABLE), false);
  assert.equal(unwell(1000), true);
  assert.equal(stands(), false, "it asks first");
  assert.equal(unwell(2000, BETTER), false);
  assert.equal(stands(), true);
  assert.equal(unwell(10_999, BETTER), false);
  assert.equal(unwell(11_000), false, "nobody is better");
  assert.equal(unwell(11_000, BETTER), true);
  assert.equal(unwell(20_999, BETTER), false);
  assert.match(message()!, /^serves although/);
  resort.look({ unwell: [], state: "master", nowMs: 21_000 }, ABLE);
  assert.match(message()!, /^over for /);
});

Deno.test("while the other node is held back, its promote is the remedy", () => {
  const { resort, remedy } = open();
  const unwell = { unwell: UNWELL, state: "master", nowMs: 1000 } as const;
  resort.look({ unwell: [], state: "master", nowMs: 0 }, ABLE);
  assert.equal(resort.look(unwell, HELD), false);
  assert.match(remedy()!, /^vipd promote web on lb02 ends its hold, and it serves; or repair/);
  resort.look(unwell, NONE);
  assert.match(remedy()!, /the first node that is well serves$/);
});

Deno.test("it does not ask where nobody could serve, nor while it hands over", () => {
  const { resort, stands } = open();
  resort.look({ unwell: [], state: "master", nowMs: 0 }, ABLE);
  const handingOver = { unwell: UNWELL, state: "handing_over", nowMs: 1000 } as const;
  assert.equal(resort.look(handingOver, ABLE), false);
  assert.equal(stands(), false);
  const serving = { unwell: UNWELL, state: "master", nowMs: 1000 } as const;
  assert.equal(resort.look(serving, NONE), false);
  assert.equal(stands(), true);
  // Its question is spent: it asks only somebody who is better.
  assert.equal(resort.look(serving, ABLE), false);
  assert.equal(resort.look(serving, BETTER), true);
});

Deno.test("one that begins to serve unwell knows that nobody else did, until it is well", () => {
  const { resort, stands } = open();
  assert.equal(resort.look({ unwell: UNWELL, state: "other", nowMs: 0 }, ABLE), false);
  assert.equal(stands(), false);
  assert.equal(resort.look({ unwell: UNWELL, state: "master", nowMs: 1000 }, ABLE), false);
  assert.equal(stands(), true);
  assert.equal(resort.look({ unwell: UNWELL, state: "other", nowMs: 2000 }, ABLE), false);
  resort.look({ unwell: [], state: "master", nowMs: 3000 }, ABLE);
  assert.equal(resort.look({ unwell: UNWELL, state: "master", nowMs: 4000 }, ABLE), true);
  const { resort: fresh } = open();
  assert.equal(fresh.look({ unwell: UNWELL, state: "master", nowMs: 0 }, ABLE), false);
});
