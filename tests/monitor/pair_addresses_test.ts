import assert from "node:assert/strict";
import { PairAddresses } from "../../src/monitor/pair_addresses.ts";

const HOUR_MS = 3_600_000;

Deno.test("an address is the pair's for an hour from its last advert", () => {
  const known = new PairAddresses();
  known.advertised(["10.0.0.1", "10.0.0.2"], 1000);
  known.advertised(["10.0.0.2"], 2000);
  assert.ok(known.has(["10.0.0.1"], 1000 + HOUR_MS - 1));
  assert.ok(!known.has(["10.0.0.1"], 1000 + HOUR_MS));
  assert.ok(known.has(["10.0.0.9", "10.0.0.2"], 1000 + HOUR_MS), "one of them is enough");
  assert.ok(!known.has(["10.0.0.9"], 1000));
  assert.ok(!known.has([], 1000));
});

Deno.test("of more than 512 addresses the one advertised longest ago is forgotten", () => {
  const known = new PairAddresses();
  const many = Array.from({ length: 512 }, (_, number) => `10.0.${number >> 8}.${number & 255}`);
  known.advertised(many, 0);
  known.advertised([many[0]!], 1);
  assert.ok(many.every((address) => known.has([address], 2)));
  known.advertised(["192.168.31.5"], 2);
  assert.deepEqual(many.filter((address) => !known.has([address], 2)), [many[1]]);
});
