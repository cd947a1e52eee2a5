/** Which addresses of one IPv4 network are the primary ones. */

import assert from "node:assert/strict";
import { type PlacedAddress, promoted, sharesNetwork } from "../../src/vip/network.ts";

/** `192.168.31.5/24 secondary` on eth1. */
function on(text: string, device = "eth1"): PlacedAddress {
  const [whole, secondary] = text.split(" ");
  const [address, length] = whole!.split("/");
  return {
    ...{ address: address!, prefixLength: Number(length), device },
    ...(secondary && { secondary: true }),
  };
}

Deno.test("two addresses share a network if mask, network and device are the same", () => {
  const vip = on("192.168.31.5/24");
  assert.ok(sharesNetwork(vip, on("192.168.31.11/24")));
  for (const other of ["192.168.31.11/25", "192.168.30.11/24", "192.168.31.5/32"]) {
    assert.ok(!sharesNetwork(vip, on(other)), other);
  }
  assert.ok(sharesNetwork(on("10.0.0.5/0"), on("192.168.31.5/0")));
  assert.ok(sharesNetwork(on("10.0.0.5/1"), on("127.0.0.1/1")));
  assert.ok(!sharesNetwork(on("10.0.0.5/1"), on("192.168.31.5/1")));
  assert.ok(sharesNetwork(on("10.0.0.5/32"), on("10.0.0.5/32")));
  assert.ok(!sharesNetwork(on("10.0.0.5/32"), on("10.0.0.4/32")));
  assert.ok(!sharesNetwork(vip, on("192.168.31.11/24", "eth0")));
  assert.ok(!sharesNetwork(on("fe80::5/64"), on("fe80::1/64")), "IPv6 has no secondary addresses");
});

const CASES: readonly [what: string, present: readonly string[], expected: readonly string[]][] = [
  ["behind the own one", ["192.168.31.11/24", "192.168.31.5/24 secondary"], []],
  ["alone", ["192.168.31.5/24"], []],
  ["before the own one", ["192.168.31.5/24", "192.168.31.11/24 secondary"], ["192.168.31.5"]],
  [
    "one before and one behind the own one",
    ["192.168.31.5/24", "192.168.31.11/24 secondary", "192.168.31.6/24 secondary"],
    ["192.168.31.5"],
  ],
  [
    "both before the own one",
    ["192.168.31.5/24", "192.168.31.6/24 secondary", "192.168.31.11/24 secondary"],
    ["192.168.31.5", "192.168.31.6"],
  ],
  [
    "behind one of two own ones",
    ["192.168.31.11/24", "192.168.31.5/24 secondary", "192.168.31.12/24 secondary"],
    [],
  ],
  ["another network's own one", ["192.168.31.5/24", "10.0.0.1/24"], []],
];

for (const [what, present, expected] of CASES) {
  Deno.test(`virtual addresses that stand before the host's own: ${what}`, () => {
    const virtual = [on("192.168.31.5/24"), on("192.168.31.6/24")];
    const isVirtual = (address: string) => virtual.some((it) => it.address === address);
    const found = promoted(virtual, present.map((it) => on(it)), isVirtual);
    assert.deepEqual(found.map(({ address }) => address), expected);
  });
}
