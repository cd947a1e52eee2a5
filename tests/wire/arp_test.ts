import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { formatMac } from "../../src/wire/address.ts";
import {
  BROADCAST_MAC,
  decodeArpSender,
  encodeArpProbe,
  encodeGratuitousArp,
} from "../../src/wire/arp.ts";

const MAC = Uint8Array.of(0x02, 0x42, 0xac, 0x11, 0x00, 0x02);

Deno.test("a gratuitous ARP is a broadcast request from and for the address", () => {
  strictEqual(
    encodeGratuitousArp("192.168.31.5", MAC).toHex(),
    [
      "ffffffffffff" + "0242ac110002" + "0806", // Ethernet
      "0001" + "0800" + "06" + "04" + "0001", // Ethernet, IPv4, request
      "0242ac110002" + "c0a81f05", // sender
      "ffffffffffff" + "c0a81f05", // target
    ].join(""),
  );
});

Deno.test("an IPv6 address has no ARP", () => {
  const noIpv4 = { name: "RangeError", message: 'Cannot encode ARP: "2001:db8::1" is not IPv4' };
  throws(() => encodeGratuitousArp("2001:db8::1", MAC), noIpv4);
  throws(() => encodeArpProbe("2001:db8::1", MAC), noIpv4);
});

Deno.test("an ARP probe asks for the address without saying that anybody has one", () => {
  strictEqual(
    encodeArpProbe("192.168.31.5", MAC).toHex(),
    [
      "ffffffffffff" + "0242ac110002" + "0806", // Ethernet
      "0001" + "0800" + "06" + "04" + "0001", // Ethernet, IPv4, request
      "0242ac110002" + "00000000", // sender
      "000000000000" + "c0a81f05", // target
    ].join(""),
  );
});

Deno.test("the sender of an ARP packet is read, padding or not; what is no ARP for IPv4 is nobody's", () => {
  const frame = encodeGratuitousArp("192.168.31.5", MAC);
  const padded = new Uint8Array(60);
  padded.set(frame);
  const sender = { address: "192.168.31.5", mac: MAC };
  deepStrictEqual([decodeArpSender(frame), decodeArpSender(padded)], [sender, sender]);
  strictEqual(decodeArpSender(frame.subarray(0, 41)), null);
  for (const at of [12, 13, 15, 16, 18, 19]) {
    const other = frame.slice();
    other[at]! ^= 0xff;
    strictEqual(decodeArpSender(other), null, `octet ${at}`);
  }
});

Deno.test("every station of a link has the address of six octets of ones", () => {
  strictEqual(formatMac(BROADCAST_MAC), "ff:ff:ff:ff:ff:ff");
});
