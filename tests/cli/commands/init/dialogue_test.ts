/** The questions of `vipd init`: each again until its answer can be right. */

import assert from "node:assert/strict";
import type { Answers, MachineFacts } from "../../../../src/cli/commands/init/model.ts";
import { Dialogue } from "../../../../src/cli/commands/init/dialogue.ts";
import type { ActualAddress } from "../../../../src/vip/addresses.ts";
import { CliError } from "../../../../src/exit.ts";

function card(name: string, address: string, prefixLength: number, ...others: ActualAddress[]) {
  const addresses = [{ address, prefixLength }, ...others];
  return { name, index: 2, enabled: true, up: true, mac: new Uint8Array(6), addresses };
}

const MACHINE: MachineFacts = {
  hostname: "lb01",
  interfaces: [
    card("eth0", "10.0.0.11", 24),
    card("eth1", "192.168.31.11", 24, {
      ...{ address: "192.168.31.7", prefixLength: 24, foreign: true },
    }),
  ],
  keepalived: false,
  nginx: true,
  nginxAnswers: true,
};

/** A person who types these lines, one after the other; null is Ctrl-D. */
function talk(
  lines: readonly (string | null)[],
  given: Partial<Answers> = {},
  machine: MachineFacts = MACHINE,
) {
  const asked: string[] = [];
  let said = "";
  const left = [...lines];
  const output = {
    ...{ out: () => {}, err: (text: string) => void (said += text), hasReader: () => true },
    ...{ colour: false, rows: () => null, columns: () => null },
  };
  const ask = (question: string, byDefault: string) => {
    asked.push(`${question.split(" ")[0]} [${byDefault}]`);
    const line = left.shift();
    if (line === undefined) throw new Error(`nobody expected: ${question}`);
    return line === null ? null : line || byDefault;
  };
  const dialogue = new Dialogue({ output, ask }, machine, given);
  return { dialogue, asked, said: () => said, left };
}

Deno.test("Enter takes what the machine shows: interface, VRID, no other node", () => {
  const { dialogue, asked, left } = talk(["192.168.31.5", "", "", "master", ""]);
  assert.deepEqual(dialogue.answers(), {
    ...{ addresses: ["192.168.31.5"], interface: "eth1", vrid: 5, role: "master", peers: [] },
  });
  assert.deepEqual(asked, [
    "Virtual []",
    "Interface [eth1]",
    "VRID, [5]",
    "Role []",
    "Address [none]",
  ]);
  assert.deepEqual(left, []);
});

Deno.test("an answer that cannot be right is asked for again, with the reason", () => {
  const cases: readonly (readonly [slips: string[], reason: RegExp])[] = [
    [["1.2.3", "192.168.31.5/24"], /"1\.2\.3" is not an IP address/],
    [["", "192.168.31.5"], /an answer is needed/],
    [["192.168.31.7/24", "192.168.31.5"], /192\.168\.31\.7 is this node's own address on eth1/],
    [["192.168.31.5", "eth9", "eth1"], /there is no interface "eth9"/],
    [["192.168.31.5", "", "5999", "5"], /5999 is not a number from 1 to 255/],
    [["192.168.31.5", "", "", "main", "MASTER"], /takes master or backup, not "main"/],
    [
      ["192.168.31.5", "", "", "Backup", "192.168.31.11", "192.168.31.12"],
      /is this node's own address/,
    ],
    [["192.168.31.5", "", "", "backup", "10.0.0.2/24", "none"], /prefix length/],
  ];
  for (const [slips, reason] of cases) {
    const rest = ["", "", "master", "none"].slice(-4);
    const { dialogue, said } = talk([...slips, ...rest, ...rest]);
    const { addresses, interface: named } = dialogue.answers();
    assert.deepEqual([addresses[0]!.split("/")[0], named], ["192.168.31.5", "eth1"]);
    assert.match(said(), reason);
  }
});

Deno.test("what was given as an option is not asked for", () => {
  const given = { addresses: ["10.0.0.5"], vrid: 7, interface: "eth0", peers: [] };
  const { dialogue, asked } = talk(["backup"], given);
  assert.equal(dialogue.answers().role, "backup");
  assert.deepEqual(asked, ["Role []"]);
});

Deno.test("a second round offers the answers of the first", () => {
  const { dialogue, asked } = talk(["10.0.0.5", "", "", "master", "", "10.0.0.6", "", "", "", ""]);
  const second = dialogue.answers(dialogue.answers());
  assert.deepEqual([second.addresses, second.vrid, second.role], [["10.0.0.6"], 5, "master"]);
  assert.deepEqual(asked.slice(5, 6), ["Virtual [10.0.0.5]"]);
});

Deno.test("Ctrl-D at any question ends it, and says that nothing is written", () => {
  const answers = ["192.168.31.5", "", "", "master", ""];
  for (let count = 0; count < answers.length; count++) {
    const { dialogue } = talk([...answers.slice(0, count), null]);
    assert.throws(
      () => dialogue.answers(),
      (error) => error instanceof CliError && /nothing is written/.test(error.message),
    );
  }
});

Deno.test("yes and no are understood in any case, and asked for again otherwise", () => {
  assert.equal(talk(["Y"]).dialogue.confirms("Write?", "no"), true);
  assert.equal(talk(["maybe", ""]).dialogue.confirms("Write?", "no"), false);
});

/** All answers to one question, from the first slip on, with what was offered each time. */
function offers(
  question: string,
  typed: readonly string[],
  machine = MACHINE,
): { readonly offered: string[]; readonly said: string; readonly answers: Answers } {
  const usual: Record<string, string> = { Virtual: "192.168.31.5", Role: "master" };
  const offered: string[] = [];
  let [said, count] = ["", 0];
  const output = {
    ...{ out: () => {}, err: (text: string) => void (said += text), hasReader: () => true },
    ...{ colour: false, rows: () => null, columns: () => null },
  };
  const ask = (asked: string, byDefault: string) => {
    const [word = ""] = asked.split(" ");
    if (word !== question) return usual[word] ?? (byDefault || "eth1");
    const line = typed[count++];
    assert.ok(
      line !== undefined && count < 20,
      `nobody expected: ${asked} [${byDefault}]\n${said}`,
    );
    offered.push(byDefault);
    return line || byDefault;
  };
  const answers = new Dialogue({ output, ask }, machine, {}).answers();
  assert.equal(count, typed.length, said);
  return { offered: offered.slice(1), said, answers };
}

Deno.test("a slip in the address is answered with the address that is meant, which Enter takes", () => {
  const cases: readonly (readonly [typed: string, proposal: string, reason: RegExp])[] = [
    ["192.168.32.5", "192.168.31.5/24", /network of 192\.168\.32\.5.*192\.168\.31\.0\/24 on eth1/],
    ["192.168.32.5/16", "192.168.31.5/24", /192\.168\.31\.5\/16|no interface/],
    ["192.168.31.5/16", "192.168.31.5/24", /network of eth1 is 192\.168\.31\.0\/24/],
    ["192.168.31.5/25", "192.168.31.5/24", /a prefix length other than 24/],
    ["192.168.31.5/33", "192.168.31.5/24", /the prefix length "33" is not between 1 and 32/],
    ["192.168.31.5/255.255.255.0", "192.168.31.5/24", /write 192\.168\.31\.5\/24/],
    ["192.168.31.127/25", "192.168.31.127/24", /its network's broadcast address/],
    ["192.168.031.005", "192.168.31.5", /leading zeros/],
    ["192.168.31.5 192.168.31.5", "192.168.31.5", /stands there twice/],
    ["192.168.31.6, 192.168.31.5/16", "192.168.31.6 192.168.31.5/24", /prefix length/],
  ];
  const machine = { ...MACHINE, interfaces: MACHINE.interfaces.slice(1) };
  for (const [typed, proposal, reason] of cases) {
    const { offered, said, answers } = offers("Virtual", [typed, ""], machine);
    assert.deepEqual(offered, [proposal], typed);
    assert.match(said, reason);
    assert.deepEqual(answers.addresses, proposal.split(" "));
  }
});

Deno.test("an address that no machine can have is asked for again, and Enter does not take it", () => {
  for (const typed of ["192.168.31.0", "192.168.31.255", "192.168.31.255/32", "192.168.31.7"]) {
    const { offered, answers } = offers("Virtual", [typed, typed, "192.168.31.5"]);
    assert.deepEqual([offered, answers.addresses], [["", ""], ["192.168.31.5"]], typed);
  }
});

Deno.test("blanks, capitals and commas are no slips", () => {
  for (
    const [typed, addresses] of [
      ["192.168.31.5 / 24", ["192.168.31.5/24"]],
      ["192.168.31.5/24,192.168.31.6", ["192.168.31.5/24", "192.168.31.6"]],
      ["192.168.31.5 FE80::5/64", ["192.168.31.5", "fe80::5/64"]],
    ] as const
  ) {
    const machine = {
      ...MACHINE,
      interfaces: [card("eth1", "192.168.31.11", 24, { address: "fe80::1", prefixLength: 64 })],
    };
    assert.deepEqual(offers("Virtual", [typed], machine).answers.addresses, addresses);
  }
});

Deno.test("what only rare networks have is taken from a person who types it again", () => {
  const routed = offers("Virtual", ["172.16.0.5", "172.16.0.5"]);
  assert.deepEqual(routed.offered, [""], "two networks: either may be meant");
  assert.match(routed.said, /write 172\.16\.0\.5\/32; to use it all the same, type it again/);
  assert.deepEqual(routed.answers.addresses, ["172.16.0.5"]);
  assert.deepEqual(offers("Virtual", ["172.16.0.5/32"]).said, "");
  const elsewhere = offers("Interface", ["eth0", "eth0"]);
  assert.match(elsewhere.said, /the network of 192\.168\.31\.5 is on eth1, not on eth0/);
  assert.deepEqual([elsewhere.offered, elsewhere.answers.interface], [["eth1"], "eth0"]);
  const beyond = offers("Address", ["10.0.0.2", "10.0.0.2"]);
  assert.match(beyond.said, /10\.0\.0\.2 is in none of the networks of eth1/);
  assert.deepEqual(beyond.answers.peers, ["10.0.0.2"]);
});

Deno.test("an interface that cannot speak for the address is asked for again, with the one that can", () => {
  const bare = { ...card("eth2", "", 0), addresses: [] };
  const machine = { ...MACHINE, interfaces: [...MACHINE.interfaces, bare] };
  const without = offers("Interface", ["eth2", ""], machine);
  assert.match(without.said, /eth2 has no IPv4 address, from which adverts could come/);
  assert.deepEqual([without.offered, without.answers.interface], [["eth1"], "eth1"]);
  assert.deepEqual(offers("Interface", ["ETH1", ""]).offered, ["eth1"]);
});

Deno.test("another node that cannot be the other node is asked for again", () => {
  const cases: readonly (readonly [typed: string, offered: string, reason: RegExp])[] = [
    ["192.168.31.5", "none", /192\.168\.31\.5 is the virtual address/],
    ["2001:db8::12", "none", /2001:db8::12 is not IPv4, as the virtual addresses are/],
    ["192.168.31.255", "none", /its network's broadcast address/],
    ["192.168.31.12/24", "192.168.31.12", /has a prefix length; write 192\.168\.31\.12/],
    ["lb02", "none", /"lb02" is not an IP address/],
  ];
  for (const [typed, proposal, reason] of cases) {
    const { offered, said } = offers("Address", [typed, "192.168.31.12"]);
    assert.deepEqual(offered, [proposal], typed);
    assert.match(said, reason);
  }
  const both = {
    ...MACHINE,
    interfaces: [card("eth1", "192.168.31.11", 24, { address: "2001:db8::11", prefixLength: 64 })],
  };
  const given = { addresses: ["192.168.31.5", "2001:db8::5"] };
  const lines = ["", "5", "master", "192.168.31.12", "192.168.31.12 2001:DB8::12"];
  const { dialogue, said } = talk(lines, given, both);
  assert.deepEqual(dialogue.answers().peers, ["192.168.31.12", "2001:db8::12"]);
  assert.match(said(), /the IPv6 addresses need an IPv6 address of the other node, too/);
});

Deno.test("an option that cannot be right is said and asked for", () => {
  const given = { addresses: ["192.168.31.255"], vrid: 5, role: "master", peers: [] } as const;
  const { dialogue, asked, said } = talk(["192.168.31.5", ""], given);
  assert.deepEqual(dialogue.answers().addresses, ["192.168.31.5"]);
  assert.deepEqual(asked, ["Virtual []", "Interface [eth1]"]);
  assert.match(said(), /192\.168\.31\.255: .*broadcast/);
});

Deno.test("what the link has taken is asked for, even if it was an option, and what is free proposed", () => {
  const given = { vrid: 55, role: "master", peers: [], interface: "eth1" } as const;
  const { dialogue, asked } = talk(["192.168.31.5", "192.168.31.6", "56"], given);
  const before = dialogue.answers();
  dialogue.reconsider([{ answer: "addresses" }, { answer: "vrid", proposal: "56" }]);
  const { addresses, vrid } = dialogue.answers(before);
  assert.deepEqual([addresses, vrid], [["192.168.31.6"], 56]);
  assert.deepEqual(asked, ["Virtual []", "Virtual []", "VRID, [56]"]);
});
