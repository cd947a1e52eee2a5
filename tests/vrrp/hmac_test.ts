/** The published vectors of the HMAC trailer, what changes in them do, and how recorded adverts are kept out. */

import assert from "node:assert/strict";
import { type HmacPolicy, SendSequence, TrailerChecker } from "../../src/vrrp/hmac.ts";
import { decodeAdvertisement, encodeAdvertisement } from "../../src/wire/vrrp.ts";
import { decodeTrailer, signAdvertisement, TRAILER_OCTETS } from "../../src/wire/vrrp_trailer.ts";

const KEY = { id: 1, key: Uint8Array.from({ length: 32 }, (_, at) => at) };
const SEQUENCE = 0x6800000080000000n;
const SENT_AT_MS = 0x68000000 * 1000 + 500;
const COMMON = { version: 3, vrid: 51, priority: 200, intervalCs: 100 } as const;

const POLICY: HmacPolicy = {
  keys: [KEY],
  activeKey: 1,
  replay: "monotonic",
  windowMs: 5000,
  mode: "enforce",
};

/** draft-cassen-vrrp-auth-hmac, appendix. */
const VECTORS = [
  {
    name: "IPv4",
    envelope: { source: "198.51.100.10", destination: "224.0.0.18" },
    addresses: ["192.0.2.100"],
    octets: "3133c80100644402c0000264" + "010100006800000080000000" +
      "1b84bc4e8e43892dc6d98448f8ee2265",
  },
  {
    name: "IPv6",
    envelope: { source: "fe80::10", destination: "fe80::20" },
    addresses: ["fe80::100"],
    octets: "3133c8010064a2e9" + "fe800000000000000000000000000100" +
      "010100006800000080000000" + "c8c56146ebfd66ee10ec4d8186461b78",
  },
] as const;

function check(payload: Uint8Array, source: string, policy = POLICY, atMs = SENT_AT_MS) {
  const trailer = payload.subarray(-TRAILER_OCTETS);
  return new TrailerChecker(policy, null).check(payload, trailer, source, atMs);
}

for (const { name, envelope, addresses, octets } of VECTORS) {
  Deno.test(`the published vector of ${name} is what is sent, and accepted when received`, () => {
    const message = encodeAdvertisement({ ...COMMON, addresses }, envelope, "message");
    const payload = signAdvertisement(message, envelope, KEY, SEQUENCE);
    assert.equal(payload.toHex(), octets);
    const decoded = decodeAdvertisement(payload, envelope, TRAILER_OCTETS);
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.advertisement.addresses, addresses);
    assert.equal(decoded.trailer?.toHex(), octets.slice(-56));
    assert.equal(check(payload, envelope.source), null);
  });

  Deno.test(`without authentication the vector of ${name} fails the length check`, () => {
    const decoded = decodeAdvertisement(Uint8Array.fromHex(octets), envelope);
    assert.deepEqual(decoded, { ok: false, error: "packet_length" });
  });

  Deno.test(`a trailer that was cut or padded is no trailer (${name})`, () => {
    const payload = Uint8Array.fromHex(octets);
    for (const length of [payload.length - 1, payload.length + 1, payload.length + 28]) {
      const changed = new Uint8Array(length);
      changed.set(payload.subarray(0, length));
      const decoded = decodeAdvertisement(changed, envelope, TRAILER_OCTETS);
      assert.deepEqual(decoded, { ok: false, error: "packet_length" });
    }
  });
}

const [, IPV6] = VECTORS;
/** Where the IPv6 vector's trailer begins. */
const TRAILER_AT = 24;

for (
  const [what, at, reason] of [
    ["VRID", 1, "hmac_failed"],
    ["priority", 2, "hmac_failed"],
    ["interval", 5, "hmac_failed"],
    ["checksum", 7, null],
    ["address", 23, "hmac_failed"],
    ["Ext Type", TRAILER_AT, "hmac_malformed"],
    ["key ID", TRAILER_AT + 1, "hmac_unknown_key"],
    ["Reserved, first octet", TRAILER_AT + 2, "hmac_malformed"],
    ["Reserved, second octet", TRAILER_AT + 3, "hmac_malformed"],
    ["seconds", TRAILER_AT + 7, "hmac_failed"],
    ["counter", TRAILER_AT + 11, "hmac_failed"],
    ["digest", TRAILER_AT + 27, "hmac_failed"],
  ] as const
) {
  Deno.test(`one bit of ${what} changed: ${reason ?? "not covered by the digest"}`, () => {
    const payload = Uint8Array.fromHex(IPV6.octets);
    payload[at]! ^= 1;
    assert.equal(check(payload, IPV6.envelope.source), reason);
  });
}

Deno.test("an advert of one sender is none of another", () => {
  assert.equal(check(Uint8Array.fromHex(IPV6.octets), "fe80::11"), "hmac_failed");
});

Deno.test("version 2 has its authentication data before the trailer", () => {
  const envelope = { source: "192.0.2.1", destination: "224.0.0.18" };
  const advertisement = {
    ...{
      version: 2 as const,
      vrid: 51,
      priority: 100,
      intervalCs: 100,
      addresses: ["192.0.2.100"],
    },
    authentication: { type: 0, data: new Uint8Array(8) },
  } as const;
  const message = encodeAdvertisement(advertisement, envelope, "message");
  const payload = signAdvertisement(message, envelope, KEY, SEQUENCE);
  assert.equal(payload.length, 8 + 4 + 8 + 28);
  assert.equal(payload.subarray(0, 20).toHex(), message.toHex(), "the checksum is the message's");
  const decoded = decodeAdvertisement(payload, envelope, TRAILER_OCTETS);
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.advertisement, advertisement);
  assert.equal(check(payload, envelope.source), null);
});

/** An advert with this number, from one of the link. */
function advert(sequence: bigint, source = "192.0.2.1"): Uint8Array {
  const envelope = { source, destination: "224.0.0.18" };
  const message = encodeAdvertisement(
    { ...COMMON, addresses: ["192.0.2.100"] },
    envelope,
    "message",
  );
  return signAdvertisement(message, envelope, KEY, sequence);
}

function at(seconds: number): bigint {
  return BigInt(seconds) << 32n;
}

/** A checker, and what it says about an advert of this number at this time, in seconds. */
function receiver(changes: Partial<HmacPolicy> = {}, peers: number | null = null) {
  const checker = new TrailerChecker({ ...POLICY, ...changes }, peers);
  return (sequence: bigint, nowS: number, source?: string) => {
    const payload = advert(sequence, source);
    const trailer = payload.subarray(-TRAILER_OCTETS);
    return checker.check(payload, trailer, source ?? "192.0.2.1", nowS * 1000);
  };
}

Deno.test("an advert that was heard is not accepted again, nor one before it", () => {
  const says = receiver();
  assert.equal(says(at(100), 0), null);
  assert.equal(says(at(100), 0), "hmac_replayed");
  assert.equal(says(at(99), 0), "hmac_replayed");
  assert.equal(says(at(100) + 1n, 0), null);
});

Deno.test("monotonic: any later number is accepted, whatever the clocks say, also past the end of the numbers", () => {
  const says = receiver();
  assert.equal(says((1n << 64n) - 1n, 0), null);
  assert.equal(says(0n, 0), null, "RFC 1982");
  assert.equal(says((1n << 64n) - 1n, 0), "hmac_replayed");
});

Deno.test("time: what is outside the window is stale, either way", () => {
  const says = receiver({ replay: "time" });
  assert.equal(says(at(1000), 1005), null);
  assert.equal(says(at(1001), 1007), "hmac_stale");
  assert.equal(says(at(1013), 1007), "hmac_stale");
  assert.equal(says(at(1012), 1007), null);
});

for (
  const [what, atS, setBackToS, answer] of [
    [
      "by no more than the window, its numbers are not after the last one",
      1000,
      996,
      "hmac_replayed",
    ],
    ["by more than the window, the last number is of before that", 1000, 994, null],
    [
      "to the second in which the last number is at the edge of the window",
      1000,
      995,
      "hmac_replayed",
    ],
  ] as const
) {
  Deno.test(`time: the clocks of both nodes are set back: ${what}`, () => {
    const says = receiver({ replay: "time" });
    assert.equal(says(at(atS), atS), null);
    assert.equal(says(at(setBackToS), setBackToS), answer);
  });
}

Deno.test("on a multicast link four senders are remembered, and who has no key displaces none", () => {
  const checker = new TrailerChecker(POLICY, null);
  const says = (source: string, payload = advert(at(10), source)) =>
    checker.check(payload, payload.subarray(-TRAILER_OCTETS), source, 0);
  const senders = [1, 2, 3, 4, 5].map((host) => `192.0.2.${host}`);
  for (const source of senders.slice(0, 4)) assert.equal(says(source), null);
  assert.equal(says("192.0.2.9", advert(at(10), "192.0.2.1")), "hmac_failed");
  assert.equal(says(senders[0]!), "hmac_replayed");
  assert.equal(says(senders[4]!), null);
  assert.equal(says(senders[1]!), "hmac_replayed");
  assert.equal(says(senders[0]!), null, "the one heard longest ago is forgotten");
});

for (
  const [spoke, forgotten] of [[[], 1], [[1], 2], [[2, 1], 3], [[1, 2, 3], 4], [[4], 1]] as const
) {
  Deno.test(`of four senders the one heard longest ago is forgotten: after ${spoke} spoke again, ${forgotten}`, () => {
    const checker = new TrailerChecker(POLICY, null);
    const says = (host: number, sequence: bigint) => {
      const payload = advert(sequence, `192.0.2.${host}`);
      return checker.check(payload, payload.subarray(-TRAILER_OCTETS), `192.0.2.${host}`, 0);
    };
    for (const host of [1, 2, 3, 4]) assert.equal(says(host, at(10)), null);
    for (const host of spoke) assert.equal(says(host, at(11)), null);
    assert.equal(says(5, at(10)), null);
    const known = [1, 2, 3, 4].filter((host) => checker.marks.has(`192.0.2.${host}`));
    assert.deepEqual(known, [1, 2, 3, 4].filter((host) => host !== forgotten));
    assert.equal(says(forgotten, at(9)), null, "what it sent before is not known any more");
  });
}

Deno.test("every unicast peer is remembered", () => {
  const says = receiver({}, 6);
  const peers = [1, 2, 3, 4, 5, 6].map((host) => `192.0.2.${host}`);
  for (const peer of peers) assert.equal(says(at(10), 0, peer), null);
  for (const peer of peers) assert.equal(says(at(10), 0, peer), "hmac_replayed");
});

Deno.test("another policy is followed at once, and what is known of the senders stays", () => {
  const checker = new TrailerChecker(POLICY, null);
  const says = (sequence: bigint, host = 1) => {
    const source = `192.0.2.${host}`;
    const payload = advert(sequence, source);
    return checker.check(payload, payload.subarray(-TRAILER_OCTETS), source, 0);
  };
  for (const host of [1, 2, 3, 4]) assert.equal(says(at(10), host), null);
  checker.follow({ ...POLICY, mode: "permissive" }, null);
  assert.equal(checker.check(advert(at(10)), undefined, "192.0.2.1", 0), null);
  assert.equal(says(at(10)), "hmac_replayed");
  checker.follow({ ...POLICY, keys: [{ id: 2, key: KEY.key }] }, null);
  assert.equal(says(at(11)), "hmac_unknown_key");
  checker.follow(POLICY, 2);
  assert.equal(says(at(11)), null);
  assert.deepEqual([...checker.marks.keys()], ["192.0.2.4", "192.0.2.1"]);
  checker.follow({ ...POLICY, replay: "time" }, 2);
  assert.deepEqual([...checker.marks.keys()], [], "the time keeps recorded adverts out");
});

Deno.test("of a mark that is restored and one that was heard, the later one counts", () => {
  for (const [heard, restored, later] of [[null, 10, 10], [10, 11, 11], [11, 10, 11]] as const) {
    const checker = new TrailerChecker(POLICY, null);
    const says = (sequence: bigint) => {
      const payload = advert(sequence);
      return checker.check(payload, payload.subarray(-TRAILER_OCTETS), "192.0.2.1", 0);
    };
    if (heard !== null) assert.equal(says(at(heard)), null);
    checker.restore("192.0.2.1", at(restored));
    assert.equal(checker.marks.get("192.0.2.1"), at(later));
    assert.equal(says(at(later)), "hmac_replayed");
    assert.equal(says(at(later) + 1n), null);
  }
});

for (
  const [mode, missing] of [
    ["enforce", "hmac_missing"],
    ["permissive", null],
    ["receive_only", null],
  ] as const
) {
  Deno.test(`${mode}: an advert without trailer, and one with a wrong digest`, () => {
    const checker = new TrailerChecker({ ...POLICY, mode }, null);
    assert.equal(checker.check(advert(at(1)), undefined, "192.0.2.1", 0), missing);
    const wrong = advert(at(1), "192.0.2.2");
    const trailer = wrong.subarray(-TRAILER_OCTETS);
    assert.equal(checker.check(wrong, trailer, "192.0.2.1", 0), "hmac_failed");
  });
}

Deno.test("numbers are the time, or one more than the last", () => {
  const sequence = new SendSequence(POLICY);
  assert.equal(sequence.next(1500), at(1) + (0x8000n << 16n));
  assert.equal(sequence.next(1500), at(1) + (0x8000n << 16n) + 1n);
  assert.equal(sequence.next(2000), at(2));
});

for (const replay of ["time", "monotonic"] as const) {
  Deno.test(`${replay}: the sender's clock is set back`, () => {
    const sequence = new SendSequence({ ...POLICY, replay });
    const first = sequence.next(1_000_000);
    assert.equal(sequence.next(997_000), first + 1n, "a little: the numbers go on");
    const far = sequence.next(900_000);
    assert.equal(far, replay === "time" ? at(900) : first + 2n);
    assert.equal(decodeTrailer(advert(far).subarray(-TRAILER_OCTETS)).sequence, far);
  });
}

Deno.test("time: a clock that is set back by just what receivers forgive starts no new numbers", () => {
  const sequence = new SendSequence({ ...POLICY, replay: "time" });
  const first = sequence.next(1_000_000);
  assert.equal(sequence.next(995_000), first + 1n);
  assert.equal(sequence.next(994_999), at(994) + (65_470n << 16n));
});

Deno.test("a clock that has not begun to count has the first number", () => {
  assert.equal(new SendSequence(POLICY).next(0), 1n);
});

Deno.test("a number half of all numbers away is not later", () => {
  for (const [ahead, answer] of [[(1n << 63n) - 1n, null], [1n << 63n, "hmac_replayed"]] as const) {
    const says = receiver();
    assert.equal(says(at(100), 0), null);
    assert.equal(says(at(100) + ahead, 0), answer);
  }
});
