import { strictEqual } from "node:assert/strict";
import { decodeIpv4Setting, encodeIpv4Setting } from "../../../src/wire/netlink/link_settings.ts";
import { encodeAttribute } from "../../../src/wire/netlink/netlink.ts";
import { encodeLinkQuery } from "../../../src/wire/netlink/rtnetlink.ts";

Deno.test("an IPv4 setting is found in a nested answer and nested in a request", () => {
  const settings = new Uint8Array(32 * 4);
  settings[19 * 4] = 1;
  settings[18 * 4] = 2;
  const nested = encodeAttribute(26, encodeAttribute(2, encodeAttribute(1, settings)));
  const message = Uint8Array.of(...encodeLinkQuery(5), ...nested);
  strictEqual(decodeIpv4Setting(message, "promote_secondaries"), 1);
  strictEqual(decodeIpv4Setting(message, "arp_ignore"), 2);
  strictEqual(decodeIpv4Setting(message, "arp_announce"), 0);
  strictEqual(decodeIpv4Setting(encodeLinkQuery(5), "arp_ignore"), null);
  strictEqual(
    encodeIpv4Setting(5, "promote_secondaries", 1).subarray(16).toHex(),
    "14001a00" + "10000200" + "0c000100" + "08001400" + "01000000",
  );
});
