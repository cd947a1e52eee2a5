/** Networks and broadcast addresses. */

import assert from "node:assert/strict";
import { broadcastAddress } from "../../../src/config/values/host_values.ts";

Deno.test("a network has a broadcast address when it has room for one", async (t) => {
  const rows: [address: string, prefixLength: number, expected: string | null][] = [
    ["192.168.31.5", 24, "192.168.31.255"],
    ["192.168.31.5", 16, "192.168.255.255"],
    ["192.168.31.5", 29, "192.168.31.7"],
    ["192.168.31.5", 30, "192.168.31.7"],
    // RFC 3021: two addresses, and both are hosts.
    ["192.168.31.5", 31, null],
    ["192.168.31.5", 32, null],
    ["192.168.31.5", 1, "255.255.255.255"],
  ];
  for (const [address, prefixLength, expected] of rows) {
    await t.step(`${address}/${prefixLength}`, () => {
      assert.equal(broadcastAddress({ address, prefixLength }), expected);
    });
  }
});
