import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { encodeAlias, encodeMacvlan } from "../../../src/wire/netlink/link_requests.ts";
import { encodeAttribute } from "../../../src/wire/netlink/netlink.ts";
import {
  decodeAddress,
  decodeLink,
  encodeAddress,
  encodeAddressQuery,
  encodeLinkQuery,
  MACVLAN_MODE_VEPA,
  scopeName,
} from "../../../src/wire/netlink/rtnetlink.ts";

const AF_BRIDGE = 7;

Deno.test("an IPv4 address request has the octets that the kernel expects", () => {
  const octets = encodeAddress({
    index: 3,
    address: "192.168.31.5",
    prefixLength: 24,
    label: "eth1:1",
    protocol: 118,
  });
  strictEqual(
    octets.toHex(),
    [
      "02180000" + "03000000", // AF_INET, /24, no flags, global scope, index
      "08000200" + "c0a81f05", // IFA_LOCAL
      "08000100" + "c0a81f05", // IFA_ADDRESS
      "0b000300" + "657468313a310000", // IFA_LABEL, zero-terminated, padded
      "05000b00" + "76000000", // IFA_PROTO
    ].join(""),
  );
});

Deno.test("an IPv6 address is added without duplicate address detection", () => {
  const octets = encodeAddress({ index: 3, address: "2001:db8::5", prefixLength: 64 });
  strictEqual(octets.subarray(0, 8).toHex(), "0a400200" + "03000000");
});

Deno.test("what is no address is not encoded", () => {
  throws(() => encodeAddress({ index: 3, address: "10.0.0.256", prefixLength: 24 }), RangeError);
});

Deno.test("an address request reads back as the address that it asks for", () => {
  for (const address of ["10.1.2.3", "2001:db8::5"]) {
    const request = { index: 260, address, prefixLength: 30, label: "a:b", protocol: 118 };
    // An IPv6 address has its lifetimes in the request.
    const more = address.includes(":") ? { flags: 2, updatedAtCs: 0 } : { flags: 0 };
    deepStrictEqual(decodeAddress(encodeAddress(request)), { ...request, scope: 0, ...more });
  }
});

Deno.test("on a point-to-point link the address is the local one, not the peer's", () => {
  const header = Uint8Array.of(2, 32, 0, 0, 3, 0, 0, 0);
  const peer = encodeAttribute(1, Uint8Array.of(10, 0, 0, 2));
  const local = encodeAttribute(2, Uint8Array.of(10, 0, 0, 1));
  strictEqual(decodeAddress(join(header, peer, local))?.address, "10.0.0.1");
  strictEqual(decodeAddress(join(header, peer, local))?.peer, "10.0.0.2");
  strictEqual(decodeAddress(join(header, peer))?.address, "10.0.0.2");
  strictEqual(decodeAddress(join(header, peer))?.peer, undefined);
});

Deno.test("the mode of a macvlan is read, and of no other kind", () => {
  const made = { name: "v", parentIndex: 1, mac: Uint8Array.of(2, 0, 0, 0, 0, 1) };
  strictEqual(decodeLink(encodeMacvlan(made))?.macvlanMode, MACVLAN_MODE_VEPA);
  strictEqual(decodeLink(link(0, 5, 1, "eth1", made.mac))?.macvlanMode, undefined);
});

Deno.test("flags beyond eight bits come from IFA_FLAGS", () => {
  const header = Uint8Array.of(2, 24, 1, 0, 3, 0, 0, 0);
  const address = encodeAttribute(2, Uint8Array.of(10, 0, 0, 1));
  const wide = encodeAttribute(8, new Uint8Array(Uint32Array.of(0x201).buffer));
  strictEqual(decodeAddress(join(header, address))?.flags, 1);
  strictEqual(decodeAddress(join(header, address, wide))?.flags, 0x201);
});

Deno.test("a link is read with name, flags and hardware address", () => {
  deepStrictEqual(decodeLink(link(0, 5, 0x11043, "eth1", Uint8Array.of(2, 0, 0, 0, 0, 1))), {
    index: 5,
    flags: 0x11043,
    name: "eth1",
    mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  });
});

Deno.test("a link without hardware address has an empty one", () => {
  strictEqual(decodeLink(link(0, 5, 1, "tun0"))?.mac.length, 0);
});

Deno.test("a bridge's word on its port is not a word on the link", () => {
  strictEqual(decodeLink(link(AF_BRIDGE, 5, 1, "eth1")), null);
});

Deno.test("a link has the note that was left on it", () => {
  const note = encodeAlias(5, "vipd").subarray(16);
  strictEqual(decodeLink(join(link(0, 5, 1, "vrrp.55"), note))?.alias, "vipd");
  strictEqual(decodeLink(link(0, 5, 1, "vrrp.55"))?.alias, undefined);
});

function link(
  family: number,
  index: number,
  flags: number,
  name: string,
  mac?: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  header[0] = family;
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  const nameAttribute = encodeAttribute(3, new TextEncoder().encode(`${name}\0`));
  return join(header, nameAttribute, ...(mac ? [encodeAttribute(1, mac)] : []));
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

Deno.test("broadcast, protocol and age of an address are read", () => {
  const header = Uint8Array.of(2, 24, 0, 253, 4, 1, 0, 0);
  const address = encodeAttribute(2, Uint8Array.of(10, 0, 0, 1));
  const broadcast = encodeAttribute(4, Uint8Array.of(10, 0, 0, 255));
  const protocol = encodeAttribute(11, Uint8Array.of(118));
  // Preferred, valid, created, updated: hundredths of a second since the boot.
  const lifetimes = encodeAttribute(6, new Uint8Array(Uint32Array.of(1, 2, 3, 0x40302).buffer));
  deepStrictEqual(decodeAddress(join(header, address, broadcast, protocol, lifetimes)), {
    index: 260,
    address: "10.0.0.1",
    prefixLength: 24,
    scope: 253,
    flags: 0,
    broadcast: "10.0.0.255",
    protocol: 118,
    updatedAtCs: 0x40302,
  });
});

Deno.test("scopes have the numbers of rtnetlink(7), the queries the length of their headers", () => {
  deepStrictEqual([0, 253, 254, 200].map(scopeName), ["global", "link", "host", undefined]);
  strictEqual(encodeAddressQuery().toHex(), "00".repeat(8));
  strictEqual(encodeLinkQuery().toHex(), "00".repeat(16));
  strictEqual(encodeLinkQuery(260).toHex(), "00000000" + "04010000" + "00".repeat(8));
});

Deno.test("a link of another kind has no macvlan mode, whatever its data look like", () => {
  const kind = (name: string) => encodeAttribute(1, new TextEncoder().encode(`${name}\0`));
  const data = encodeAttribute(2, encodeAttribute(1, Uint8Array.of(2, 0, 0, 0)));
  const modeOf = (...info: Uint8Array[]) =>
    decodeLink(join(link(0, 5, 1, "eth1"), encodeAttribute(18, join(...info))))?.macvlanMode;
  strictEqual(modeOf(kind("macvlan"), data), MACVLAN_MODE_VEPA);
  strictEqual(modeOf(kind("vlan"), data), undefined);
  strictEqual(modeOf(kind("macvlan")), undefined);
  strictEqual(modeOf(data), undefined);
});

Deno.test("an address has its scope in its header, and times that end, or do not begin", () => {
  const request = { index: 7, address: "192.168.31.5", prefixLength: 24 } as const;
  const scope = (given?: "global" | "link" | "host") =>
    encodeAddress({ ...request, ...(given && { scope: given }) })[3];
  deepStrictEqual([scope(), scope("global"), scope("link"), scope("host")], [0, 0, 253, 254]);
  // IFA_CACHEINFO, the last attribute: preferred and valid, in seconds
  const times = (address: string, validSeconds?: number) =>
    encodeAddress({
      ...{ ...request, address, prefixLength: 64 },
      ...(validSeconds !== undefined && { validSeconds }),
    }).slice(-16, -8).toHex();
  strictEqual(times("192.168.31.5", 0x01020304), "04030201" + "04030201");
  strictEqual(times("fe80::5", 0x01020304), "00000000" + "04030201");
  strictEqual(times("fe80::5"), "00000000" + "ffffffff");
});

Deno.test("a link has the index of the one below it, if the kernel says it whole", () => {
  const header = encodeLinkQuery(7);
  const name = encodeAttribute(3, new TextEncoder().encode("vrrp.55\0"));
  const [LINK] = [5];
  const lower = (...octets: number[]) =>
    decodeLink(
      Uint8Array.of(...header, ...name, ...encodeAttribute(LINK, Uint8Array.from(octets))),
    )!
      .lowerIndex;
  strictEqual(lower(4, 3, 2, 1), 0x01020304);
  strictEqual(lower(4, 3), undefined);
  strictEqual(decodeLink(header), null, "a header alone");
  strictEqual(decodeLink(header.subarray(0, 15)), null);
});
