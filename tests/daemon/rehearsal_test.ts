import assert from "node:assert/strict";
import type { InstanceConfig } from "../../src/config/model.ts";
import { rehearseTakeover } from "../../src/daemon/rehearsal.ts";
import { config, instanceConfig } from "../../src/sim/cluster.ts";
import type { Family } from "../../src/wire/address.ts";

Deno.test("what a node may have to take over is rehearsed: each family on the host as often, others not at all", () => {
  const cases: readonly [readonly Family[], readonly Family[]][] = [
    [["ipv4"], ["ipv4"]],
    [["ipv6", "ipv6"], ["ipv6"]],
    [["ipv4", "ipv6", "ipv4"], ["ipv4", "ipv6"]],
    [[], []],
  ];
  for (const [families, expected] of cases) {
    const instances = families.map((family) => instanceConfig({ family, version: 3 }));
    const rehearsed: Family[] = [];
    const host = { rehearseTakeover: (family: Family) => void rehearsed.push(family) };
    rehearseTakeover({ ...config("lb01", {}), instances }, host);
    const counts = Map.groupBy(rehearsed, (family) => family);
    assert.deepEqual([...counts.keys()].sort(), expected);
    const [first = []] = counts.values();
    for (const each of counts.values()) assert.equal(each.length, first.length);
  }
});

Deno.test("who has many addresses to take over rehearses more often, within bounds", () => {
  const rehearsals = (instances: readonly InstanceConfig[]) => {
    let rehearsed = 0;
    rehearseTakeover({ ...config("lb01", {}), instances }, { rehearseTakeover: () => rehearsed++ });
    return rehearsed;
  };
  const rounds = [1, 20, 1000].map((count) =>
    rehearsals(Array.from({ length: count }, () => instanceConfig()))
  );
  assert.deepEqual(rounds, [5, 20, 40]);
  const addresses = Array.from({ length: 30 }, () => instanceConfig().addresses[0]!);
  assert.equal(rehearsals([instanceConfig({ addresses })]), 30);
});
