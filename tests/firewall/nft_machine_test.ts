/** What nf_tables does with an imagined advert, expression by expression; tests/linux/nftables holds it to the kernel. */

import assert from "node:assert/strict";
import {
  decodeChain,
  type DumpedElement,
  type DumpedExpression,
} from "../../src/wire/nftables/nft_dump.ts";
import { encodeAttribute } from "../../src/wire/netlink/netlink.ts";
import { type KnownAdvert, machineRule } from "../../src/firewall/nft_machine.ts";
import { NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN } from "../../src/wire/nftables/nft.ts";

const OUT: KnownAdvert = {
  ...{ direction: "out", interface: "eth1", interfaceIndex: 7, family: "ipv4" },
  ...{ destination: "224.0.0.18", unicast: false },
};
const IN: KnownAdvert = { ...OUT, direction: "in" };
const UNICAST: KnownAdvert = { ...OUT, destination: "192.168.31.12", unicast: true };
const IPV6: KnownAdvert = { ...OUT, family: "ipv6", destination: "ff02::12" };

const REGISTER = 8;
const L4PROTO = 16;
const [EQUAL, NOT, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL] = [0, 1, 2, 3, 4, 5];

function number(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return octets;
}

const text = (value: string) => new TextEncoder().encode(`${value}\0`);

const attribute = (type: number, value: ArrayLike<number>) => [
  ...encodeAttribute(type, Uint8Array.from(value)),
];

const data = (value: ArrayLike<number>) => Uint8Array.from(attribute(1, value));
const verdict = (code: number, chain?: string) =>
  Uint8Array.from(attribute(2, [
    ...attribute(1, number(code)),
    ...(chain === undefined ? [] : attribute(2, text(chain))),
  ]));

function expression(name: string, attributes: Record<number, Uint8Array>): DumpedExpression {
  return {
    name,
    attributes: new Map(Object.entries(attributes).map(([type, it]) => [Number(type), it])),
  };
}

const meta = (key: number) => expression("meta", { 1: number(REGISTER), 2: number(key) });
const compare = (operation: number, ...octets: number[]) =>
  expression("cmp", { 1: number(REGISTER), 2: number(operation), 3: data(octets) });
const range = (from: number[], to: number[], operation = EQUAL!) =>
  expression("range", {
    ...{ 1: number(REGISTER), 2: number(operation) },
    ...{ 3: data(from), 4: data(to) },
  });
const payload = (offset: number, length: number, base = 1) =>
  expression("payload", {
    ...{ 1: number(REGISTER), 2: number(base) },
    ...{ 3: number(offset), 4: number(length) },
  });
const masked = (mask: number[], xor: number[]) =>
  expression("bitwise", {
    ...{ 1: number(REGISTER), 2: number(REGISTER), 3: number(mask.length) },
    ...{ 4: data(mask), 5: data(xor) },
  });
const state = () => expression("ct", { 1: number(REGISTER), 2: number(0) });
const inSet = (flags = 0) =>
  expression("lookup", { 1: text("s"), 2: number(REGISTER), 5: number(flags) });
const inMap = () => expression("lookup", { 1: text("s"), 2: number(REGISTER), 3: number(0) });
const end = (code: number, chain?: string) =>
  expression("immediate", { 1: number(0), 2: verdict(code, chain) });

function run(
  expressions: readonly DumpedExpression[],
  advert = OUT,
  elements: readonly DumpedElement[] | null = null,
) {
  const rule = machineRule({ handle: 3, expressions }, advert, () => elements, "here");
  return [rule.matches, rule.action];
}

Deno.test("a statement matches, does not, or nobody knows", async (t) => {
  const eth1 = [...text("eth1").subarray(0, 4), ...new Array<number>(12).fill(0)];
  const group = [224, 0, 0, 18];
  const rows: readonly (readonly [string, DumpedExpression[], KnownAdvert, boolean | null])[] = [
    ["the protocol", [meta(L4PROTO), compare(EQUAL!, 112)], OUT, true],
    ["another protocol", [meta(L4PROTO), compare(EQUAL!, 6)], OUT, false],
    ["not this protocol", [meta(L4PROTO), compare(NOT!, 112)], OUT, false],
    ["not another protocol", [meta(L4PROTO), compare(NOT!, 6)], OUT, true],
    ["less than it", [meta(L4PROTO), compare(LESS!, 112)], OUT, false],
    ["less than more", [meta(L4PROTO), compare(LESS!, 113)], OUT, true],
    ["at most it", [meta(L4PROTO), compare(LESS_OR_EQUAL!, 112)], OUT, true],
    ["at most less", [meta(L4PROTO), compare(LESS_OR_EQUAL!, 111)], OUT, false],
    ["greater than it", [meta(L4PROTO), compare(GREATER!, 112)], OUT, false],
    ["greater than less", [meta(L4PROTO), compare(GREATER!, 111)], OUT, true],
    ["at least it", [meta(L4PROTO), compare(GREATER_OR_EQUAL!, 112)], OUT, true],
    ["at least more", [meta(L4PROTO), compare(GREATER_OR_EQUAL!, 113)], OUT, false],
    ["in a range", [meta(L4PROTO), range([100], [120])], OUT, true],
    ["its first one", [meta(L4PROTO), range([112], [120])], OUT, true],
    ["its last one", [meta(L4PROTO), range([100], [112])], OUT, true],
    ["below a range", [meta(L4PROTO), range([113], [120])], OUT, false],
    ["above a range", [meta(L4PROTO), range([100], [111])], OUT, false],
    ["in a range that is excluded", [meta(L4PROTO), range([100], [120], NOT!)], OUT, false],
    ["the interface's index", [meta(5), compare(EQUAL!, 7, 0, 0, 0)], OUT, true],
    ["another index", [meta(5), compare(EQUAL!, 8, 0, 0, 0)], OUT, false],
    ["no index on the other way", [meta(4), compare(EQUAL!, 0, 0, 0, 0)], OUT, true],
    ["the index on the way in", [meta(4), compare(EQUAL!, 7, 0, 0, 0)], IN, true],
    ["the interface's name", [meta(7), compare(EQUAL!, ...eth1)], OUT, true],
    ["the name on the way in", [meta(6), compare(EQUAL!, ...eth1)], IN, true],
    ["a name on the other way", [meta(6), compare(EQUAL!, ...eth1)], OUT, false],
    ["the family", [meta(15), compare(EQUAL!, 2)], OUT, true],
    ["the family of IPv6", [meta(15), compare(EQUAL!, 10)], IPV6, true],
    ["the type of IPv4", [meta(1), compare(EQUAL!, 8, 0)], OUT, true],
    ["a new connection alone", [state(), compare(EQUAL!, 8, 0, 0, 0)], OUT, true],
    ["the type of IPv6", [meta(1), compare(EQUAL!, 0x86, 0xdd)], IPV6, true],
    ["multicast", [meta(19), compare(EQUAL!, 2)], IN, true],
    ["to this host", [meta(19), compare(EQUAL!, 0)], { ...UNICAST, direction: "in" }, true],
    ["a mark that may be there", [meta(3), compare(EQUAL!, 1, 0, 0, 0)], OUT, null],
    ["the destination", [payload(16, 4), compare(EQUAL!, ...group)], OUT, true],
    ["its protocol in the header", [payload(9, 1), compare(EQUAL!, 112)], OUT, true],
    ["the protocol of IPv6", [payload(6, 1), compare(EQUAL!, 112)], IPV6, true],
    [
      "a network",
      [
        payload(16, 4),
        masked([255, 0, 0, 0], [0, 0, 0, 0]),
        compare(EQUAL!, 224, 0, 0, 0),
      ],
      OUT,
      true,
    ],
    [
      "flipped octets",
      [
        payload(16, 4),
        masked([255, 255, 255, 255], [1, 0, 0, 0]),
        compare(EQUAL!, 225, 0, 0, 18),
      ],
      OUT,
      true,
    ],
    [
      "an unknown octet that the mask drops",
      [
        payload(15, 2),
        masked([0, 255], [0, 0]),
        compare(EQUAL!, 0, 224),
      ],
      OUT,
      true,
    ],
    ["the sender, which is not known", [payload(12, 4), compare(EQUAL!, ...group)], OUT, null],
    [
      "unknown, and different for certain",
      [
        payload(15, 2),
        compare(EQUAL!, 1, 225),
      ],
      OUT,
      false,
    ],
    ["unknown, and not equal for certain", [payload(15, 2), compare(NOT!, 1, 225)], OUT, true],
    ["a port", [payload(2, 2, 2), compare(EQUAL!, 0, 22)], OUT, null],
    [
      "a new connection",
      [state(), masked([8, 0, 0, 0], [0, 0, 0, 0]), compare(NOT!, 0, 0, 0, 0)],
      OUT,
      true,
    ],
    ["perhaps an answer", [state(), compare(EQUAL!, 8, 0, 0, 0)], UNICAST, null],
  ];
  for (const [name, expressions, advert, matches] of rows) {
    await t.step(name, () => {
      const [found] = run(expressions, advert);
      assert.deepEqual(found, [matches]);
    });
  }
});

Deno.test("a set has the advert or not, and a map says what becomes of it", () => {
  const key = (octet: number, more: Partial<DumpedElement> = {}): DumpedElement => ({
    ...{ key: Uint8Array.of(octet), isEnd: false },
    ...more,
  });
  const protocol = [meta(L4PROTO), inSet()];
  assert.deepEqual(run(protocol, OUT, [key(6), key(112)]), [[true], "next"]);
  assert.deepEqual(run(protocol, OUT, [key(6)]), [[false], "next"]);
  assert.deepEqual(run([meta(L4PROTO), inSet(1)], OUT, [key(6)]), [[true], "next"]);
  assert.deepEqual(run(protocol, OUT, null), [[null], "next"]);
  const ranges = (
    from: number,
    to: number,
  ) => [key(0, { isEnd: true }), key(from), key(to, { isEnd: true })];
  assert.deepEqual(run(protocol, OUT, ranges(100, 113)), [[true], "next"]);
  assert.deepEqual(run(protocol, OUT, ranges(100, 112)), [[false], "next"]);
  assert.deepEqual(run(protocol, OUT, ranges(113, 120)), [[false], "next"]);
  const drop = key(112, { verdict: { code: 0, chain: null } });
  assert.deepEqual(run([meta(L4PROTO), inMap()], OUT, [key(6), drop]), [[true], "drop"]);
  assert.deepEqual(run([meta(L4PROTO), inMap()], OUT, [key(6)]), [[false], "unknown"]);
});

Deno.test("a rule ends as its verdict says", () => {
  const rows: [DumpedExpression, unknown][] = [
    [end(0), "drop"],
    [end(1), "accept"],
    [end(-5), "return"],
    [end(-1), "next"],
    [end(-3, "other"), { jump: "other" }],
    [end(-3), "unknown"],
    [end(-4, "other"), "unknown"],
    [expression("reject", {}), "drop"],
    [expression("target", { 1: text("REJECT") }), "drop"],
    [expression("target", { 1: text("TPROXY") }), "unknown"],
    [expression("queue", {}), "unknown"],
  ];
  for (const [last, action] of rows) {
    assert.deepEqual(run([expression("counter", {}), last])[1], action, last.name);
  }
  assert.deepEqual(run([expression("target", { 1: text("LOG") }), end(0)]), [[], "drop"]);
  assert.deepEqual(run([expression("limit", {}), end(0)]), [[null], "drop"]);
});

Deno.test("a chain has its hook, its devices and its policy", () => {
  const chain = (...attributes: number[][]) => ({
    ...{ type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWCHAIN, sequence: 1, portId: 0 },
    flags: 0,
    payload: Uint8Array.from([
      1,
      0,
      0,
      0,
      ...attribute(1, text("t")),
      ...attribute(3, text("c")),
      ...attributes.flat(),
    ]),
  });
  const named = { family: 1, name: "t", chain: "c", devices: [], type: "" };
  assert.deepEqual(decodeChain(chain()), { ...named, policy: "accept" });
  const hook = attribute(4, [...attribute(1, number(3)), ...attribute(3, text("eth1"))]);
  const kind = attribute(7, text("filter"));
  for (const [policy, code] of [["drop", 0], ["accept", 1]] as const) {
    assert.deepEqual(
      decodeChain(chain(hook, attribute(5, number(code)), kind)),
      { ...named, hook: 3, devices: ["eth1"], type: "filter", policy },
    );
  }
});

/** Into another register than the one that all of the above use. */
const load = (register: number, ...octets: number[]) =>
  expression("immediate", { 1: number(register), 2: data(octets) });
const compareAt = (register: number, operation: number, ...octets: number[]) =>
  expression("cmp", { 1: number(register), 2: number(operation), 3: data(octets) });
const mapInto = (register: number) =>
  expression("lookup", { 1: text("s"), 2: number(REGISTER), 3: number(register) });
const MARK = 3;

Deno.test("registers are four of 16 octets, or the same space by fours, cleared to the next four", () => {
  const equal = (register: number, ...octets: number[]) => compareAt(register, EQUAL!, ...octets);
  const rows: readonly (readonly [string, DumpedExpression[], boolean | null])[] = [
    ["the first by both names", [load(1, 9), equal(8, 9)], true],
    ["the second by both names", [load(2, 7), equal(12, 7)], true],
    ["the last by both names", [load(20, 3), equal(4, 3)], true],
    ["two that are next to each other", [load(9, 5), load(8, 1, 2, 3, 4), equal(9, 5)], true],
    ["the rest of four", [load(8, 1), equal(8, 1, 0, 0, 0)], true],
    ["one that nobody loaded", [load(8, 1), equal(9, 0)], null],
    ["behind the last", [load(23, 1, 2, 3, 4, 5), equal(23, 1, 2, 3, 4, 5)], null],
    ["up to the last", [load(23, 1, 2, 3, 4), equal(23, 1, 2, 3, 4)], true],
    ["an index has four octets", [load(9, 5), meta(5), equal(9, 5)], true],
    [
      "a part of a header goes where it says",
      [
        expression("payload", { 1: number(9), 2: number(1), 3: number(9), 4: number(1) }),
        equal(9, 112),
      ],
      true,
    ],
    [
      "what writes into the packet loads nothing",
      [
        meta(L4PROTO),
        expression("payload", {
          ...{ 1: number(REGISTER), 2: number(1), 3: number(0), 4: number(1), 5: number(9) },
        }),
        equal(8, 112),
      ],
      true,
    ],
    [
      "what sets a mark loads nothing",
      [
        meta(L4PROTO),
        expression("meta", { 1: number(REGISTER), 2: number(MARK), 3: number(REGISTER) }),
        equal(8, 112),
      ],
      true,
    ],
    [
      "what sets one of the connection loads nothing",
      [
        meta(L4PROTO),
        expression("ct", { 1: number(REGISTER), 2: number(0), 4: number(REGISTER) }),
        equal(8, 112),
      ],
      true,
    ],
    [
      "another part of the connection",
      [expression("ct", { 1: number(REGISTER), 2: number(1) }), equal(8, 8, 0, 0, 0)],
      null,
    ],
    [
      "octets go from one register to another",
      [
        load(9, 240),
        load(8, 1),
        expression("bitwise", {
          ...{ 1: number(9), 2: number(8), 3: number(1), 4: data([255]), 5: data([0]) },
        }),
        equal(8, 240),
      ],
      true,
    ],
    [
      "octets without any to flip",
      [
        meta(L4PROTO),
        expression("bitwise", { 1: number(8), 2: number(8), 3: number(1), 4: data([255]) }),
        equal(8, 112),
      ],
      true,
    ],
    [
      "a shift",
      [
        meta(L4PROTO),
        expression("bitwise", { 1: number(8), 2: number(8), 3: number(1) }),
        equal(8, 112),
      ],
      null,
    ],
  ];
  for (const [what, expressions, want] of rows) {
    assert.deepEqual(run(expressions), [[want], "next"], what);
  }
});

Deno.test("what is known in part is known to differ, and no more", () => {
  const partly = (operation: number, last: number) =>
    run([payload(8, 2), compare(operation, 0, last)])[0];
  assert.deepEqual(partly(EQUAL!, 113), [false]);
  assert.deepEqual(partly(NOT!, 113), [true]);
  assert.deepEqual(partly(LESS!, 113), [null]);
  assert.deepEqual(partly(EQUAL!, 112), [null]);
  assert.deepEqual(partly(LESS_OR_EQUAL!, 112), [null]);
  const zero = [0, 0, 0, 0];
  const most = [255, 255, 255, 255];
  for (
    const unknown of [
      compare(LESS!, ...most),
      compare(GREATER_OR_EQUAL!, ...zero),
      compare(6, ...zero),
      range(zero, most),
    ]
  ) assert.deepEqual(run([meta(MARK), unknown])[0], [null]);
  const without = { 1: number(REGISTER), 2: number(EQUAL!) };
  for (
    const unreadable of [
      expression("cmp", without),
      expression("range", { ...without, 3: data([0]) }),
      expression("range", { ...without, 4: data([255]) }),
    ]
  ) assert.deepEqual(run([meta(L4PROTO), unreadable])[0], [null]);
});

Deno.test("a range of four octets, or of an IPv6 address, is known; one of joined keys is not", () => {
  for (const [length, want] of [[1, true], [4, true], [5, null], [16, true]] as const) {
    const all = (octet: number) => new Array<number>(length).fill(octet);
    const within = range(all(1), all(9));
    assert.deepEqual(run([load(8, ...all(5)), within])[0], [want], `${length} octets`);
  }
});

Deno.test("interface, header and way of the advert are what the kernel has", () => {
  const named = (name: string) => ({ ...OUT, interface: name });
  const octetsOf = (name: string) => [...new TextEncoder().encode(name)];
  const rows: readonly (readonly [string, DumpedExpression[], KnownAdvert])[] = [
    ["no index on the way out", [meta(5), compare(EQUAL!, 0, 0, 0, 0)], IN],
    ["version and length of the header", [payload(0, 1), compare(EQUAL!, 0x45)], OUT],
    [
      "the destination of IPv6",
      [payload(24, 16), compare(EQUAL!, 0xff, 2, ...new Array<number>(13).fill(0), 0x12)],
      IPV6,
    ],
    [
      "the longest name of an interface",
      [meta(7), compare(EQUAL!, ...octetsOf("abcdefghijklmno"), 0)],
      named("abcdefghijklmno"),
    ],
    [
      "one that is too long",
      [meta(7), compare(EQUAL!, ...octetsOf("abcdefghijklmno"), 0)],
      named("abcdefghijklmnopqr"),
    ],
  ];
  for (const [what, expressions, advert] of rows) {
    assert.deepEqual(run(expressions, advert)[0], [true], what);
  }
});

Deno.test("behind what may hold or not nothing is known of the registers", () => {
  const limited = [meta(L4PROTO), expression("limit", {}), compare(EQUAL!, 112)];
  assert.deepEqual(run(limited), [[null, null], "next"]);
});

Deno.test("a lookup that gives a value loads it, if it is found", () => {
  const elements = [{ key: Uint8Array.of(112), isEnd: false, value: Uint8Array.of(5) }];
  const others = [{ ...elements[0]!, key: Uint8Array.of(6) }];
  const before = [load(9, 6), load(13, 1), meta(L4PROTO)];
  const after = [compareAt(9, EQUAL!, 5), compareAt(13, EQUAL!, 1)];
  const rows: readonly (readonly [readonly DumpedElement[] | null, (boolean | null)[]])[] = [
    [elements, [true, true, true]],
    [others, [false, null, true]],
    [null, [null, null, true]],
  ];
  for (const [known, want] of rows) {
    assert.deepEqual(run([...before, mapInto(9), ...after], OUT, known), [want, "next"]);
  }
  assert.deepEqual(run([meta(L4PROTO), inMap()], OUT, []), [[false], "unknown"]);
  assert.deepEqual(run([meta(L4PROTO), inMap()], OUT, others), [[false], "unknown"]);
  assert.deepEqual(run([meta(L4PROTO), inMap()], OUT, null), [[null], "unknown"]);
});

Deno.test("the set is the one that the rule names", () => {
  const asked: string[] = [];
  const elements = (name: string) => {
    asked.push(name);
    return null;
  };
  const other = expression("lookup", { 1: text("s"), 2: text("t"), 3: number(0) });
  machineRule({ handle: 3, expressions: [other] }, OUT, elements, "here");
  assert.deepEqual(asked, ["s"]);
});

Deno.test("what is not known may be in a set, of ranges too", () => {
  const element = (isEnd: boolean, ...key: number[]) => ({ key: Uint8Array.from(key), isEnd });
  const single = [element(false, 1, 0, 0, 0)];
  const ranged = [element(false, 0, 0, 0, 0), element(true, 9, 0, 0, 0)];
  assert.deepEqual(run([meta(MARK), inSet()], OUT, single)[0], [null]);
  assert.deepEqual(run([meta(MARK), inSet()], OUT, ranged)[0], [null]);
  // Where one range ends the next one begins.
  const adjacent = [
    element(false, 10),
    element(true, 112),
    element(false, 112),
    element(true, 120),
  ];
  for (const elements of [adjacent, adjacent.toReversed()]) {
    assert.deepEqual(run([meta(L4PROTO), inSet()], OUT, elements)[0], [true]);
  }
});

/** struct xt_conntrack_mtinfo3: what it matches, what of it is inverted, and the states. */
function conntrack(flags: number, inverted: number, states: number, length = 160): Uint8Array {
  const info = new Uint8Array(160);
  const view = new DataView(info.buffer);
  for (const [at, value] of [[146, flags], [148, inverted], [150, states]] as const) {
    view.setUint16(at, value, true);
  }
  return info.subarray(0, length);
}

Deno.test("matches of iptables are known if they are comments or states of connections", () => {
  const [NEW, ESTABLISHED, STATE, OTHER] = [8, 2, 1, 2];
  const rows: readonly (readonly [string, Uint8Array | undefined, boolean | null, KnownAdvert?])[] =
    [
      ["comment", undefined, true],
      ["tcp", conntrack(STATE, 0, NEW), null],
      ["conntrack", undefined, null],
      ["conntrack", conntrack(STATE, 0, NEW), true],
      ["conntrack", conntrack(STATE, 0, NEW | ESTABLISHED), true],
      ["conntrack", conntrack(STATE, 0, ESTABLISHED), false],
      ["conntrack", conntrack(STATE, STATE, NEW), false],
      ["conntrack", conntrack(STATE, STATE, ESTABLISHED), true],
      ["conntrack", conntrack(STATE, OTHER, NEW), true],
      ["conntrack", conntrack(STATE | OTHER, 0, NEW), null],
      ["conntrack", conntrack(STATE, 0, NEW), null, UNICAST],
      ["conntrack", conntrack(STATE, 0, NEW, 153), true],
      ["conntrack", conntrack(STATE, 0, NEW, 152), null],
    ];
  for (const [name, info, want, advert] of rows) {
    const match = expression("match", { 1: text(name), ...(info && { 3: info }) });
    assert.deepEqual(run([match], advert)[0], [want], name);
  }
});
