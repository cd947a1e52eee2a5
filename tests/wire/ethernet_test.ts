import { strictEqual, throws } from "node:assert/strict";
import { formatMac } from "../../src/wire/address.ts";
import {
  encodeEthernetFrame,
  ETHERTYPE_IPV4,
  multicastMac,
  virtualRouterMac,
} from "../../src/wire/ethernet.ts";

Deno.test("a virtual router has the MAC address of its family and VRID", () => {
  strictEqual(formatMac(virtualRouterMac("ipv4", 55)), "00:00:5e:00:01:37");
  strictEqual(formatMac(virtualRouterMac("ipv6", 255)), "00:00:5e:00:02:ff");
});

Deno.test("a multicast group has the MAC address that its last bits give", () => {
  strictEqual(formatMac(multicastMac("224.0.0.18")), "01:00:5e:00:00:12");
  strictEqual(formatMac(multicastMac("239.129.2.3")), "01:00:5e:01:02:03");
  strictEqual(formatMac(multicastMac("ff02::12")), "33:33:00:00:00:12");
  throws(() => multicastMac("everybody"), RangeError);
});

Deno.test("a frame is destination, source, type and payload", () => {
  const to = multicastMac("224.0.0.18");
  const from = virtualRouterMac("ipv4", 1);
  const frame = encodeEthernetFrame(to, from, ETHERTYPE_IPV4, Uint8Array.of(7, 8));
  strictEqual(frame.toHex(), "01005e000012" + "00005e000101" + "0800" + "0708");
});
