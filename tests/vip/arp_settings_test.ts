/** Which settings of ARP suit a virtual MAC address; tests/linux/netlink/virtual_mac_test.ts asks the kernel. */

import assert from "node:assert/strict";
import {
  arpEffect,
  type ArpProblem,
  arpProblems,
  type ArpSetting,
  BELOW_SETTINGS,
} from "../../src/vip/arp_settings.ts";

const GOOD = {
  "vrrp.55": { arp_ignore: 1, arp_announce: 0 },
  eth1: { arp_ignore: 1, arp_announce: 2 },
};

const ROWS: readonly (readonly [
  what: string,
  on: "vrrp.55" | "eth1",
  setting: ArpSetting,
  values: readonly number[],
  wrong: readonly number[],
])[] = [
  ["the virtual interface answers for its own addresses alone", "vrrp.55", "arp_ignore", [
    ...[0, 1, 2, 3, 4, 8],
  ], [0, 3, 4, 8]],
  ["in whose name the virtual one asks is no matter", "vrrp.55", "arp_announce", [0, 1, 2, 3], []],
  ["the one below answers for its own addresses at most", "eth1", "arp_ignore", [
    ...[0, 1, 2, 3, 4, 8],
  ], [0, 3, 4]],
  ["the one below asks in its own name", "eth1", "arp_announce", [0, 1, 2, 3], [0, 1, 3]],
];

for (const [what, on, setting, values, wrong] of ROWS) {
  Deno.test(`settings of ARP: ${what}`, () => {
    const found = values.flatMap((value) =>
      arpProblems(
        "vrrp.55",
        ["eth1"],
        (name, asked) =>
          name === on && asked === setting ? value : GOOD[name as keyof typeof GOOD][asked],
      )
    );
    const expected: ArpProblem[] = wrong.map((value) => ({ interface: on, setting, value }));
    assert.deepEqual(found, expected);
  });
}

Deno.test("settings of ARP that are not known are none", () => {
  assert.deepEqual(arpProblems("vrrp.55", ["eth1"], () => null), []);
});

Deno.test("a setting of ARP that does not suit has an effect for each interface", () => {
  const rows: [on: string, setting: ArpSetting, value: number, effect: string][] = [
    [
      ...["eth1", "arp_announce", 0] as const,
      "eth1 asks in the name of the virtual addresses with its own MAC address",
    ],
    [
      ...["eth1", "arp_ignore", 0] as const,
      "eth1 answers ARP for the virtual addresses with its own MAC address",
    ],
    [
      ...["vrrp.55", "arp_ignore", 8] as const,
      "nobody who asks for the virtual addresses gets an answer",
    ],
    [
      ...["vrrp.55", "arp_ignore", 0] as const,
      "vrrp.55 answers ARP for this node's other addresses with the virtual MAC address",
    ],
  ];
  for (const [on, setting, value, effect] of rows) {
    assert.equal(arpEffect({ interface: on, setting, value }, "vrrp.55"), effect);
  }
});

Deno.test("settings of ARP that vipd makes suit the interface below", () => {
  assert.deepEqual(BELOW_SETTINGS.map(({ setting, value }) => [setting, value]), [
    ["arp_ignore", 1],
    ["arp_announce", 2],
  ]);
  for (const { setting, value, suits } of BELOW_SETTINGS) assert.ok(suits(value), setting);
});
