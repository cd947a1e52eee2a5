/** Which chains of nf_tables an advert meets, and what is said if they are not known; tests/linux/nftables asks the kernel. */

import assert from "node:assert/strict";
import type { DumpedChain } from "../../src/wire/nftables/nft_dump.ts";
import { nftDrops, type NftLists } from "../../src/firewall/nft_drops.ts";
import type { KnownAdvert } from "../../src/firewall/nft_machine.ts";
import { encodeAttribute } from "../../src/wire/netlink/netlink.ts";

const OUT: KnownAdvert = {
  ...{ direction: "out", interface: "eth1", interfaceIndex: 7, family: "ipv4" },
  ...{ destination: "224.0.0.18", unicast: false },
};
const FRAMED: KnownAdvert = { ...OUT, framed: true };
const IN: KnownAdvert = { ...OUT, direction: "in" };
const IPV6: KnownAdvert = { ...OUT, family: "ipv6", destination: "ff02::12" };

const [NETDEV, INET, IP, IP6] = [5, 1, 2, 10] as const;
const [LOCAL_IN, FORWARD, LOCAL_OUT, EGRESS] = [1, 2, 3, 1] as const;

/** Chains that drop whatever comes to them: one that other chains go to, and one that the kernel calls. */
const UNHOOKED: DumpedChain = {
  ...{ family: INET, name: "cut", chain: "c", devices: [], policy: "drop", type: "" },
};
const OUTPUT: DumpedChain = { ...UNHOOKED, hook: LOCAL_OUT, type: "filter" };

function lists(chain: Partial<DumpedChain>, changes: Partial<NftLists> = {}): NftLists {
  return {
    dormantTables: () => [],
    chains: () => [{ ...OUTPUT, ...chain }],
    rules: () => [],
    elements: () => [],
    ...changes,
  };
}

const egress = { family: NETDEV, hook: EGRESS, devices: ["eth1"] };
const CASES: readonly (readonly [string, KnownAdvert, NftLists, number])[] = [
  ["it leaves through a chain for output", OUT, lists({}), 1],
  ["of its own family", OUT, lists({ family: IP }), 1],
  ["of the other family", OUT, lists({ family: IP6 }), 0],
  ["over IPv6, of the other family", IPV6, lists({ family: IP }), 0],
  ["over IPv6, of its own", IPV6, lists({ family: IP6 }), 1],
  ["a chain for what is forwarded", OUT, lists({ hook: FORWARD }), 0],
  ["a chain for input", OUT, lists({ hook: LOCAL_IN }), 0],
  ["it arrives through a chain for input", IN, lists({ hook: LOCAL_IN }), 1],
  ["a chain for output, when it arrives", IN, lists({}), 0],
  ["a chain that no hook calls", OUT, lists({}, { chains: () => [UNHOOKED] }), 0],
  ["address translation drops nothing", OUT, lists({ type: "nat" }), 0],
  ["the egress of its interface", OUT, lists(egress), 1],
  ["of another one", OUT, lists({ ...egress, devices: ["eth0"] }), 0],
  ["a whole frame passes the egress", FRAMED, lists(egress), 1],
  ["and no chain for output", FRAMED, lists({}), 0],
  ["vipd's own table", OUT, lists({ name: "vipd_announce" }), 0],
  ["a table whose name begins like that", OUT, lists({ name: "vipder" }), 1],
  ["its policy lets it pass", OUT, lists({ policy: "accept" }), 0],
  ["a table that sleeps", OUT, lists({}, { dormantTables: () => [OUTPUT] }), 0],
  [
    "another one sleeps",
    OUT,
    lists({}, { dormantTables: () => [{ ...OUTPUT, name: "other" }, { ...OUTPUT, family: IP }] }),
    1,
  ],
  ["which tables sleep is not known", OUT, lists({}, { dormantTables: () => null }), 0],
  ["the chains are not known", OUT, lists({}, { chains: () => null }), 0],
  ["its rules are not known", OUT, lists({}, { rules: () => null }), 0],
];

for (const [name, advert, known, drops] of CASES) {
  Deno.test(`an advert and nf_tables: ${name}`, () => {
    assert.equal(nftDrops(advert, known).length, drops);
  });
}

Deno.test("a chain of iptables is named as iptables names it, any other as nft does", () => {
  const rows: readonly (readonly [Partial<DumpedChain>, string, RegExp])[] = [
    [{}, "nft, table inet cut, policy of chain c", /^nft /],
    [
      { family: IP, name: "filter", chain: "OUTPUT" },
      "iptables, table filter, policy of chain OUTPUT",
      /^iptables /,
    ],
    [
      { family: IP, name: "filter", chain: "out" },
      "nft, table ip filter, policy of chain out",
      /^nft /,
    ],
    [
      { family: IP, name: "mine", chain: "OUTPUT" },
      "nft, table ip mine, policy of chain OUTPUT",
      /^nft /,
    ],
  ];
  for (const [chain, place, command] of rows) {
    const [drop] = nftDrops(OUT, lists(chain));
    assert.equal(drop?.place, place);
    assert.match(drop.command, command);
  }
});

Deno.test("the hooks on the way in are three of a family and one of a device, on the way out two and one", () => {
  const all = [0, 1, 2, 3, 4, 5, 6];
  const met = (advert: KnownAdvert, family: number) =>
    all.filter((hook) => nftDrops(advert, lists({ family, hook })).length > 0);
  assert.deepEqual([met(IN, INET), met(IN, NETDEV)], [[0, 1, 5], [0]]);
  assert.deepEqual([met(OUT, INET), met(OUT, NETDEV)], [[3, 4], [1]]);
});

Deno.test("each chain and each set is asked for once, and a chain that is not there is not", () => {
  const asked: string[] = [];
  const text = (value: string) => new TextEncoder().encode(`${value}\0`);
  const number = (value: number) => Uint8Array.of(0, 0, 0, value);
  const attributes = (...values: [number, Uint8Array][]) => new Map(values);
  const protocol = { name: "meta", attributes: attributes([1, number(8)], [2, number(16)]) };
  const looked = {
    name: "lookup",
    attributes: attributes([1, text("protocols")], [2, number(8)]),
  };
  const jump = (chain: string) => {
    const code = Uint8Array.of(0xff, 0xff, 0xff, 0xfd);
    const verdict = encodeAttribute(
      2,
      Uint8Array.of(...encodeAttribute(1, code), ...encodeAttribute(2, text(chain))),
    );
    return { name: "immediate", attributes: attributes([1, number(0)], [2, verdict]) };
  };
  const rules = (...targets: string[]) =>
    targets.map((target, at) => ({
      handle: at + 1,
      expressions: [protocol, looked, jump(target)],
    }));
  const mine = { ...UNHOOKED, chain: "mine", policy: "accept" } as const;
  const known = (...targets: string[]) =>
    lists({}, {
      chains: () => [OUTPUT, mine],
      rules: (_, chain) => {
        asked.push(chain);
        return chain === "c" ? rules(...targets) : [];
      },
      elements: (_, set) => {
        asked.push(set);
        return [{ key: Uint8Array.of(112), isEnd: false }];
      },
    });
  assert.equal(nftDrops(OUT, known("mine", "mine")).length, 1, "by its policy");
  assert.deepEqual(asked.splice(0), ["c", "protocols", "mine"]);
  assert.equal(nftDrops(OUT, known("gone")).length, 0, "nobody knows what is there");
  assert.deepEqual(asked, ["c", "protocols"]);
});
