import assert from "node:assert/strict";
import type { InstanceConfig } from "../../src/config/model.ts";
import { warmUpTakeover } from "../../src/daemon/warm_up.ts";
import { config, instanceConfig } from "../../src/sim/cluster.ts";
import type { Family } from "../../src/wire/address.ts";

Deno.test("each family that a node may take over is warmed up on the host as often, others not at all", () => {
  const cases: readonly [readonly Family[], readonly Family[]][] = [
    [["ipv4"], ["ipv4"]],
    [["ipv6", "ipv6"], ["ipv6"]],
    [["ipv4", "ipv6", "ipv4"], ["ipv4", "ipv6"]],
    [[], []],
  ];
  for (const [families, expected] of cases) {
    const instances = families.map((family) => instanceConfig({ family, version: 3 }));
    const warmed: Family[] = [];
    const host = {
      warmUpTakeover: (family: Family) => void warmed.push(family),
      prepareAddresses: () => {},
    };
    warmUpTakeover({ ...config("lb01", {}), instances }, host);
    const counts = Map.groupBy(warmed, (family) => family);
    assert.deepEqual([...counts.keys()].sort(), expected);
    const [first = []] = counts.values();
    for (const each of counts.values()) assert.equal(each.length, first.length);
  }
});

Deno.test("more addresses to take over mean more rounds of the warm-up, within bounds", () => {
  const roundsFor = (instances: readonly InstanceConfig[]) => {
    let warmed = 0;
    const host = { warmUpTakeover: () => warmed++, prepareAddresses: () => {} };
    warmUpTakeover({ ...config("lb01", {}), instances }, host);
    return warmed;
  };
  const rounds = [1, 20, 1000].map((count) =>
    roundsFor(Array.from({ length: count }, () => instanceConfig()))
  );
  assert.deepEqual(rounds, [5, 20, 40]);
  const addresses = Array.from({ length: 30 }, () => instanceConfig().addresses[0]!);
  assert.equal(roundsFor([instanceConfig({ addresses })]), 30);
});

Deno.test("the addresses of an instance that has several are prepared, and some of them warmed up at a time", () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, () => ({ ...instanceConfig().addresses[0]! }));
  const [one, many] = [
    instanceConfig({ addresses: addresses(1) }),
    instanceConfig({ addresses: addresses(200), leaseSeconds: null }),
  ];
  const prepared: unknown[] = [];
  const together = new Set<number>();
  warmUpTakeover({ ...config("lb01", {}), instances: [one, many] }, {
    warmUpTakeover: (_, addressCount) => void together.add(addressCount),
    prepareAddresses: (...asked) => void prepared.push(asked),
  });
  assert.deepEqual([...together], [8]);
  assert.equal(prepared.length, 1);
  assert.deepEqual(prepared[0], [many.addresses, null]);
});
