/**
 * The transactions to nf_tables, octet by octet: `vectors/nft.txt` has each as it is sent. That the kernel takes them and
 * does what they are for is tested on a real one, in tests/linux; here a change of any number is seen.
 * `UPDATE_GOLDEN=1` writes the file.
 */

import { strictEqual } from "node:assert/strict";
import { encodeTransaction, type NftMessage } from "../../src/wire/nftables/nft.ts";
import { forwardTable, silentTable } from "../../src/wire/nftables/nft_drain.ts";
import { filterChange } from "../../src/wire/nftables/nft_packet_blocks.ts";

const GOLDEN = new URL("vectors/nft.txt", import.meta.url);

const IPV4_PEER = { address: "192.0.2.12", interfaceIndex: 3 };
const IPV6_PEER = { address: "2001:db8::12", interfaceIndex: 3 };
const BLOCKED = [
  { address: "192.0.2.5", device: "eth0" },
  { address: "2001:db8::5", device: "eth0" },
  { address: "fe80::5", device: "eth0" },
];

const TRANSACTIONS: Readonly<Record<string, readonly NftMessage[]>> = {
  "refuse, at first": filterChange({ create: true, block: BLOCKED, accept: [] }),
  "accept again": filterChange({ create: false, block: [], accept: BLOCKED }),
  "drain IPv4": [
    ...forwardTable("ipv4").create(),
    forwardTable("ipv4").add("192.0.2.5", IPV4_PEER),
    forwardTable("ipv4").remove("192.0.2.5"),
  ],
  "drain IPv6": [
    ...forwardTable("ipv6").create(),
    forwardTable("ipv6").add("2001:db8::5", IPV6_PEER),
    forwardTable("ipv6").remove("2001:db8::5"),
  ],
  "silent IPv4": [...silentTable("ipv4").create(), silentTable("ipv4").add("192.0.2.5")],
  "silent IPv6": [...silentTable("ipv6").create(), silentTable("ipv6").remove("2001:db8::5")],
};

Deno.test("the transactions to nf_tables have the octets that the kernel has been seen to take", async () => {
  const lines = Object.entries(TRANSACTIONS).flatMap(([name, messages]) => [
    `# ${name}`,
    ...encodeTransaction(messages, 1).toHex().match(/.{1,96}/g)!,
  ]);
  const text = `${lines.join("\n")}\n`;
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(GOLDEN, text);
  strictEqual(text, await Deno.readTextFile(GOLDEN));
});
