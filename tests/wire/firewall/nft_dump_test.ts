/** The kernel's answers about nf_tables; tests/linux/nftables reads those of a real kernel. */

import assert from "node:assert/strict";
import { decodeRule } from "../../../src/wire/firewall/nft_dump.ts";
import { encodeAttribute } from "../../../src/wire/netlink/netlink.ts";
import { NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE } from "../../../src/wire/nftables/nft.ts";

const text = (value: string) => new TextEncoder().encode(`${value}\0`);
const join = (...parts: readonly Uint8Array[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

Deno.test("a rule has its expressions in their order, whatever their lengths", () => {
  // NFTA_RULE_EXPRESSIONS is a list of NFTA_LIST_ELEM, each with NFTA_EXPR_NAME; each begins at a multiple of four.
  const names = ["cmp", "meta", "payload", "lookup"];
  const list = names.map((name) => encodeAttribute(1, encodeAttribute(1, text(name))));
  const genericHeader = Uint8Array.of(2, 0, 0, 0);
  const rule = decodeRule({
    type: NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE,
    ...{ flags: 0, sequence: 1, portId: 0 },
    payload: join(genericHeader, encodeAttribute(4, join(...list))),
  });
  assert.deepEqual(rule?.expressions.map(({ name }) => name), names);
});
