/** The kernel's answers about nf_tables; tests/linux/nftables reads those of a real kernel. */

import assert from "node:assert/strict";
import { decodeElements, decodeRule, rulesQuery } from "../../../src/wire/firewall/nft_dump.ts";
import { encodeAttribute } from "../../../src/wire/netlink/netlink.ts";
import {
  NFNL_SUBSYS_NFTABLES,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWSETELEM,
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
