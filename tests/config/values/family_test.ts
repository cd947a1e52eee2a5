import assert from "node:assert/strict";
import { instanceFamily } from "../../../src/config/values/family.ts";

const entry = (address: string, advertise = true) => ({ address: { address }, advertise });
const unicast = { peers: ["2001:db8::2"] };

for (
  const [what, values, family] of [
    ["the first address", { addresses: [entry("fe80::5"), entry("10.0.0.5", false)] }, "ipv6"],
    ["not one that is only carried", {
      addresses: [entry("2001:db8::5", false), entry("10.0.0.5")],
    }, "ipv4"],
    ["the source, without an address in the adverts", {
      addresses: [entry("10.0.0.5", false)],
      source_address: "fe80::1",
    }, "ipv6"],
    ["the peers, without a source", { addresses: [], unicast }, "ipv6"],
    ["the source before the peers", { addresses: [], source_address: "10.0.0.1", unicast }, "ipv4"],
    ["nothing", { addresses: [] }, "ipv4"],
  ] as const
) {
  Deno.test(`the family of an instance is said by ${what}`, () => {
    assert.equal(instanceFamily(values), family);
  });
}
