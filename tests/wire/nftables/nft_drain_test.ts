import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { decodeAttributes, decodeText } from "../../../src/wire/netlink/netlink.ts";
import type { NftMessage } from "../../../src/wire/nftables/nft.ts";
import { forwardTable, silentTable } from "../../../src/wire/nftables/nft_drain.ts";

const NAMES: Readonly<Record<number, string>> = { 0: "table", 3: "chain", 6: "rule", 9: "set" };

/** The attributes of a message by number. */
function attributesOf({ attributes }: NftMessage): ReadonlyMap<number, Uint8Array> {
  return decodeAttributes(Uint8Array.from(attributes.flatMap((attribute) => [...attribute])));
}

Deno.test("tables are distinguished by family and name, so that each has an owner of its own", () => {
  const tables = (["ipv4", "ipv6"] as const).flatMap((family) =>
    [forwardTable(family), silentTable(family)].map((table) => {
      const [first] = table.create();
      return `${first!.family} ${decodeText(attributesOf(first!).get(1)!)}`;
    })
  );
  deepStrictEqual(tables, ["2 vipd_drain", "3 vipd_silent", "10 vipd_drain", "10 vipd_silent"]);
});

Deno.test("a table comes with its sets, its chains and their rules, in the order in which they need each other", () => {
  const kinds = (messages: readonly NftMessage[]) => messages.map(({ type }) => NAMES[type]);
  for (const family of ["ipv4", "ipv6"] as const) {
    const rules = ["rule", "rule", "rule"];
    deepStrictEqual(kinds(forwardTable(family).create()), [
      "table",
      "set",
      "set",
      "chain",
      ...rules,
    ]);
    const silent = ["table", "set", "chain", "chain", "rule", "rule"];
    deepStrictEqual(kinds(silentTable(family).create()), silent);
  }
});

Deno.test("an address is mapped to its peer and the interface that leads there", () => {
  const added = forwardTable("ipv4").add("192.0.2.5", { address: "192.0.2.12", interfaceIndex: 3 });
  const octets = attributesOf(added).get(3)!;
  strictEqual(octets.toHex().includes("c0000205"), true, "the address");
  strictEqual(octets.toHex().includes("c000020c03000000"), true, "the peer, its interface");
});

Deno.test("what is no address is refused", () => {
  throws(() => silentTable("ipv4").add("eth0"), RangeError);
  throws(() => forwardTable("ipv6").remove(""), RangeError);
});
