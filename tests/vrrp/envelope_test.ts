import assert from "node:assert/strict";
import { checkEnvelope, type EnvelopeExpectation } from "../../src/vrrp/receive.ts";

const MULTICAST: EnvelopeExpectation = { kind: "multicast", group: "224.0.0.18" };
const MULTICAST6: EnvelopeExpectation = { kind: "multicast", group: "ff02::12" };
const OWN_GROUP: EnvelopeExpectation = { kind: "multicast", group: "239.1.2.3" };
const UNICAST: EnvelopeExpectation = { kind: "unicast", peers: ["10.0.0.2", "fe80::2"], minTtl: 1 };
const NEAR: EnvelopeExpectation = { kind: "unicast", peers: ["10.0.0.2"], minTtl: 255 };

const CASES = [
  ["multicast to a multicast instance", "10.0.0.2", "224.0.0.18", 255, MULTICAST, null],
  ["the same of IPv6", "fe80::2", "ff02::12", 255, MULTICAST6, null],
  ["multicast from beyond the link", "10.0.0.2", "224.0.0.18", 254, MULTICAST, "ttl"],
  ["IPv6 multicast from beyond the link", "fe80::2", "ff02::12", 64, MULTICAST6, "ttl"],
  ["unicast to a multicast instance", "10.0.0.2", "10.0.0.1", 255, MULTICAST, "unicast_mode"],
  [
    "unicast to a multicast instance of IPv6",
    "fe80::2",
    "fe80::1",
    255,
    MULTICAST6,
    "unicast_mode",
  ],
  ["another group", "10.0.0.2", "224.0.0.5", 255, MULTICAST, "multicast_group"],
  ["another group of IPv6", "fe80::2", "ff02::5", 255, MULTICAST6, "multicast_group"],
  ["a group of its own", "10.0.0.2", "239.1.2.3", 255, OWN_GROUP, null],
  ["a group of its own, from beyond the link", "10.0.0.2", "239.1.2.3", 254, OWN_GROUP, "ttl"],
  [
    "the usual group to one of its own",
    "10.0.0.2",
    "224.0.0.18",
    255,
    OWN_GROUP,
    "multicast_group",
  ],
  ["another group to a unicast instance", "10.0.0.2", "239.1.2.3", 255, UNICAST, "unicast_mode"],
  ["unicast from a peer", "10.0.0.2", "10.0.0.1", 255, UNICAST, null],
  ["IPv6 unicast from a peer", "fe80::2", "fe80::1", 255, UNICAST, null],
  ["unicast over routers", "10.0.0.2", "10.0.0.1", 1, UNICAST, null],
  ["unicast over routers that must not be", "10.0.0.2", "10.0.0.1", 254, NEAR, "ttl"],
  ["unicast from a stranger", "10.0.0.3", "10.0.0.1", 255, UNICAST, "unicast_source"],
  ["multicast to a unicast instance", "10.0.0.2", "224.0.0.18", 255, UNICAST, "unicast_mode"],
] as const;

for (const [name, source, destination, ttl, expected, verdict] of CASES) {
  Deno.test(`IP header: ${name}: ${verdict ?? "accepted"}`, () => {
    assert.equal(checkEnvelope({ source, destination, ttl }, expected), verdict);
  });
}
