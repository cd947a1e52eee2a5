import assert from "node:assert/strict";
import {
  addressesMissing,
  counterpart,
  type Difference,
  differences,
  differenceText,
  loweredBy,
  routerKey,
  type Settings,
} from "../../../src/status/peer/settings.ts";

const OWN: Settings = {
  name: "web",
  interface: "eth1",
  vrid: 51,
  family: "ipv4",
  version: 3,
  advert_interval_ms: 1000,
  preempt: true,
  authentication: "none",
  addresses: ["192.168.31.5/24", "192.168.31.6/24"],
  priority: { configured: 150 },
};
/** The same instance on the other node, as it should be. */
const PEER: Settings = { ...OWN, priority: { configured: 100 } };

Deno.test("what should be the same on both nodes and is not differs", () => {
  const rows: [own: Settings, peer: Settings, expected: Difference[]][] = [
    [OWN, PEER, []],
    [OWN, { ...PEER, addresses: OWN.addresses.toReversed() }, []],
    [OWN, { ...PEER, vrid: 52 }, [{ what: "VRID", grave: true, own: "51", peer: "52" }]],
    [OWN, { ...PEER, version: 2 }, [{ what: "VRRP version", grave: true, own: "3", peer: "2" }]],
    [OWN, { ...PEER, advert_interval_ms: 500 }, [
      { what: "advert interval", grave: true, own: "1 s", peer: "0.5 s" },
    ]],
    [OWN, { ...PEER, advert_interval_ms: null }, []],
    [OWN, { ...PEER, authentication: "pass" }, [
      { what: "authentication", grave: true, own: "none", peer: "pass" },
    ]],
    [OWN, { ...PEER, addresses: ["192.168.31.5/24"] }, [
      {
        what: "addresses",
        grave: true,
        own: "192.168.31.5/24 192.168.31.6/24",
        peer: "192.168.31.5/24",
      },
    ]],
    [OWN, { ...PEER, preempt: false }, [{ what: "preempt", grave: false, own: "yes", peer: "no" }]],
    [{ ...OWN, preempt: null }, PEER, []],
    [OWN, OWN, [{ what: "priority", grave: false, own: "150", peer: "150" }]],
    [{ ...OWN, preempt: false }, { ...OWN, preempt: false }, []],
  ];
  for (const [own, peer, expected] of rows) assert.deepEqual(differences(own, peer), expected);
});

Deno.test("a difference is written with both sides, once where they are equal", () => {
  const text = (own: Settings, peer: Settings) =>
    differences(own, peer).map((difference) => differenceText(difference, "lb02"));
  assert.deepEqual(text(OWN, { ...PEER, vrid: 52 }), ["VRID 51 here, 52 on lb02"]);
  assert.deepEqual(text(OWN, OWN), ["priority 150 on both"]);
});

Deno.test("a peer learns what lowers a priority, and nothing else", () => {
  const reason = (what: string, change: number) => ({ what, change });
  assert.deepEqual(loweredBy([]), {});
  assert.deepEqual(loweredBy([reason("a", 0), reason("b", 1)]), {});
  assert.deepEqual(loweredBy([reason("a", -1), reason("b", 0)]), { lowered_by: ["a"] });
  assert.deepEqual(loweredBy([reason("a", -1), reason("b", -2)]), { lowered_by: ["a", "b"] });
});

Deno.test("a peer learns the addresses that a master does not hold", () => {
  const held = { address: "192.168.31.5", held: true };
  const missing = { address: "192.168.31.6", held: false };
  const unknown = { address: "192.168.31.7" };
  assert.deepEqual(addressesMissing("master", [held, missing, unknown]), {
    addresses_missing: ["192.168.31.6"],
  });
  const other = { ...missing, address: "192.168.31.8" };
  assert.deepEqual(addressesMissing("master", [missing, other]), {
    addresses_missing: ["192.168.31.6", "192.168.31.8"],
  });
  assert.deepEqual(addressesMissing("master", [held, unknown]), {});
  assert.deepEqual(addressesMissing("backup", [missing]), {});
});

Deno.test("the counterpart is of the same VRID and family, and of them first the one with an address in common", () => {
  assert.equal(routerKey(OWN), "51 ipv4");
  const shared = { ...PEER, name: "a", interface: "eth8", addresses: ["192.168.31.6/24"] };
  const sameInterface = { ...PEER, name: "b", addresses: [] };
  const sameName = { ...PEER, interface: "eth9", addresses: [] };
  const stranger = { ...PEER, name: "c", interface: "eth7", addresses: [] };
  const otherVrid = { ...PEER, vrid: 52 };
  const otherFamily = { ...PEER, family: "ipv6" as const };
  const order = [shared, sameInterface, sameName, otherVrid];
  for (const [index, expected] of order.entries()) {
    const theirs = [stranger, otherFamily, ...order.slice(index).toReversed()];
    assert.equal(counterpart(OWN, theirs), expected);
  }
  assert.equal(counterpart(OWN, [stranger, otherFamily]), null);
  assert.equal(counterpart(OWN, [otherVrid, sameName], [sameName]), sameName);
});
