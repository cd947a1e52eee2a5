import { strictEqual, throws } from "node:assert/strict";
import { internetChecksum, pseudoHeaderSum } from "../../src/wire/checksum.ts";
import { encodeIpv6Datagram } from "../../src/wire/ipv6.ts";
import { encodeNeighbourAdvertisement } from "../../src/wire/ndp.ts";

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
