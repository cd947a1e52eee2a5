import assert from "node:assert/strict";
import { type Family, formatIp } from "../../src/wire/address.ts";
import { internetChecksum } from "../../src/wire/checksum.ts";
import {
  type Advertisement,
  type ChecksumForm,
  decodeAdvertisement,
  encodeAdvertisement,
  type Envelope,
  passwordOctets,
  peekVrid,
  VRRP_GROUP,
} from "../../src/wire/vrrp.ts";
import { randomOctets, seededRandom } from "./random.ts";

const IPV4: Envelope = { source: "192.0.2.251", destination: VRRP_GROUP.ipv4 };
const IPV6: Envelope = { source: "fe80::c8", destination: VRRP_GROUP.ipv6 };

/** Anything that a field can carry. */
function randomAdvertisement(random: () => number, version: 2 | 3, family: Family): Advertisement {
  const number = (maximum: number) => Math.floor(random() * (maximum + 1));
  const size = family === "ipv4" ? 4 : 16;
  const octets = (length: number) => Uint8Array.from({ length }, () => number(255));
  const addresses = Array.from({ length: number(20) }, () => formatIp(octets(size)));
  const header = { vrid: number(255), priority: number(255), addresses };
  return version === 2
    ? {
      version,
      ...header,
      intervalCs: number(255) * 100,
      authentication: { type: number(255), data: octets(8) },
    }
    : { version, ...header, intervalCs: number(4095) };
}

Deno.test("whatever is encoded decodes to the same values", () => {
  const random = seededRandom(4);
  const kinds: readonly [2 | 3, Family, ChecksumForm][] = [
    [2, "ipv4", "message"],
    [3, "ipv4", "message"],
    [3, "ipv4", "pseudo_header"],
    [3, "ipv6", "pseudo_header"],
  ];
  for (let round = 0; round < 8000; round++) {
    const [version, family, form] = kinds[round % kinds.length]!;
    const envelope = family === "ipv4" ? IPV4 : IPV6;
    const advertisement = randomAdvertisement(random, version, family);
    const octets = encodeAdvertisement(advertisement, envelope, form);
    assert.deepEqual(decodeAdvertisement(octets, envelope), {
      ok: true,
      advertisement,
      checksumForm: form,
    });
  }
});

Deno.test("version 2 never and IPv6 always has a pseudo-header, whatever form is asked for", () => {
  const v2: Advertisement = {
    version: 2,
    vrid: 1,
    priority: 100,
    intervalCs: 100,
    addresses: ["192.0.2.1"],
  };
  const v6: Advertisement = { ...v2, version: 3, addresses: ["fe80::1"] };
  for (const form of ["message", "pseudo_header"] as const) {
    const decoded = [
      decodeAdvertisement(encodeAdvertisement(v2, IPV4, form), IPV4),
      decodeAdvertisement(encodeAdvertisement(v6, IPV6, form), IPV6),
    ];
    assert.deepEqual(decoded.map((one) => one.ok && one.checksumForm), [
      "message",
      "pseudo_header",
    ]);
  }
});

Deno.test("one flipped bit is never taken for an advertisement", () => {
  const base = { vrid: 51, priority: 150, intervalCs: 100 };
  const messages: readonly [Advertisement, Envelope, ChecksumForm][] = [
    [{ ...base, version: 2, addresses: ["192.0.2.1"] }, IPV4, "message"],
    [{ ...base, version: 3, addresses: ["192.0.2.1", "192.0.2.2"] }, IPV4, "message"],
    [{ ...base, version: 3, addresses: ["192.0.2.1", "192.0.2.2"] }, IPV4, "pseudo_header"],
    [{ ...base, version: 3, addresses: ["fe80::1", "2001:db8::1"] }, IPV6, "pseudo_header"],
  ];
  for (const [advertisement, envelope, form] of messages) {
    const octets = encodeAdvertisement(advertisement, envelope, form);
    for (let bit = 0; bit < octets.length * 8; bit++) {
      const flipped = octets.slice();
      flipped[bit >> 3]! ^= 0x80 >> (bit & 7);
      assert.equal(
        decodeAdvertisement(flipped, envelope).ok,
        false,
        `version ${advertisement.version}, ${form}, bit ${bit}`,
      );
    }
  }
});

Deno.test("over IPv6 a checksum without a pseudo-header is wrong", () => {
  const octets = encodeAdvertisement(
    { version: 3, vrid: 1, priority: 1, intervalCs: 100, addresses: ["fe80::1"] },
    IPV6,
    "pseudo_header",
  );
  octets.fill(0, 6, 8);
  new DataView(octets.buffer).setUint16(6, internetChecksum(octets));
  assert.deepEqual(decodeAdvertisement(octets, IPV6), { ok: false, error: "checksum" });
});

Deno.test("a trailer has the length that it may have, however short", () => {
  const octets = encodeAdvertisement(
    { version: 3, vrid: 1, priority: 1, intervalCs: 100, addresses: ["192.0.2.1"] },
    IPV4,
    "message",
  );
  for (const [length, allowed] of [[0, 0], [0, 1], [1, 0], [1, 1], [2, 1], [1, 2]] as const) {
    const decoded = decodeAdvertisement(
      Uint8Array.of(...octets, ...new Uint8Array(length)),
      IPV4,
      allowed,
    );
    assert.equal(decoded.ok, length === 0 || length === allowed);
    if (decoded.ok) assert.equal(decoded.trailer?.length, length === 0 ? undefined : length);
  }
});

Deno.test("a message that was cut or padded is not an advertisement", () => {
  for (const version of [2, 3] as const) {
    const octets = encodeAdvertisement(
      { version, vrid: 1, priority: 1, intervalCs: 100, addresses: ["192.0.2.1", "192.0.2.2"] },
      IPV4,
      "message",
    );
    for (let length = 0; length < octets.length + 40; length++) {
      if (length === octets.length) continue;
      const other = new Uint8Array(length);
      other.set(octets.subarray(0, length));
      assert.deepEqual(decodeAdvertisement(other, IPV4), { ok: false, error: "packet_length" });
    }
  }
});

Deno.test("a value that does not fit its field is not encoded", async (t) => {
  const base: Advertisement = {
    version: 3,
    vrid: 1,
    priority: 100,
    intervalCs: 100,
    addresses: ["192.0.2.1"],
  };
  const wrong: readonly [string, Advertisement][] = [
    ["another family's address", { ...base, addresses: ["fe80::1"] }],
    ["no address at all", { ...base, addresses: ["example.org"] }],
    ["VRID 256", { ...base, vrid: 256 }],
    ["priority -1", { ...base, priority: -1 }],
    ["priority 256", { ...base, priority: 256 }],
    ["4096 centiseconds", { ...base, intervalCs: 4096 }],
    ["half a second in version 2", { ...base, version: 2, intervalCs: 50 }],
    ["256 seconds in version 2", { ...base, version: 2, intervalCs: 25_600 }],
    ["256 addresses", { ...base, addresses: new Array<string>(256).fill("192.0.2.1") }],
  ];
  for (const [name, advertisement] of wrong) {
    await t.step(name, () => {
      assert.throws(() => encodeAdvertisement(advertisement, IPV4, "message"), RangeError);
    });
  }
});

Deno.test("a password is cut or padded to eight octets", () => {
  assert.equal(passwordOctets("s3cr3t").toHex(), "7333637233740000");
  assert.equal(passwordOctets("12345678").toHex(), "3132333435363738");
  assert.equal(passwordOctets("123456789").toHex(), "3132333435363738");
  assert.equal(passwordOctets("").toHex(), "0000000000000000");
});

Deno.test("the VRID of a broken message is still known, unless it is none", () => {
  assert.equal(peekVrid(Uint8Array.of(0x31, 51)), 51);
  assert.equal(peekVrid(Uint8Array.of(0x31, 0)), null);
  assert.equal(peekVrid(Uint8Array.of(0x31)), null);
});

Deno.test("random octets decode without an exception, and almost never to an advertisement", () => {
  const random = seededRandom(5);
  let decoded = 0;
  for (let round = 0; round < 50_000; round++) {
    const octets = randomOctets(random, 80);
    // A first octet that gets past the version now and then.
    if (octets.length > 0 && random() < 0.5) octets[0] = random() < 0.5 ? 0x21 : 0x31;
    if (decodeAdvertisement(octets, round % 2 === 0 ? IPV4 : IPV6).ok) decoded++;
  }
  assert.ok(decoded < 5, `${decoded} of 50,000 decoded`);
});
