/** The questions of `vipd init`: each again until its answer can be right. */

import assert from "node:assert/strict";
import type { Answers, Machine } from "../../../../src/cli/commands/init/config.ts";
import { Dialogue } from "../../../../src/cli/commands/init/dialogue.ts";
import type { ActualAddress } from "../../../../src/vip/addresses.ts";
import { CliError } from "../../../../src/exit.ts";

function card(name: string, address: string, prefixLength: number, ...others: ActualAddress[]) {
  const addresses = [{ address, prefixLength }, ...others];
  return { name, index: 2, enabled: true, up: true, mac: new Uint8Array(6), addresses };
}

const MACHINE: Machine = {
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
function talk(lines: readonly (string | null)[], given: Partial<Answers> = {}) {
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
  const dialogue = new Dialogue({ output, ask }, MACHINE, given);
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
  assert.equal(dialogue.asksForAddress, false);
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
