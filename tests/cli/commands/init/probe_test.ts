/** What a finding of the link means for the answers of a person. */

import assert from "node:assert/strict";
import { reconsidered } from "../../../../src/cli/commands/init/probe.ts";
import { parseConfig } from "../../../../src/config/load.ts";
import type { MonitoredRouter } from "../../../../src/monitor/findings.ts";

const loaded = parseConfig(
  "instances: [{ name: VI_1, interface: eth1, vrid: 55, priority: 150, addresses: [10.0.0.5/24] }]",
  "vipd.yaml",
  { hostname: "lb01" },
);
assert.ok(loaded.ok);
const [config] = loaded.config.instances;

function router(vrid: number, ...addresses: string[]) {
  return { vrid, senders: [{ role: "master", addresses }] } as unknown as MonitoredRouter;
}

Deno.test("the address of the pair's other node, under another number: the number is wrong", () => {
  const others = [router(7, "10.0.0.9"), router(8, "10.0.0.5")];
  const facts = { config: config!, heard: null, others };
  assert.deepEqual(reconsidered({ code: "address_in_use" }, facts), {
    ...{ answer: "vrid", proposal: "8" },
  });
});

Deno.test("an address that a machine answers for is another address", () => {
  const facts = { config: config!, heard: null, others: [router(8, "10.0.0.9")] };
  assert.deepEqual(reconsidered({ code: "address_in_use" }, facts), { answer: "addresses" });
});

Deno.test("another pair's number is the next that nobody uses", () => {
  const [heard, ...others] = [router(55, "10.0.0.9"), router(56, "10.0.0.8")];
  const proposed = (all: MonitoredRouter[]) =>
    reconsidered({ code: "vrid_in_use" }, { config: config!, heard: heard!, others: all }).proposal;
  assert.equal(proposed(others), "57");
  assert.equal(proposed(Array.from({ length: 200 }, (_, at) => router(at + 56, "10.0.0.8"))), "1");
  const all = Array.from({ length: 255 }, (_, at) => router(at + 1, "10.0.0.8"));
  assert.equal(proposed(all), undefined);
});
