/** For how long a virtual address waits for the host's own one that was lost with it. */

import assert from "node:assert/strict";
import { LostAddresses } from "../../../src/node/resources/lost_addresses.ts";
import type { PlacedAddress } from "../../../src/vip/network.ts";

const OWN: PlacedAddress = { address: "192.168.31.11", prefixLength: 24, device: "eth1" };
const VIRTUAL: PlacedAddress = { ...OWN, address: "192.168.31.5" };
const LOST_MS = 1000;
const OVER_MS = LOST_MS + 200;

/** The host has had these addresses, and others after that. */
function lost(before: readonly PlacedAddress[], after: readonly PlacedAddress[]): LostAddresses {
  const addresses = new LostAddresses();
  addresses.look(before, 0);
  addresses.look(after, LOST_MS);
  return addresses;
}

Deno.test("a lost address is awaited for its grace, from when it was missed first", () => {
  const addresses = lost([OWN], []);
  addresses.look([], LOST_MS + 1);
  assert.equal(addresses.awaitedUntilMs(VIRTUAL), OVER_MS);
  assert.deepEqual(
    [LOST_MS, OVER_MS - 1, OVER_MS].map((nowMs) => addresses.someAwaited(nowMs)),
    [true, true, false],
  );
  addresses.look([], OVER_MS - 1);
  assert.equal(addresses.awaitedUntilMs(VIRTUAL), OVER_MS);
  addresses.look([], OVER_MS);
  assert.equal(addresses.awaitedUntilMs(VIRTUAL), null);
});

Deno.test("what is awaited is an address whose place no other one has", async (t) => {
  const other: PlacedAddress = { ...OWN, address: "192.168.31.12" };
  const far: PlacedAddress = { ...OWN, address: "10.0.0.11" };
  const ipv6: PlacedAddress = { address: "2001:db8::11", prefixLength: 64, device: "eth1" };
  const [some, none] = [{ some: true, virtual: false }, { some: false, virtual: false }];
  const rows: [string, PlacedAddress[], PlacedAddress[], { some: boolean; virtual: boolean }][] = [
    ["nothing was there", [], [], none],
    ["it is there", [OWN], [OWN], none],
    ["it is gone", [OWN], [], { some: true, virtual: true }],
    ["another one of its network is there", [OWN], [other], none],
    ["another one of its network stayed", [OWN, other], [other], none],
    ["it has another mask", [OWN], [{ ...OWN, prefixLength: 25 }], none],
    ["one of another network is gone", [OWN, far], [OWN], some],
    ["it is on another device", [OWN], [{ ...OWN, device: "eth2" }], { some: true, virtual: true }],
    ["one of another network is there", [OWN], [far], { some: true, virtual: true }],
    ["one of IPv6 is gone, which has no network here", [ipv6], [], some],
  ];
  for (const [what, before, after, { some, virtual }] of rows) {
    await t.step(what, () => {
      const addresses = lost(before, after);
      assert.equal(addresses.someAwaited(LOST_MS), some);
      assert.equal(addresses.awaitedUntilMs(VIRTUAL), virtual ? OVER_MS : null);
    });
  }
});

Deno.test("one that came back and goes again is awaited again", () => {
  const addresses = lost([OWN], []);
  addresses.look([OWN], LOST_MS + 100);
  assert.equal(addresses.awaitedUntilMs(VIRTUAL), null);
  addresses.look([], LOST_MS + 150);
  assert.equal(addresses.awaitedUntilMs(VIRTUAL), OVER_MS + 150);
});
