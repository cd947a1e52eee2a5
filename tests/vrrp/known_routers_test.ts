import assert from "node:assert/strict";
import { KnownRouters } from "../../src/vrrp/known_routers.ts";

const LB02 = "192.168.31.12";
const HOUR_MS = 3_600_000;

Deno.test("a router is known for an hour after it last shared an address", () => {
  const known = new KnownRouters();
  assert.equal(known.knows(LB02, 0), false);
  known.shared(LB02, 1000);
  known.shared(LB02, 5000);
  assert.equal(known.knows(LB02, 5000 + HOUR_MS - 1), true);
  assert.equal(known.knows(LB02, 5000 + HOUR_MS), false);
  assert.equal(known.knows("192.168.31.13", 5000), false);
});

Deno.test("ten thousand forged senders take sixteen places, and none from a router that speaks on", () => {
  const known = new KnownRouters();
  const forged = (index: number) => `10.0.${index >> 8}.${index & 0xff}`;
  for (let index = 0; index < 10_000; index++) {
    if (index % 10 === 0) known.shared(LB02, index);
    known.shared(forged(index), index);
  }
  const remembered = Array.from({ length: 10_000 }, (_, index) => forged(index))
    .filter((router) => known.knows(router, 10_000));
  assert.equal(remembered.length, 15);
  assert.equal(remembered.at(-1), forged(9999));
  assert.equal(known.knows(LB02, 10_000), true);
});

Deno.test("of two that were heard longest ago at one time, the one that was known first goes", () => {
  const known = new KnownRouters();
  const routers = Array.from({ length: 17 }, (_, index) => `192.0.2.${index}`);
  for (const router of routers) known.shared(router, 0);
  assert.deepEqual(routers.filter((router) => !known.knows(router, 0)), ["192.0.2.0"]);
});
