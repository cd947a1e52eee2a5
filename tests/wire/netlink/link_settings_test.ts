import { strictEqual } from "node:assert/strict";
import {
  decodeIpv4Setting,
  decodeIpv6Forwarding,
  encodeIpv4Setting,
} from "../../../src/wire/netlink/link_settings.ts";
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

Deno.test("whether a link forwards IPv6 is the first number of its settings", () => {
  const [AF_SPEC, INET6, CONF] = [26, 10, 2];
  const message = (conf: Uint8Array) =>
    Uint8Array.of(
      ...encodeLinkQuery(7),
      ...encodeAttribute(AF_SPEC, encodeAttribute(INET6, encodeAttribute(CONF, conf))),
    );
  const rows: [Uint8Array, boolean | null][] = [
    [Uint8Array.of(1, 0, 0, 0), true],
    [Uint8Array.of(2, 0, 0, 0), true],
    [Uint8Array.of(0, 0, 0, 0), false],
    [Uint8Array.of(0, 0, 0, 0, 9, 0, 0, 0), false],
    [Uint8Array.of(1, 0, 0), null],
    [Uint8Array.of(), null],
  ];
  for (const [conf, want] of rows) strictEqual(decodeIpv6Forwarding(message(conf)), want);
  strictEqual(decodeIpv6Forwarding(encodeLinkQuery(7)), null);
});

Deno.test("each IPv4 setting has its number of linux/ip.h, from 1", () => {
  const numbers = new Uint8Array(Uint32Array.from({ length: 32 }, (_, at) => at + 1).buffer);
  const payload = Uint8Array.of(
    ...encodeLinkQuery(7),
    ...encodeAttribute(26, encodeAttribute(2, encodeAttribute(1, numbers))),
  );
  const rows = [["rp_filter", 8], ["arp_announce", 18], ["arp_ignore", 19], [
    "promote_secondaries",
    20,
  ]] as const;
  for (const [setting, number] of rows) strictEqual(decodeIpv4Setting(payload, setting), number);
});
