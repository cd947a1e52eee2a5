/**
 * What holds of every address, route and rule when it is compared with others. fast-check shortens what fails, and prints
 * it and its seed.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ActualAddress,
  addressDrift,
  findAddress,
  isAlike,
  sameAddress,
  type VirtualAddress,
} from "../../src/vip/addresses.ts";
import {
  findRouting,
  routingDrift,
  type RoutingEntry,
  routingIdentity,
  sameRouting,
  type VirtualRoute,
  type VirtualRule,
} from "../../src/vip/routing.ts";

const OPTIONS = { seed: 20_260_102, numRuns: 2000 };
const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const address: fc.Arbitrary<VirtualAddress> = fc.record({
  address: oneOf("192.168.31.5", "192.168.31.6"),
  device: oneOf("eth1", "eth2"),
  prefixLength: oneOf(24, 32),
  label: oneOf("eth1", "eth1:1"),
  scope: oneOf("global", "link", "host"),
  broadcast: oneOf("192.168.31.255", "192.168.31.127"),
}, { requiredKeys: ["address", "device", "prefixLength"] });

const network = fc.record({
  address: oneOf("10.1.0.0", "10.2.0.0"),
  prefixLength: oneOf(16, 17),
});
const route: fc.Arbitrary<VirtualRoute> = fc.record({
  kind: oneOf("route"),
  family: oneOf("ipv4", "ipv6"),
  to: fc.oneof(network, oneOf(null)),
  table: oneOf(100, 254),
  via: oneOf("192.168.31.1", "192.168.31.2"),
  device: oneOf("eth1", "eth2"),
  source: oneOf("192.168.31.5", "192.168.31.6"),
  metric: oneOf(0, 50, 1024),
  scope: oneOf("global", "link"),
}, { requiredKeys: ["kind", "family", "to", "table"] });
const rule: fc.Arbitrary<VirtualRule> = fc.record({
  kind: oneOf("rule"),
  family: oneOf("ipv4", "ipv6"),
  from: network,
  to: network,
  fwmark: oneOf(1, 2),
  iif: oneOf("eth1", "eth2"),
  oif: oneOf("eth1", "eth2"),
  table: oneOf(100, 254),
  priority: oneOf(900, 901),
}, { requiredKeys: ["kind", "family", "table", "priority"] });
const entry: fc.Arbitrary<RoutingEntry> = fc.oneof(route, rule);

/** Two that differ in two respects at most: of those that differ in many nothing is learned. */
function near<T extends object>(of: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> {
  return fc.tuple(of, of).chain(([one, other]) =>
    fc.subarray(Object.entries(other), { maxLength: 2 })
      .map((entries): [T, T] => [one, { ...one, ...Object.fromEntries(entries) }])
  );
}

/** As the kernel shows an address of vipd's that was put as this one says, with a lease. */
function shown({ address, prefixLength, device, label, scope, broadcast }: VirtualAddress) {
  const actual: ActualAddress = {
    ...{ address, prefixLength, ends: true },
    ...(label !== undefined && label !== device && { label }),
    ...(scope !== undefined && scope !== "global" && { scope }),
    ...(broadcast !== undefined && { broadcast }),
  };
  return actual;
}

/** As the kernel shows an entry that was put as this one says. */
function shownEntry(entry: RoutingEntry): RoutingEntry {
  if (entry.kind === "rule") return { ...entry };
  const { family, metric, scope, via } = entry;
  return {
    ...entry,
    metric: metric ?? (family === "ipv4" ? 0 : 1024),
    ...(family === "ipv4" && { scope: scope ?? (via === undefined ? "link" : "global") }),
  };
}

Deno.test("an address is found as it was put, among whatever others its device has", () => {
  const property = fc.property(address, fc.array(address), (put, others) => {
    const onDevice = [...others.filter((it) => it.address !== put.address), put].map(shown);
    assert.deepEqual(findAddress(put, onDevice, true), { kind: "present" });
    assert.deepEqual(findAddress(put, onDevice, false), {
      ...{ kind: "altered", attributes: ["valid lifetime"] },
    });
  });
  fc.assert(property, OPTIONS);
});

Deno.test("two addresses are alike when what the kernel shows of them is, whichever is first", () => {
  const property = fc.property(near(address), ([one, other]) => {
    const alike = sameAddress(one, other) &&
      JSON.stringify(shown(one)) === JSON.stringify(shown(other));
    assert.equal(isAlike(one, other), alike);
    assert.equal(isAlike(other, one), alike);
    if (sameAddress(one, other)) {
      assert.equal(addressDrift(one, shown(other), true).length === 0, alike);
    }
    assert.ok(isAlike(one, { ...one }));
  });
  fc.assert(property, OPTIONS);
});

Deno.test("an entry is found as it was put, among whatever others vipd has put", () => {
  const property = fc.property(entry, fc.array(entry), (put, others) => {
    const actual = [...others.filter((it) => !sameRouting(it, put)), put].map(shownEntry);
    assert.deepEqual(findRouting(put, actual), { kind: "present" });
    assert.deepEqual(findRouting(put, actual.slice(0, -1)), { kind: "absent" });
    assert.deepEqual(routingDrift(put, shownEntry(put)), []);
  });
  fc.assert(property, OPTIONS);
});

Deno.test("no two entries that the kernel distinguishes have one identity", () => {
  /** What the kernel knows an entry by: `fib_table_insert`, `fib_nl_newrule` and their IPv6 likes. */
  const known = (it: RoutingEntry) => {
    if (it.kind === "route") {
      const metric = it.metric ?? (it.family === "ipv4" ? 0 : 1024);
      return [it.kind, it.family, it.to, metric, it.table];
    }
    const { kind, family, from, to, fwmark, iif, oif, table, priority } = it;
    return [kind, family, from, to, fwmark, iif, oif, table, priority];
  };
  const pairs = fc.oneof(
    near<RoutingEntry>(route),
    near<RoutingEntry>(rule),
    fc.tuple(entry, entry),
  );
  const property = fc.property(pairs, ([one, other]) => {
    const same = JSON.stringify(known(one)) === JSON.stringify(known(other));
    assert.equal(routingIdentity(one) === routingIdentity(other), same);
  });
  fc.assert(property, OPTIONS);
});
