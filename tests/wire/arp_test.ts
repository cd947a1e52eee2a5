import { strictEqual, throws } from "node:assert/strict";
import { encodeGratuitousArp } from "../../src/wire/arp.ts";

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
  throws(() => encodeGratuitousArp("2001:db8::1", MAC), RangeError);
});
