import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import {
  decodeRoute,
  decodeRule,
  encodeRoute,
  encodeRoutingQuery,
  encodeRule,
  type RouteMessage,
  type RuleMessage,
} from "../../../src/wire/netlink/routing.ts";
import { encodeAttribute } from "../../../src/wire/netlink/netlink.ts";
import { concatenate } from "../../../src/wire/octets.ts";
import { seededRandom } from "../random.ts";

const ROUTE: RouteMessage = {
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  gateway: "192.168.31.1",
  outIndex: 3,
  source: "192.168.31.5",
  metric: 50,
  table: 1000,
  scope: 0,
  protocol: 118,
};

const RULE: RuleMessage = {
  family: "ipv4",
  from: { address: "192.168.31.5", prefixLength: 32 },
  to: { address: "10.0.0.0", prefixLength: 8 },
  fwmark: 32,
  iif: "eth0",
  oif: "eth1",
  table: 1000,
  priority: 900,
  protocol: 118,
};

Deno.test("a route request has the octets that the kernel expects", () => {
  strictEqual(
    encodeRoute(ROUTE).toHex(),
    [
      "02100000" + "00760001" + "00000000", // AF_INET, /16; table in its attribute, proto 118, global, unicast
      "08000100" + "0a010000", // RTA_DST
      "08000400" + "03000000", // RTA_OIF
      "08000500" + "c0a81f01", // RTA_GATEWAY
      "08000600" + "32000000", // RTA_PRIORITY
      "08000700" + "c0a81f05", // RTA_PREFSRC
      "08000f00" + "e8030000", // RTA_TABLE
    ].join(""),
  );
});

Deno.test("a rule request has the octets that the kernel expects", () => {
  strictEqual(
    encodeRule(RULE).toHex(),
    [
      "02082000" + "00000001" + "00000000", // AF_INET, to /8, from /32, FR_ACT_TO_TBL
      "08000100" + "0a000000", // FRA_DST
      "08000200" + "c0a81f05", // FRA_SRC
      "09000300" + "6574683000000000", // FRA_IIFNAME, zero-terminated, padded
      "09001100" + "6574683100000000", // FRA_OIFNAME
      "08000a00" + "20000000", // FRA_FWMARK
      "08000600" + "84030000", // FRA_PRIORITY
      "08000f00" + "e8030000", // FRA_TABLE
      "05001500" + "76000000", // FRA_PROTOCOL
    ].join(""),
  );
});

Deno.test("a request reads back as what it asks for", () => {
  const bare: RouteMessage = { family: "ipv6", to: null, table: 254, scope: 0, protocol: 4 };
  const full: RouteMessage = {
    ...bare,
    onLink: true,
    tos: 8,
    options: { mtu: 1400, hoplimit: 64, quickack: 1, lock: ["mtu"] },
    nextHops: [
      { gateway: "fe80::1", outIndex: 3, weight: 256, onLink: true },
      { outIndex: 4, weight: 1, onLink: false },
    ],
  };
  const nowhere: RouteMessage = { ...bare, type: "prohibit" };
  for (const route of [ROUTE, bare, full, nowhere]) {
    deepStrictEqual(decodeRoute(encodeRoute(route)), route);
  }
  const any: RuleMessage = { family: "ipv6", table: 7, priority: 1, protocol: 0 };
  for (const rule of [RULE, any]) deepStrictEqual(decodeRule(encodeRule(rule)), rule);
});

Deno.test("a route over next hops, with options, has the octets that the kernel expects", () => {
  const { gateway: _, outIndex: __, source: ___, ...route } = ROUTE;
  strictEqual(
    encodeRoute({
      ...route,
      options: { mtu: 1400, lock: ["mtu"] },
      nextHops: [
        { gateway: "192.168.31.1", outIndex: 3, weight: 2, onLink: true },
        { outIndex: 4, weight: 1, onLink: false },
      ],
    }).toHex(),
    [
      "02100000" + "00760001" + "00000000",
      "08000100" + "0a010000", // RTA_DST
      "08000600" + "32000000", // RTA_PRIORITY
      "14000800" + "08000100" + "04000000" + "08000200" + "78050000", // RTA_METRICS: RTAX_LOCK, RTAX_MTU
      "1c000900" + "1000" + "04" + "01" + "03000000" + "08000500" + "c0a81f01" + // RTA_MULTIPATH: onlink, two hops
      "0800" + "00" + "00" + "04000000",
      "08000f00" + "e8030000", // RTA_TABLE
    ].join(""),
  );
});

Deno.test("what is no address is not encoded", () => {
  const wrong = { gateway: "10.0.0.256", weight: 1, onLink: false };
  throws(() => encodeRoute({ ...ROUTE, nextHops: [wrong] }), RangeError);
  throws(() => encodeRoute({ ...ROUTE, gateway: "10.0.0.256" }), RangeError);
});

Deno.test("copies that the kernel makes of routes, and other kinds of route, are not read", () => {
  const copy = encodeRoute(ROUTE);
  copy[9] = 0x02;
  strictEqual(decodeRoute(copy), null);
  const local = encodeRoute(ROUTE);
  local[7] = 2;
  strictEqual(decodeRoute(local), null);
});

Deno.test("addresses that are cut off, or of another family, make no route and no rule", () => {
  // The length of the first attribute after struct rtmsg, the destination: 4 octets of header and 3 of address.
  const cut = encodeRoute(ROUTE);
  cut[12] = 7;
  strictEqual(decodeRoute(cut), null);
  const asIpv6 = encodeRoute(ROUTE);
  asIpv6[0] = 10;
  strictEqual(decodeRoute(asIpv6), null);
  const rule = encodeRule(RULE);
  rule[0] = 10;
  strictEqual(decodeRule(rule), null);
});

Deno.test("random octets are read without an exception", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 20_000; round++) {
    const octets = Uint8Array.from({ length: random() * 60 }, () => random() * 256);
    if (octets.length > 0) octets[0] = random() < 0.5 ? 2 : 10;
    decodeRoute(octets);
    decodeRule(octets);
  }
});

Deno.test("a query names family and protocol, and a rule that inverts or does something else is none", () => {
  strictEqual(encodeRoutingQuery("ipv4").toHex(), "02" + "00".repeat(11));
  strictEqual(encodeRoutingQuery("ipv6", 118).toHex(), "0a00000000760000" + "00".repeat(4));
  const changed = (at: number, value: number) => {
    const payload = encodeRule(RULE);
    payload[at] = value;
    return decodeRule(payload);
  };
  deepStrictEqual(changed(8, 0), RULE);
  // FIB_RULE_PERMANENT
  deepStrictEqual(changed(8, 1), RULE);
  strictEqual(changed(8, 2), null);
  strictEqual(changed(7, 6), null);
});

/** Attribute type, value, and whether the kernel says it of an ordinary one, too. */
const MORE_OF_A_ROUTE: readonly (readonly [string, number, Uint8Array, boolean])[] = [
  ["a cache entry's age", 12, new Uint8Array(32), true],
  ["medium preference", 20, Uint8Array.of(0), true],
  ["high preference", 20, Uint8Array.of(1), false],
  ["a metric that is no option", 8, encodeAttribute(16, Uint8Array.of(99, 0)), false],
];
const MORE_OF_A_RULE: readonly (readonly [string, number, Uint8Array, boolean])[] = [
  ["no suppressed prefix length", 14, Uint8Array.of(255, 255, 255, 255), true],
  ["a suppressed prefix length", 14, Uint8Array.of(0, 0, 0, 0), false],
  ["no suppressed group", 13, Uint8Array.of(255, 255, 255, 255), true],
  ["a protocol", 22, Uint8Array.of(6), false],
];

for (const [what, type, value, ordinary] of MORE_OF_A_ROUTE) {
  Deno.test(`a route with ${what} has ${ordinary ? "no more than vipd's" : "more than vipd's"}`, () => {
    const route = concatenate([encodeRoute(ROUTE), encodeAttribute(type, value)]);
    deepStrictEqual(decodeRoute(route), ordinary ? ROUTE : { ...ROUTE, more: true });
  });
}

for (const [what, type, value, ordinary] of MORE_OF_A_RULE) {
  Deno.test(`a rule with ${what} has ${ordinary ? "no more than vipd's" : "more than vipd's"}`, () => {
    const rule = concatenate([encodeRule(RULE), encodeAttribute(type, value)]);
    deepStrictEqual(decodeRule(rule), ordinary ? RULE : { ...RULE, more: true });
  });
}

Deno.test("a route of some sources only, or a rule for one type of service, has more than vipd's", () => {
  const [source, ruleTos] = [encodeRoute(ROUTE), encodeRule(RULE)];
  source[2] = 64;
  ruleTos[3] = 8;
  strictEqual(decodeRoute(source)?.more, true);
  strictEqual(decodeRule(ruleTos)?.more, true);
});

Deno.test("what a route or a rule does not say is in its header, or 0", () => {
  const route = (...attributes: Uint8Array[]) => {
    const header = encodeRoutingQuery("ipv4");
    header.set([9, 3, 0, 1], 4);
    return decodeRoute(concatenate([header, ...attributes]));
  };
  deepStrictEqual(route(), { family: "ipv4", to: null, table: 9, scope: 0, protocol: 3 });
  // RTA_MULTIPATH with a gateway that is cut off, RTA_METRICS with nothing in it
  strictEqual(route(encodeAttribute(9, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0))), null);
  deepStrictEqual(route(encodeAttribute(8, Uint8Array.of())), route());
  const rule = (...attributes: Uint8Array[]) => {
    const header = encodeRoutingQuery("ipv4");
    header.set([9, 3, 0, 1], 4);
    return decodeRule(concatenate([header, ...attributes]));
  };
  deepStrictEqual(rule(), { family: "ipv4", table: 9, priority: 0, protocol: 0 });
  strictEqual(encodeRoutingQuery("ipv4").length, 12);
  strictEqual(decodeRoute(encodeRoutingQuery("ipv4").subarray(0, 11)), null);
});

Deno.test("a rule looks at the whole mark, or at none of it", () => {
  const number = (value: number) => {
    const octets = new Uint8Array(4);
    new DataView(octets.buffer).setUint32(0, value, true);
    return octets;
  };
  const [FWMARK, FWMASK] = [10, 16];
  const marked = (...masks: number[]) => {
    const header = encodeRoutingQuery("ipv4");
    header[7] = 1;
    const attributes = masks.map((mask) => encodeAttribute(FWMASK, number(mask)));
    return decodeRule(concatenate([header, encodeAttribute(FWMARK, number(5)), ...attributes]));
  };
  strictEqual(marked()!.fwmark, 5);
  strictEqual(marked(0xffffffff)!.fwmark, 5);
  strictEqual(marked(0)!.fwmark, undefined);
  for (const part of [1, 0xff, 0xfffffffe]) strictEqual(marked(part), null);
});

Deno.test("a rule from and to anywhere has no lengths", () => {
  const rule = { family: "ipv4", table: 9, priority: 7, protocol: 3 } as const;
  deepStrictEqual([...encodeRule(rule).subarray(0, 4)], [2, 0, 0, 0]);
  const to = { address: "10.0.0.0", prefixLength: 8 };
  deepStrictEqual([...encodeRule({ ...rule, to }).subarray(0, 4)], [2, 8, 0, 0]);
  deepStrictEqual([...encodeRule({ ...rule, from: to }).subarray(0, 4)], [2, 0, 8, 0]);
});

Deno.test("only the flag of copies makes a route a copy", () => {
  const flagged = (flags: number) => {
    const header = encodeRoutingQuery("ipv4");
    header.set([9, 3, 0, 1], 4);
    new DataView(header.buffer).setUint32(8, flags, true);
    return decodeRoute(header);
  };
  strictEqual(flagged(0x200), null);
  for (const flags of [0, 1, 0x100, 0x400]) strictEqual(flagged(flags)?.table, 9, `${flags}`);
});
