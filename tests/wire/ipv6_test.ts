import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { encodeIpv6Datagram, parseIpv6Datagram } from "../../src/wire/ipv6.ts";

const HEADER = {
  source: "fe80::11",
  destination: "ff02::12",
  hopLimit: 255,
  trafficClass: 0xc5,
  nextHeader: 112,
};

Deno.test("a datagram has the header of RFC 8200 section 3", () => {
  strictEqual(
    encodeIpv6Datagram(HEADER, Uint8Array.of(1, 2, 3)).toHex(),
    "6c500000" + "0003" + "70" + "ff" + "fe80" + "00".repeat(13) + "11" + "ff02" +
      "00".repeat(13) + "12" + "010203",
  );
});

Deno.test("a datagram is as long as its header can say, and no longer", () => {
  strictEqual(encodeIpv6Datagram(HEADER, new Uint8Array(0xffff)).length, 40 + 0xffff);
  throws(() => encodeIpv6Datagram(HEADER, new Uint8Array(0x10000)), RangeError);
});

Deno.test("what is encoded is read again, and what is cut off is not", () => {
  const { source, destination, hopLimit, nextHeader } = HEADER;
  const octets = encodeIpv6Datagram(HEADER, new Uint8Array(300).fill(7));
  const read = parseIpv6Datagram(octets);
  const payload = octets.subarray(40);
  deepStrictEqual(read, { source, destination, ttl: hopLimit, nextHeader, payload });
  strictEqual(parseIpv6Datagram(octets.subarray(0, -1)), null);
  strictEqual(parseIpv6Datagram(octets.subarray(0, 39)), null);
  strictEqual(parseIpv6Datagram(octets.with(0, 0x40)), null);
});
