import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { decodeAttributes, decodeMessages, decodeText } from "../../../src/wire/netlink/netlink.ts";
import { encodeTransaction } from "../../../src/wire/nftables/nft.ts";
import { type FilterChange, filterChange } from "../../../src/wire/nftables/nft_packet_blocks.ts";

const NOTHING = { create: false, block: [], accept: [] };
/** NFT_MSG_*, within subsystem 10. */
const NAMES: Readonly<Record<number, string>> = {
  16: "begin",
  17: "end",
  0xa00: "table",
  0xa03: "chain",
  0xa06: "rule",
  0xa09: "set",
  0xa0c: "add element",
  0xa0e: "delete element",
};

function encodeFilterChange(change: FilterChange, firstSequence: number): Uint8Array {
  return encodeTransaction(filterChange(change), firstSequence);
}

function messages(octets: Uint8Array) {
  return [...decodeMessages(octets)].map(({ type, flags, sequence, payload }) => ({
    name: NAMES[type],
    flags,
    sequence,
    family: payload[0],
    attributes: decodeAttributes(payload.subarray(4)),
  }));
}

Deno.test("a transaction begins and ends, is numbered on, and every change in it is answered", () => {
  const octets = encodeFilterChange({
    ...NOTHING,
    create: true,
    block: [{ address: "192.0.2.5", device: "eth0" }],
  }, 7);
  const found = messages(octets);
  deepStrictEqual(found.map(({ name }) => name), [
    ...["begin", "table", "set", "set", "set", "chain", "rule", "rule", "rule", "rule"],
    ...["add element", "end"],
  ]);
  deepStrictEqual(found.map(({ sequence }) => sequence), found.map((_, at) => 7 + at));
  for (const { name, flags, family } of found.slice(1, -1)) {
    strictEqual(flags & 0x4, 0x4, `${name}: NLM_F_ACK`);
    strictEqual(family, 1, `${name}: NFPROTO_INET`);
  }
  strictEqual(
    octets.subarray(0, 20).toHex(),
    "14000000" + "1000" + "0100" + "07000000" + "00000000" + "0000000a",
  );
});

Deno.test("the table has its owner's flag and the chain the input hook", () => {
  const octets = encodeFilterChange({ ...NOTHING, create: true }, 0).toHex();
  const table = "09000100" + "7669706400000000" + "08000200" + "00000002";
  strictEqual(octets.includes(table), true);
  const hook = "14000480" + "08000100" + "00000001" + "08000200" + "00000000";
  strictEqual(octets.includes(hook), true);
});

for (
  const [address, set, key] of [
    ["192.0.2.5", "ipv4", "c0000205"],
    ["2001:db8::5", "ipv6", "20010db8000000000000000000000005"],
    [
      "fe80::5",
      "ipv6_link_local",
      "65746830000000000000000000000000" + "fe800000000000000000000000000005",
    ],
  ] as const
) {
  Deno.test(`${address} is an element of the set ${set}`, () => {
    const change = { address, device: "eth0" };
    for (const way of [{ block: [change] }, { accept: [change] }]) {
      const [, element] = messages(encodeFilterChange({ ...NOTHING, ...way }, 0));
      strictEqual(element!.name, "block" in way ? "add element" : "delete element");
      strictEqual(decodeText(element!.attributes.get(1)!), "vipd");
      strictEqual(decodeText(element!.attributes.get(2)!), set);
      strictEqual(element!.attributes.get(3)!.toHex().endsWith(key), true);
    }
  });
}

Deno.test("what is no address is refused", () => {
  throws(
    () => encodeFilterChange({ ...NOTHING, block: [{ address: "eth0", device: "eth0" }] }, 0),
    RangeError,
  );
});

Deno.test("an interface has 15 octets of its name in the key of a link-local address, and a zero", () => {
  const name = "abcdefghijklmno";
  for (const device of [name, `${name}pq`]) {
    const change = { ...NOTHING, block: [{ address: "fe80::5", device }] };
    const [, element] = messages(encodeFilterChange(change, 0));
    const key = Uint8Array.of(...new TextEncoder().encode(name), 0).toHex();
    strictEqual(element!.attributes.get(3)!.toHex().includes(`${key}fe80`), true, device);
  }
});
