import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { internetChecksum, pseudoHeaderSum } from "../../src/wire/checksum.ts";
import { encodeIpv6Datagram, parseIpv6Datagram } from "../../src/wire/ipv6.ts";
import {
  decodeNeighbourAdvertisement,
  encodeNeighbourAdvertisement,
  encodeNeighbourSolicitation,
} from "../../src/wire/ndp.ts";

const MAC = Uint8Array.of(0x02, 0x42, 0xac, 0x11, 0x00, 0x02);
const VIP = "2001:db8::5";

Deno.test("an unsolicited neighbour advertisement overrides what the link knows of the address", () => {
  const frame = encodeNeighbourAdvertisement(VIP, MAC, false);
  const withoutChecksum = frame.slice();
  withoutChecksum.fill(0, 56, 58);
  strictEqual(
    withoutChecksum.toHex(),
    [
      "333300000001" + "0242ac110002" + "86dd", // Ethernet
      "60000000" + "0020" + "3a" + "ff", // IPv6: 32 octets of ICMPv6, hop limit 255
      "20010db8000000000000000000000005", // from the address itself
      "ff020000000000000000000000000001", // to all nodes
      "88" + "00" + "0000" + "20000000", // advertisement, Override
      "20010db8000000000000000000000005", // target
      "02" + "01" + "0242ac110002", // target link-layer address
    ].join(""),
  );
  const message = frame.subarray(54);
  strictEqual(internetChecksum(message, pseudoHeaderSum(VIP, "ff02::1", 58, message.length)), 0);
});

Deno.test("a router says in its neighbour advertisement that it is one", () => {
  strictEqual(encodeNeighbourAdvertisement(VIP, MAC, true)[58], 0xa0);
});

Deno.test("an IPv4 address has no neighbour advertisement", () => {
  throws(() => encodeNeighbourAdvertisement("10.0.0.5", MAC, false), RangeError);
});

Deno.test("an IPv6 header has traffic class, length, next header and hop limit in their places", () => {
  const header = {
    source: "fe80::1",
    destination: "ff02::12",
    hopLimit: 254,
    trafficClass: 0xc0,
    nextHeader: 112,
  };
  strictEqual(
    encodeIpv6Datagram(header, Uint8Array.of(1, 2, 3)).toHex(),
    "6c000000" + "0003" + "70" + "fe" + "fe800000000000000000000000000001" +
      "ff020000000000000000000000000012" + "010203",
  );
  throws(() => encodeIpv6Datagram({ ...header, source: "10.0.0.1" }, new Uint8Array()), RangeError);
  throws(() => encodeIpv6Datagram(header, new Uint8Array(65536)), RangeError);
});

Deno.test("a neighbour solicitation asks the address's group, and is answered to its source alone", () => {
  const frame = encodeNeighbourSolicitation("2001:db8::12:3456", "fe80::1", MAC);
  const message = frame.subarray(54);
  const checksum = internetChecksum(
    message,
    pseudoHeaderSum("fe80::1", "ff02::1:ff12:3456", 58, message.length),
  );
  strictEqual(checksum, 0);
  message.fill(0, 2, 4);
  strictEqual(
    frame.toHex(),
    [
      "3333ff123456" + "0242ac110002" + "86dd", // Ethernet
      "60000000" + "0020" + "3a" + "ff", // IPv6: 32 octets of ICMPv6, hop limit 255
      "fe800000000000000000000000000001",
      "ff0200000000000000000001ff123456", // the solicited-node group
      "87" + "00" + "0000" + "00000000", // solicitation
      "20010db8000000000000000000123456", // target
      "01" + "01" + "0242ac110002", // source link-layer address
    ].join(""),
  );
  const nameless = encodeNeighbourSolicitation("2001:db8::12:3456", null, MAC);
  strictEqual(nameless.length, frame.length - 8);
  strictEqual(nameless.subarray(22, 38).toHex(), "0".repeat(32));
});

Deno.test("what a neighbour advertisement claims is read, with or without the option", () => {
  const frame = encodeNeighbourAdvertisement(VIP, MAC, false);
  const claim = { address: VIP, mac: MAC };
  deepStrictEqual(decodeNeighbourAdvertisement(frame), claim);
  deepStrictEqual(decodeNeighbourAdvertisement(frame.subarray(0, 78)), claim);
  strictEqual(decodeNeighbourAdvertisement(frame.subarray(0, 77)), null);
  strictEqual(decodeNeighbourAdvertisement(encodeNeighbourSolicitation(VIP, null, MAC)), null);
  // Hop limit, RFC 4861 section 7.1.2.
  const forwarded = frame.slice();
  forwarded[21] = 254;
  strictEqual(decodeNeighbourAdvertisement(forwarded), null);
});

Deno.test("an IPv6 datagram is parsed as it was made; a cut or a foreign one is none", () => {
  const sent = {
    source: "2001:db8::1",
    destination: "ff02::12",
    hopLimit: 254,
    trafficClass: 0xc0,
    nextHeader: 112,
  };
  const made = encodeIpv6Datagram(sent, Uint8Array.from({ length: 300 }, (_, index) => index));
  strictEqual(made.subarray(0, 8).toHex(), "6c000000" + "012c" + "70" + "fe");
  const { payload, ...header } = parseIpv6Datagram(made)!;
  deepStrictEqual(header, {
    source: "2001:db8::1",
    destination: "ff02::12",
    ttl: 254,
    nextHeader: 112,
  });
  deepStrictEqual(payload, made.subarray(40));
  deepStrictEqual(parseIpv6Datagram(Uint8Array.of(...made, 1, 2))?.payload, payload);
  strictEqual(parseIpv6Datagram(made.subarray(0, -1)), null);
  strictEqual(parseIpv6Datagram(made.subarray(0, 39)), null);
  strictEqual(parseIpv6Datagram(Uint8Array.of(0x45, ...made.subarray(1))), null);
  const empty = Uint8Array.of(...made.subarray(0, 4), 0, 0, ...made.subarray(6, 40));
  strictEqual(parseIpv6Datagram(empty)?.payload.length, 0);
});

Deno.test("the owner of an address is in the advertisement's option, without one in the frame", () => {
  const frame = encodeNeighbourAdvertisement(VIP, MAC, false);
  const sender = Uint8Array.of(2, 0, 0, 0, 0, 9);
  frame.set(sender, 6);
  deepStrictEqual(decodeNeighbourAdvertisement(frame)?.mac, MAC);
  deepStrictEqual(decodeNeighbourAdvertisement(frame.subarray(0, -1))?.mac, sender);
  for (const [at, value] of [[78, 1], [79, 2]] as const) {
    const other = frame.slice();
    other[at] = value;
    deepStrictEqual(decodeNeighbourAdvertisement(other)?.mac, sender, `octet ${at}`);
  }
});
