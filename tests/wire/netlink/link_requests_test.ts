import { strictEqual } from "node:assert/strict";
import {
  encodeAlias,
  encodeLinkAddress,
  encodeLinkUp,
  encodeMacvlan,
  encodeMacvlanMode,
  encodeNoAddressGeneration,
} from "../../../src/wire/netlink/link_requests.ts";

const NO_INDEX = "0".repeat(32);
const INDEX_5 = "00000000" + "05000000";

Deno.test("a macvlan request has the octets that the kernel expects", () => {
  const mac = Uint8Array.of(0, 0, 0x5e, 0, 1, 0x37);
  strictEqual(
    encodeMacvlan({ name: "vrrp.55", parentIndex: 3, mac }).toHex(),
    [
      NO_INDEX,
      "08000500" + "03000000", // IFLA_LINK
      "0c000300" + "767272702e353500", // IFLA_IFNAME
      "0a000100" + "00005e0001370000", // IFLA_ADDRESS
      "1c001200", // IFLA_LINKINFO
      "0c000100" + "6d6163766c616e00", // IFLA_INFO_KIND
      "0c000200" + "08000100" + "02000000", // IFLA_INFO_DATA, IFLA_MACVLAN_MODE vepa
    ].join(""),
  );
});

Deno.test("a link is marked, set up and down, and kept from making addresses", () => {
  strictEqual(
    encodeAlias(5, "vipd").toHex(),
    INDEX_5 + "0".repeat(16) + "08001400" + "76697064",
  );
  strictEqual(encodeLinkUp(5, true).toHex(), INDEX_5 + "01000000" + "01000000");
  strictEqual(encodeLinkUp(5, false).toHex(), INDEX_5 + "00000000" + "01000000");
  strictEqual(
    encodeNoAddressGeneration(5).subarray(16).toHex(),
    "10001a00" + "0c000a00" + "05000800" + "01000000",
  );
});

Deno.test("a macvlan has its mode set, a link its hardware address", () => {
  strictEqual(
    encodeMacvlanMode(5).toHex(),
    [
      INDEX_5 + "0".repeat(16),
      "1c001200", // IFLA_LINKINFO
      "0c000100" + "6d6163766c616e00", // IFLA_INFO_KIND
      "0c000200" + "08000100" + "02000000", // IFLA_INFO_DATA, IFLA_MACVLAN_MODE vepa
    ].join(""),
  );
  strictEqual(
    encodeLinkAddress(5, Uint8Array.of(2, 0, 0, 0, 0, 9)).toHex(),
    INDEX_5 + "0".repeat(16) + "0a000100" + "0200000000090000",
  );
});
