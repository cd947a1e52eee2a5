/** 29 packets, captured from keepalived or derived from captures: decode, verdict and octets. */

import assert from "node:assert/strict";
import vectors from "../wire/vectors/vrrp.json" with { type: "json" };
import {
  checkAdvertisement,
  checkTtl,
  type DropReason,
  type ReceiveExpectation,
} from "../../src/vrrp/receive.ts";
import {
  type ChecksumForm,
  decodeAdvertisement,
  encodeAdvertisement,
  passwordOctets,
} from "../../src/wire/vrrp.ts";

const CHECKSUM_FORMS: Readonly<Record<string, ChecksumForm>> = {
  "message-only": "message",
  "ipv4-pseudo-header": "pseudo_header",
  "ipv6-pseudo-header": "pseudo_header",
};

/** Why each packet that is to be refused is refused. */
const REFUSED: Readonly<Record<string, DropReason>> = {
  "keepalived-v2-auth-pass": "authentication_type",
  "neg-ttl-254": "ttl",
  "neg-v6-hoplimit-64": "ttl",
  "neg-version-4": "version",
  "neg-type-2": "invalid_type",
  "neg-bad-checksum": "checksum",
  "neg-count-0": "address_count_zero",
  "neg-count-lies-high": "packet_length",
  "neg-interval-0": "interval_zero",
  "neg-v3-with-v2-trailer": "packet_length",
  "neg-v2-authtype-1": "authentication_type",
  "neg-v2-interval-mismatch-2s": "interval_mismatch",
  "neg-v6-first-not-linklocal": "address_list",
  "neg-v2-over-ipv6": "version",
  "neg-short-7": "packet_length",
};

type Vector = typeof vectors[number];

/** A router like the sender, without authentication. */
function expectation({ expect }: Vector): ReceiveExpectation {
  return {
    version: expect.version === 2 ? 2 : 3,
    priority: 100,
    advertIntervalCs: 100,
    authentication: { type: 0, data: new Uint8Array(8) },
    addresses: conformingList(expect.addrs),
  };
}

/** What a router that keeps to RFC 9568 expects: one address at least, in IPv6 a link-local one first. */
function conformingList(sent: readonly string[] = []): readonly string[] {
  if (sent.length === 0) return ["192.0.2.1"];
  return sent.some((address) => address.includes(":")) && !sent[0]!.startsWith("fe80:")
    ? ["fe80::1", ...sent]
    : sent;
}

/** The way of a received packet: the first reason to discard it, or `null`. */
function dropReason(vector: Vector, expected: ReceiveExpectation): DropReason | null {
  const ttl = checkTtl(vector.ttl);
  if (ttl) return ttl;
  const { src: source, dst: destination } = vector;
  const decoded = decodeAdvertisement(Uint8Array.fromHex(vector.hex), { source, destination });
  if (!decoded.ok) return decoded.error;
  const verdict = checkAdvertisement(decoded.advertisement, expected);
  return verdict.accept ? null : verdict.reason;
}

Deno.test("the packets are all there", () => {
  assert.equal(vectors.length, 29);
  assert.deepEqual(
    vectors.filter(({ expect }) => !expect.accept).map(({ name }) => name).sort(),
    Object.keys(REFUSED).sort(),
  );
});

Deno.test("each packet is accepted, or refused for its reason", async (t) => {
  for (const vector of vectors) {
    await t.step(vector.name, () => {
      assert.equal(dropReason(vector, expectation(vector)), REFUSED[vector.name] ?? null);
    });
  }
});

Deno.test("each packet that decodes has the expected values and encodes to its octets", async (t) => {
  for (const vector of vectors) {
    const { name, expect, hex, src: source, dst: destination } = vector;
    const decoded = decodeAdvertisement(Uint8Array.fromHex(hex), { source, destination });
    if (!decoded.ok) continue;
    await t.step(name, () => {
      const { advertisement, checksumForm } = decoded;
      assert.equal(advertisement.version, expect.version);
      assert.equal(advertisement.vrid, expect.vrid);
      assert.equal(advertisement.priority, expect.priority);
      assert.equal(advertisement.intervalCs, expect.interval_cs);
      assert.deepEqual(advertisement.addresses, expect.addrs ?? []);
      assert.equal(advertisement.authentication?.type, expect.auth_type);
      assert.equal(checksumForm, CHECKSUM_FORMS[expect.checksum_mode ?? ""]);
      // The Reserve nibble is ignored when received and zero when sent.
      if (expect.reserved_nibble) return;
      const encoded = encodeAdvertisement(advertisement, { source, destination }, checksumForm);
      assert.equal(encoded.toHex(), hex);
    });
  }
});

Deno.test("the packet with a password is accepted by who knows it, and by nobody else", () => {
  const vector = vectors.find(({ name }) => name === "keepalived-v2-auth-pass")!;
  const reasonWith = (password: string) =>
    dropReason(vector, {
      ...expectation(vector),
      authentication: { type: 1, data: passwordOctets(password) },
    });
  assert.equal(reasonWith("s3cr3t"), null);
  assert.equal(reasonWith("s3cr3T"), "authentication_failed");
  assert.equal(reasonWith("s3cr3t1"), "authentication_failed");
  assert.equal(reasonWith(""), "authentication_failed");
});
