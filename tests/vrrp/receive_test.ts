import assert from "node:assert/strict";
import {
  checkAdvertisement,
  checkTtl,
  disjoint,
  type DropReason,
  isFirstAddressFit,
  type Mismatch,
  type ReceiveExpectation,
  type Verdict,
} from "../../src/vrrp/receive.ts";
import { type Advertisement, passwordOctets } from "../../src/wire/vrrp.ts";

const NO_AUTHENTICATION = { type: 0, data: new Uint8Array(8) };
const V2: Advertisement = {
  version: 2,
  vrid: 51,
  priority: 100,
  intervalCs: 100,
  addresses: ["192.0.2.1", "192.0.2.2"],
  authentication: NO_AUTHENTICATION,
};
const { authentication: _, ...REST } = V2;
const V3: Advertisement = { ...REST, version: 3 };
const V6: Advertisement = { ...V3, addresses: ["fe80::1", "2001:db8::1"] };

function expecting(advertisement: Advertisement): ReceiveExpectation {
  const { version, priority, intervalCs, addresses } = advertisement;
  return {
    version,
    priority,
    advertIntervalCs: intervalCs,
    authentication: NO_AUTHENTICATION,
    addresses,
  };
}

const PASSWORD = { type: 1, data: passwordOctets("s3cr3t") };

/** The peer's advert, what this router expects, and the verdict: a reason to discard, or mismatches. */
const CASES:
  readonly (readonly [string, Advertisement, ReceiveExpectation, DropReason | Mismatch[]])[] = [
    ["version 2 as configured", V2, expecting(V2), []],
    ["version 3 as configured", V3, expecting(V3), []],
    ["IPv6 as configured", V6, expecting(V6), []],
    ["version 3 where 2 is configured", V3, expecting(V2), "version"],
    ["version 2 where 3 is configured", V2, expecting(V3), "version"],
    ["version 2 without addresses", { ...V2, addresses: [] }, expecting(V2), "address_count_zero"],
    ["version 3 without addresses", { ...V3, addresses: [] }, expecting(V3), "address_count_zero"],
    ["version 3 with interval 0", { ...V3, intervalCs: 0 }, expecting(V3), "interval_zero"],
    ["version 3 with another interval", { ...V3, intervalCs: 50 }, expecting(V3), ["interval"]],
    [
      "version 2 with another interval",
      { ...V2, intervalCs: 200 },
      expecting(V2),
      "interval_mismatch",
    ],
    ["version 2 with interval 0", { ...V2, intervalCs: 0 }, expecting(V2), "interval_mismatch"],
    [
      "IPv6 that begins with a global address",
      { ...V6, addresses: ["2001:db8::1", "fe80::1"] },
      expecting(V6),
      "address_list",
    ],
    ["addresses where we advertise none", V2, { ...expecting(V2), addresses: [] }, []],
    [
      "no addresses where we advertise none",
      { ...V3, addresses: [] },
      { ...expecting(V3), addresses: [] },
      [],
    ],
    [
      "interval 0 where we advertise none",
      { ...V3, addresses: [], intervalCs: 0 },
      { ...expecting(V3), addresses: [] },
      "interval_zero",
    ],
    [
      "no addresses where our IPv6 list begins with a global one",
      { ...V6, addresses: [] },
      { ...expecting(V6), addresses: ["2001:db8::1"] },
      "address_count_zero",
    ],
    [
      "IPv6 that begins with a global address, as ours does",
      { ...V6, addresses: ["2001:db8::1"] },
      { ...expecting(V6), addresses: ["2001:db8::1"] },
      [],
    ],
    [
      "type 0 with data in the trailer",
      { ...V2, authentication: { type: 0, data: passwordOctets("rubbish") } },
      expecting(V2),
      [],
    ],
    [
      "a password where none is configured",
      { ...V2, authentication: PASSWORD },
      expecting(V2),
      "authentication_type",
    ],
    [
      "no password where one is configured",
      V2,
      { ...expecting(V2), authentication: PASSWORD },
      "authentication_type",
    ],
    [
      "the right password",
      { ...V2, authentication: PASSWORD },
      { ...expecting(V2), authentication: PASSWORD },
      [],
    ],
    [
      "the wrong password",
      { ...V2, authentication: { type: 1, data: passwordOctets("s3cr3T") } },
      { ...expecting(V2), authentication: PASSWORD },
      "authentication_failed",
    ],
    [
      "MD5, type 2",
      { ...V2, authentication: { type: 2, data: PASSWORD.data } },
      { ...expecting(V2), authentication: PASSWORD },
      "authentication_type",
    ],
    [
      "another order of addresses",
      { ...V3, addresses: ["192.0.2.2", "192.0.2.1"] },
      expecting(V3),
      [],
    ],
    ["an address less", { ...V3, addresses: ["192.0.2.1"] }, expecting(V3), ["addresses"]],
    [
      "another address",
      { ...V2, addresses: ["192.0.2.1", "192.0.2.3"] },
      expecting(V2),
      ["addresses"],
    ],
    ["another address than our only one", { ...V3, addresses: ["192.0.2.3"] }, {
      ...expecting(V3),
      addresses: ["192.0.2.1"],
    }, ["addresses"]],
    ["priority 255 where we are not the owner", { ...V3, priority: 255 }, expecting(V3), []],
    [
      "two owners",
      { ...V3, priority: 255 },
      { ...expecting(V3), priority: 255 },
      ["owner"],
    ],
    ["priority 0", { ...V2, priority: 0 }, expecting(V2), []],
    [
      "everything a peer may do differently",
      { ...V3, priority: 255, intervalCs: 50, addresses: ["192.0.2.9"] },
      { ...expecting(V3), priority: 255 },
      ["interval", "addresses", "owner"],
    ],
    // The first check that fails decides.
    [
      "wrong version before everything else",
      { ...V2, addresses: [], intervalCs: 0 },
      expecting(V3),
      "version",
    ],
    [
      "wrong password before wrong interval",
      { ...V2, authentication: PASSWORD, intervalCs: 200 },
      expecting(V2),
      "authentication_type",
    ],
  ];

Deno.test("an advert is accepted, with what differs, or discarded for one reason", async (t) => {
  for (const [name, advertisement, expected, outcome] of CASES) {
    await t.step(name, () => {
      const verdict: Verdict = typeof outcome === "string"
        ? { accept: false, reason: outcome }
        : { accept: true, mismatches: outcome };
      assert.deepEqual(checkAdvertisement(advertisement, expected), verdict);
    });
  }
});

Deno.test("a TTL other than 255 comes from beyond the link", () => {
  assert.equal(checkTtl(255), null);
  assert.deepEqual([0, 1, 64, 254, 256].map(checkTtl), new Array(5).fill("ttl"));
});

Deno.test("lists with no address in common are of two pairs; without an address nobody says so", () => {
  const rows: readonly (readonly [readonly string[], readonly string[], boolean])[] = [
    [["192.0.2.1"], ["192.0.2.2"], true],
    [["192.0.2.1", "192.0.2.2"], ["192.0.2.3", "192.0.2.4"], true],
    [["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.3"], false],
    [["192.0.2.1"], [], false],
    [[], ["192.0.2.1"], false],
    [[], [], false],
  ];
  for (const [a, b, want] of rows) assert.equal(disjoint(a, b), want, `${a} and ${b}`);
});

Deno.test("the first address of a list must be link-local if it is one of IPv6", () => {
  const rows: readonly (readonly [readonly string[], boolean])[] = [
    [[], true],
    [["192.0.2.1"], true],
    [["fe80::1", "2001:db8::1"], true],
    [["2001:db8::1", "fe80::1"], false],
  ];
  for (const [addresses, want] of rows) {
    assert.equal(isFirstAddressFit(addresses), want, addresses.join());
  }
});
