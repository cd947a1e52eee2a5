import assert from "node:assert/strict";
import { sameInterface } from "../../src/vip/virtual_interface.ts";

Deno.test("of two virtual interfaces with one name a host can have only one", () => {
  const one = { name: "vrrp.55", parent: "eth1", mac: Uint8Array.of(0, 0, 0x5e, 0, 1, 55) };
  assert.ok(sameInterface(one, { ...one, parent: "eth2", mac: new Uint8Array(6) }));
  assert.ok(!sameInterface(one, { ...one, name: "vrrp.56" }));
});
