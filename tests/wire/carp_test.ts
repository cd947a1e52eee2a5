/** CARP shares its protocol number and group with VRRP. */

import assert from "node:assert/strict";
import { isCarp } from "../../src/wire/carp.ts";
import { encodeAdvertisement } from "../../src/wire/vrrp.ts";

/** What a CARP node sends: version 2, type 1, seven words of authentication. */
const CARP = new Uint8Array(36);
CARP.set([0x21, 55, 0, 7, 0, 1]);

/** A VRRPv2 advert with so many addresses. */
function advert(addresses: number): Uint8Array {
  const envelope = { source: "192.0.2.1", destination: "224.0.0.18" };
  return encodeAdvertisement(
    {
      version: 2,
      vrid: 55,
      priority: 100,
      intervalCs: 100,
      authentication: { type: 0, data: new Uint8Array(8) },
      addresses: Array.from({ length: addresses }, (_, at) => `192.0.2.${100 + at}`),
    },
    envelope,
    "message",
  );
}

/** A copy with one octet changed. */
function changed(octets: Uint8Array, at: number, to: number): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy[at] = to;
  return copy;
}

Deno.test("an advert with five addresses is as long as one of CARP", () => {
  assert.equal(advert(5).length, CARP.length);
});

Deno.test("CARP is known by length, version and its length of authentication together", async (t) => {
  const rows: [string, Uint8Array, boolean][] = [
    ["CARP", CARP, true],
    ["VRRPv2 with five addresses", advert(5), false],
    ["VRRPv2 with seven addresses", advert(7), false],
    ["VRRPv2 with one address", advert(1), false],
    ["CARP's length, but VRRPv3", changed(CARP, 0, 0x31), false],
    ["CARP's length, but another type", changed(CARP, 0, 0x22), false],
    ["CARP that was cut", CARP.subarray(0, 35), false],
    ["CARP with something behind it", Uint8Array.from([...CARP, 0]), false],
    ["nothing", new Uint8Array(), false],
  ];
  for (const [what, payload, expected] of rows) {
    await t.step(what, () => assert.equal(isCarp(payload), expected));
  }
});
