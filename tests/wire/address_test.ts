import assert from "node:assert/strict";
import {
  canonicalIp,
  compareIp,
  familyOf,
  formatIp,
  formatMac,
  isInNetwork,
  isIpv6LinkLocal,
  isOneHost,
  parseIp,
} from "../../src/wire/address.ts";
import { seededRandom } from "./random.ts";

/** Text, and its octets in hexadecimal or `null` where it is no address. */
const PARSED: readonly (readonly [string, string | null])[] = [
  ["0.0.0.0", "00000000"],
  ["192.168.31.5", "c0a81f05"],
  ["255.255.255.255", "ffffffff"],
  ["256.0.0.1", null],
  ["1.2.3", null],
  ["1.2.3.4.5", null],
  ["1.2.3.", null],
  [".1.2.3", null],
  ["01.2.3.4", null],
  ["1.2.3.00", null],
  ["0x1.2.3.4", null],
  ["1.2.3.4 ", null],
  [" 1.2.3.4", null],
  ["1.2.3.4/24", null],
  ["-1.2.3.4", null],
  ["1e1.2.3.4", null],
  ["١.2.3.4", null],
  ["", null],
  ["localhost", null],
  ["::", "00000000000000000000000000000000"],
  ["::1", "00000000000000000000000000000001"],
  ["1::", "00010000000000000000000000000000"],
  ["fe80::77:1", "fe800000000000000000000000770001"],
  ["FE80::ABCD", "fe80000000000000000000000000abcd"],
  ["2001:db8:0:0:1:0:0:1", "20010db8000000000001000000000001"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
  ["::2:3:4:5:6:7:8", "00000002000300040005000600070008"],
  ["0001:0002::", "00010002000000000000000000000000"],
  ["::ffff:1.2.3.4", "00000000000000000000ffff01020304"],
  ["1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"],
  ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
  ["1.2.3.4::", null],
  ["::1.2.3.4:5", null],
  ["1:1.2.3.4::5", null],
  ["::1.2.3", null],
  ["::01.2.3.4", null],
  ["1:2:3:4:5:6:7:1.2.3.4", null],
  ["1:2:3:4:5:6:7", null],
  ["1:2:3:4:5:6:7:8:9", null],
  ["1:2:3:4:5:6:7:8::", null],
  ["::1:2:3:4:5:6:7:8", null],
  ["1::2::3", null],
  [":", null],
  [":::", null],
  ["1:::2", null],
  [":1::2", null],
  ["1::2:", null],
  ["12345::", null],
  ["g::", null],
  ["fe80::1%eth0", null],
  ["[::1]", null],
  ["::1/64", null],
];

Deno.test("text is an address or it is not", async (t) => {
  for (const [text, expected] of PARSED) {
    await t.step(`"${text}"`, () => assert.equal(parseIp(text)?.toHex() ?? null, expected));
  }
});

/** RFC 5952 section 4, example by example. */
const CANONICAL: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["2001:0db8::0001", "2001:db8::1"], // 4.1: no leading zeros
  ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"], // 4.2.1: as short as possible
  ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"], // 4.2.2: not for one group
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"], // 4.2.3: the longest run
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"], // 4.2.3: the first of equals
  ["2001:DB8::ABCD:EF", "2001:db8::abcd:ef"], // 4.3: lower case
  ["0:0:0:0:0:0:0:0", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["1:0:0:0:0:0:0:0", "1::"],
  ["::ffff:192.0.2.1", "::ffff:c000:201"],
];

Deno.test("an address has one canonical text", async (t) => {
  for (const [text, canonical] of CANONICAL) {
    await t.step(text, () => {
      assert.equal(canonicalIp(text), canonical);
      assert.equal(canonicalIp(canonical), canonical);
    });
  }
  assert.equal(canonicalIp("nonsense"), null);
});

Deno.test("octets become text and the same octets again", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 20_000; round++) {
    // Mostly zeros, so that runs of zero groups occur.
    const octets = Uint8Array.from(
      { length: round % 2 === 0 ? 4 : 16 },
      () => random() < 0.7 ? 0 : Math.floor(random() * 256),
    );
    const text = formatIp(octets);
    assert.equal(parseIp(text)?.toHex(), octets.toHex(), text);
    assert.equal(canonicalIp(text), text);
    assert.equal(familyOf(text), octets.length === 4 ? "ipv4" : "ipv6");
  }
});

Deno.test("addresses compare as numbers in network order", () => {
  const ordered = [
    ["9.255.255.255", "10.0.0.0", "10.0.0.9", "10.0.0.10", "127.0.0.1", "128.0.0.0", "255.0.0.0"],
    ["::", "::1", "::ffff", "::1:0", "7fff::", "8000::", "fe80::9", "fe80::10", "ff02::12"],
  ];
  for (const addresses of ordered) {
    for (const [i, a] of addresses.entries()) {
      for (const [j, b] of addresses.entries()) {
        assert.equal(Math.sign(compareIp(a, b)), Math.sign(i - j), `${a} and ${b}`);
      }
    }
  }
});

Deno.test("of two families the shorter address counts as if zeros followed", () => {
  assert.equal(compareIp("0.0.0.0", "::"), 0);
  assert.equal(compareIp("::", "0.0.0.0"), 0);
  assert.ok(compareIp("0.0.0.0", "::1") < 0);
  assert.ok(compareIp("::1", "0.0.0.0") > 0);
});

Deno.test("link-local is fe80::/10 and nothing else", () => {
  const linkLocal = ["fe80::", "fe80::1", "fe9f:1::2", "febf:ffff::"];
  const others = [
    "fe7f::1",
    "fec0::1",
    "fe8::1",
    "ff02::12",
    "2001:db8::fe80",
    "169.254.1.1",
    "::",
  ];
  assert.deepEqual(linkLocal.filter((address) => !isIpv6LinkLocal(address)), []);
  assert.deepEqual(others.filter(isIpv6LinkLocal), []);
});

Deno.test("a MAC address is written with colons and leading zeros", () => {
  assert.equal(formatMac(Uint8Array.of(0, 0, 0x5e, 0, 1, 0xaf)), "00:00:5e:00:01:af");
});

Deno.test("an address is in a network if it has the network's first bits", () => {
  const rows: [address: string, other: string, prefixLength: number, expected: boolean][] = [
    ["192.168.31.12", "192.168.31.11", 24, true],
    ["192.168.30.11", "192.168.31.11", 24, false],
    ["192.168.30.11", "192.168.31.11", 23, true],
    ["192.168.31.15", "192.168.31.11", 29, true],
    ["192.168.31.16", "192.168.31.11", 29, false],
    ["192.168.31.10", "192.168.31.11", 31, true],
    ["192.168.31.10", "192.168.31.11", 32, false],
    ["11.0.0.1", "10.0.0.1", 32, false],
    ["10.0.0.1", "192.168.31.11", 0, true],
    ["2001:db8::12", "2001:db8::11", 127, false],
    ["2001:db8::ff:0:1", "2001:db8::1", 96, false],
    ["2001:db8::ff:0:1", "2001:db8::1", 80, true],
    ["::1", "0.0.0.1", 0, false],
    ["nonsense", "192.168.31.11", 0, false],
  ];
  for (const [address, other, prefixLength, expected] of rows) {
    const text = `${address} in ${other}/${prefixLength}`;
    assert.equal(isInNetwork(address, other, prefixLength), expected, text);
  }
});

Deno.test("an address is one host's unless it is a group's, everybody's or nobody's", () => {
  const hosts = ["192.168.31.5", "223.255.255.255", "255.255.255.254", "0.0.0.1", "fe80::1", "::1"];
  const others = ["224.0.0.18", "239.1.1.1", "ff02::12", "255.255.255.255", "0.0.0.0", "::"];
  assert.deepEqual(hosts.filter(isOneHost), hosts);
  assert.deepEqual(others.filter(isOneHost), []);
});
