/** The kernel's answers about nf_tables; tests/linux/nftables reads those of a real kernel. */

import assert from "node:assert/strict";
import {
  chainsQuery,
  decodeChain,
  decodeDormantTable,
  decodeElements,
  decodeRule,
  elementsQuery,
  rulesQuery,
  tablesQuery,
} from "../../../src/wire/nftables/nft_dump.ts";
import { encodeAttribute } from "../../../src/wire/netlink/netlink.ts";
import {
  NFNL_SUBSYS_NFTABLES,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWSETELEM,
  NFT_MSG_NEWTABLE,
} from "../../../src/wire/nftables/nft.ts";

const text = (value: string) => new TextEncoder().encode(`${value}\0`);
const join = (...parts: readonly Uint8Array[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const answer = (type: number, attributes: Uint8Array) => ({
  type: NFNL_SUBSYS_NFTABLES << 8 | type,
  ...{ flags: 0, sequence: 1, portId: 0 },
  // struct nfgenmsg before them
  payload: join(Uint8Array.of(2, 0, 0, 0), attributes),
});

Deno.test("the rules of a chain are asked for as a dump, for all resources of that family's version 0", () => {
  assert.equal(
    rulesQuery({ family: 2, name: "t" }, "c", 5).toHex(),
    [
      "24000000" + "070a" + "0103" + "05000000" + "00000000", // nlmsghdr: NFT_MSG_GETRULE, request, dump
      "02" + "00" + "0000", // nfgenmsg: family, version, resource
      "0600" + "0100" + "7400" + "0000", // NFTA_RULE_TABLE
      "0600" + "0200" + "6300" + "0000", // NFTA_RULE_CHAIN
    ].join(""),
  );
});

Deno.test("a rule has its expressions in their order, whatever their lengths", () => {
  // NFTA_RULE_EXPRESSIONS is a list of NFTA_LIST_ELEM, each with NFTA_EXPR_NAME; each begins at a multiple of four.
  const names = ["cmp", "meta", "payload", "lookup"];
  const list = names.map((name) => encodeAttribute(1, encodeAttribute(1, text(name))));
  const rule = decodeRule(answer(NFT_MSG_NEWRULE, encodeAttribute(4, join(...list))));
  assert.deepEqual(rule?.expressions.map(({ name }) => name), names);
});

Deno.test("the elements of a map have what their keys mean", () => {
  const key = Uint8Array.of(10, 0, 0, 1);
  const value = Uint8Array.of(0, 0, 0, 7);
  const jump = Uint8Array.of(0xff, 0xff, 0xff, 0xfd);
  const intervalEnd = Uint8Array.of(0, 0, 0, 1);
  // NFTA_SET_ELEM_KEY, _DATA and _FLAGS; NFTA_DATA_VALUE and _VERDICT; NFTA_VERDICT_CODE and _CHAIN.
  const keyAttribute = encodeAttribute(1, encodeAttribute(1, key));
  const verdict = join(encodeAttribute(1, jump), encodeAttribute(2, text("vrrp")));
  const elements = [
    join(keyAttribute, encodeAttribute(2, encodeAttribute(1, value))),
    join(keyAttribute, encodeAttribute(2, encodeAttribute(2, verdict))),
    join(keyAttribute, encodeAttribute(3, intervalEnd)),
  ].map((element) => encodeAttribute(1, element));
  assert.deepEqual(
    decodeElements(answer(NFT_MSG_NEWSETELEM, encodeAttribute(3, join(...elements)))),
    [
      { key, isEnd: false, value },
      { key, isEnd: false, verdict: { code: -3, chain: "vrrp" } },
      { key, isEnd: true },
    ],
  );
});

Deno.test("tables and chains are asked for in all families, elements by table and set", () => {
  const head = (type: string) => type + "0a" + "0103" + "05000000" + "00000000";
  assert.equal(tablesQuery(5).toHex(), "14000000" + head("01") + "00000000");
  assert.equal(chainsQuery(5).toHex(), "14000000" + head("04") + "00000000");
  assert.equal(
    elementsQuery({ family: 2, name: "t" }, "s", 5).toHex(),
    "24000000" + head("0d") + "02000000" + "0600" + "0100" + "7400" + "0000" + "0600" + "0200" +
      "7300" + "0000",
  );
});

const number = (value: number) => Uint8Array.of(0, 0, 0, value);

Deno.test("a table is dormant by its first flag", () => {
  const table = (...flags: number[]) =>
    decodeDormantTable(answer(
      NFT_MSG_NEWTABLE,
      join(encodeAttribute(1, text("t")), ...flags.map((it) => encodeAttribute(2, number(it)))),
    ));
  assert.deepEqual(table(1), { family: 2, name: "t" });
  assert.deepEqual(table(3), { family: 2, name: "t" });
  assert.equal(table(2), null);
  assert.equal(table(0), null);
  assert.equal(table(), null);
});

Deno.test("a chain has its hook, its devices, its policy and its type", () => {
  const named = join(encodeAttribute(1, text("t")), encodeAttribute(3, text("c")));
  const chain = (...more: Uint8Array[]) =>
    decodeChain(answer(NFT_MSG_NEWCHAIN, join(named, ...more)));
  const plain = { family: 2, name: "t", chain: "c", devices: [], policy: "accept", type: "" };
  assert.deepEqual(chain(), plain);
  const hooked = (...more: Uint8Array[]) =>
    chain(encodeAttribute(4, join(encodeAttribute(1, number(3)), ...more)));
  const devices = join(...["eth1", "eth2"].map((name) => encodeAttribute(1, text(name))));
  assert.deepEqual(hooked(), { ...plain, hook: 3 });
  assert.deepEqual(hooked(encodeAttribute(3, text("eth0"))), {
    ...{ ...plain, hook: 3, devices: ["eth0"] },
  });
  assert.deepEqual(hooked(encodeAttribute(4, devices)), {
    ...{ ...plain, hook: 3, devices: ["eth1", "eth2"] },
  });
  assert.deepEqual(chain(encodeAttribute(5, number(0)), encodeAttribute(7, text("filter"))), {
    ...{ ...plain, policy: "drop", type: "filter" },
  });
  assert.deepEqual(chain(encodeAttribute(5, number(1))), plain);
});

Deno.test("a rule has a handle of eight octets, and the attributes of its expressions", () => {
  const handle = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2);
  const data = encodeAttribute(1, number(8));
  const expression = join(encodeAttribute(1, text("meta")), encodeAttribute(2, data));
  const expressions = encodeAttribute(4, encodeAttribute(1, expression));
  const rule = (...parts: Uint8Array[]) => decodeRule(answer(NFT_MSG_NEWRULE, join(...parts)));
  assert.deepEqual(rule(encodeAttribute(3, handle), expressions), {
    handle: 258,
    expressions: [{ name: "meta", attributes: new Map([[1, number(8)]]) }],
  });
  assert.deepEqual(rule(), { handle: 0, expressions: [] });
  assert.equal(rule(encodeAttribute(3, number(7)))!.handle, 0);
});

Deno.test("the last key of a range of joined keys is one of its element", () => {
  const of = (type: number, ...key: number[]) =>
    encodeAttribute(type, encodeAttribute(1, Uint8Array.from(key)));
  const element = encodeAttribute(1, join(of(1, 1, 2), of(10, 3, 4)));
  assert.deepEqual(decodeElements(answer(NFT_MSG_NEWSETELEM, encodeAttribute(3, element))), [
    { key: Uint8Array.of(1, 2), isEnd: false, keyEnd: Uint8Array.of(3, 4) },
  ]);
});

Deno.test("another message, or one that is cut off, is none", () => {
  const decoders = [
    [decodeDormantTable, NFT_MSG_NEWTABLE],
    [decodeChain, NFT_MSG_NEWCHAIN],
    [decodeRule, NFT_MSG_NEWRULE],
    [decodeElements, NFT_MSG_NEWSETELEM],
  ] as const;
  for (const [decode, type] of decoders) {
    const flags = encodeAttribute(2, number(1));
    assert.notEqual(decode(answer(type, flags)), null);
    assert.equal(decode(answer(type + 1, flags)), null);
    assert.equal(decode({ ...answer(type, flags), payload: Uint8Array.of(2, 0, 0) }), null);
  }
  for (const decode of [decodeChain, decodeRule, decodeElements]) {
    const type = decoders.find(([of]) => of === decode)![1];
    assert.notEqual(decode(answer(type, Uint8Array.of())), null, "a header alone");
  }
});

Deno.test("a list ends where an element lies about its length, and may have an empty one", () => {
  const names = (list: Uint8Array) =>
    decodeRule(answer(NFT_MSG_NEWRULE, encodeAttribute(4, list)))!
      .expressions.map(({ name }) => name);
  const good = encodeAttribute(1, encodeAttribute(1, text("cmp")));
  const empty = Uint8Array.of(4, 0, 1, 0);
  assert.deepEqual(names(join(good, empty)), ["cmp", ""]);
  assert.deepEqual(names(join(empty, good)), ["", "cmp"]);
  assert.deepEqual(names(join(good, Uint8Array.of(3, 0, 1, 0), good)), ["cmp"]);
  assert.deepEqual(names(join(good, Uint8Array.of(9, 0, 1, 0, 5, 0, 1, 0))), ["cmp"]);
  assert.deepEqual(names(join(good, Uint8Array.of(4, 0, 1))), ["cmp"]);
});
