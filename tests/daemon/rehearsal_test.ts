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
    const host = {
      rehearseTakeover: (family: Family) => void rehearsed.push(family),
      prepareAddresses: () => {},
    };
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
    const host = { rehearseTakeover: () => rehearsed++, prepareAddresses: () => {} };
    rehearseTakeover({ ...config("lb01", {}), instances }, host);
    return rehearsed;
  };
  const rounds = [1, 20, 1000].map((count) =>
    rehearsals(Array.from({ length: count }, () => instanceConfig()))
  );
  assert.deepEqual(rounds, [5, 20, 40]);
  const addresses = Array.from({ length: 30 }, () => instanceConfig().addresses[0]!);
  assert.equal(rehearsals([instanceConfig({ addresses })]), 30);
});

Deno.test("the addresses of an instance that has several are prepared, and some of them rehearsed at a time", () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, () => ({ ...instanceConfig().addresses[0]! }));
  const [one, many] = [
    instanceConfig({ addresses: addresses(1) }),
    instanceConfig({ addresses: addresses(200), leaseSeconds: null }),
  ];
  const prepared: unknown[] = [];
  const together = new Set<number>();
  rehearseTakeover({ ...config("lb01", {}), instances: [one, many] }, {
    rehearseTakeover: (_, addressCount) => void together.add(addressCount),
    prepareAddresses: (...asked) => void prepared.push(asked),
  });
  assert.deepEqual([...together], [8]);
  assert.equal(prepared.length, 1);
  assert.deepEqual(prepared[0], [many.addresses, null]);
});
