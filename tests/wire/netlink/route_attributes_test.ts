import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { encodeAttribute } from "../../../src/wire/netlink/netlink.ts";
import {
  decodeNextHops,
  decodeRouteOptions,
  encodeNextHops,
  encodeRouteOptions,
  ROUTE_OPTIONS,
  type RouteOptions,
} from "../../../src/wire/netlink/route_attributes.ts";

Deno.test("options of a route are read as they were written, locked or not", () => {
  const rows: RouteOptions[] = [
    { mtu: 1400 },
    { mtu: 1400, lock: ["mtu"] },
    { mtu: 1400, advmss: 1360, lock: ["advmss"] },
    { lock: ["mtu"] },
  ];
  for (const options of rows) {
    deepStrictEqual(decodeRouteOptions(encodeRouteOptions(options)), options);
  }
  strictEqual(encodeRouteOptions({}).length, 0);
  strictEqual(decodeRouteOptions(new Uint8Array()), null);
  const short = encodeAttribute(ROUTE_OPTIONS.mtu, Uint8Array.of(1, 2));
  strictEqual(decodeRouteOptions(short), null, "a number has four octets");
});

Deno.test("next hops are read as they were written", () => {
  const hops = [
    { gateway: "192.168.31.1", outIndex: 1, weight: 1, onLink: false },
    { gateway: "192.168.31.2", weight: 256, onLink: true },
    { outIndex: 7, weight: 2, onLink: false },
    { outIndex: 7, weight: 5, onLink: false },
  ];
  deepStrictEqual(decodeNextHops("ipv4", encodeNextHops(hops)), hops);
  deepStrictEqual(decodeNextHops("ipv4", new Uint8Array()), []);
  const ipv6 = [{ gateway: "fe80::1", outIndex: 7, weight: 1, onLink: false }];
  deepStrictEqual(decodeNextHops("ipv6", encodeNextHops(ipv6)), ipv6);
  strictEqual(encodeNextHops([{ weight: 1, onLink: false }]).toHex(), "0800000000000000");
});

Deno.test("next hops of another family, or that lie about their length, are none", () => {
  const ipv4 = encodeNextHops([{ gateway: "192.168.31.1", weight: 1, onLink: false }]);
  strictEqual(decodeNextHops("ipv6", ipv4), null);
  const ipv6 = encodeNextHops([{ gateway: "fe80::1", weight: 1, onLink: false }]);
  strictEqual(decodeNextHops("ipv4", ipv6), null);
  for (const length of [0, 7, ipv4.length + 1, 255]) {
    const lying = ipv4.slice();
    lying[0] = length;
    strictEqual(decodeNextHops("ipv4", lying), null, `${length}`);
  }
  const twice = Uint8Array.of(...ipv4, ...ipv4);
  twice[ipv4.length] = ipv4.length + 4;
  strictEqual(decodeNextHops("ipv4", twice), null, "the second one");
  const five = Uint8Array.of(20, 0, 0, 0, 0, 0, 0, 0, ...encodeAttribute(5, new Uint8Array(5)));
  strictEqual(decodeNextHops("ipv4", five), null, "five octets");
});
