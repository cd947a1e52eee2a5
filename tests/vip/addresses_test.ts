import assert from "node:assert/strict";
import { inPrefix } from "../../src/vip/addresses.ts";

Deno.test("an address is of a network when it has the network's first bits", async (t) => {
  const rows: [address: string, network: string, prefixLength: number, expected: boolean][] = [
    ["192.168.31.12", "192.168.31.11", 24, true],
    ["192.168.32.12", "192.168.31.11", 24, false],
    ["192.168.31.12", "192.168.31.11", 29, true],
    ["192.168.31.16", "192.168.31.11", 29, false],
    ["192.168.31.11", "192.168.31.11", 32, true],
    ["192.168.31.12", "192.168.31.11", 32, false],
    ["10.0.0.1", "192.168.31.11", 0, true],
    ["2001:db8::12", "2001:db8::11", 64, true],
    ["2001:db9::12", "2001:db8::11", 64, false],
    ["2001:db8::12", "192.168.31.11", 0, false],
  ];
  for (const [address, network, prefixLength, expected] of rows) {
    await t.step(`${address} in ${network}/${prefixLength}`, () => {
      assert.equal(inPrefix(address, network, prefixLength), expected);
    });
  }
});
