/** The only backup of a pair waits for no order of backups; everybody else does. */

import assert from "node:assert/strict";
import {
  type OtherRouters,
  SoleBackup,
  type SoleBackupChoice,
} from "../../src/vrrp/sole_backup.ts";
import type { IpAddress } from "../../src/wire/address.ts";
import { backup, HIGHER_ADDRESS, LOWER_ADDRESS, master, SKEW_MS } from "./driving.ts";

const DAY_MS = 86_400_000;
const PEER = "192.168.31.12";
const OTHER = "192.168.31.13";
const NODE = { name: "lb02", addresses: [PEER, "192.168.31.112"] };
const NOBODY: OtherRouters = { unicast: null, nodes: [] };
const ONE_NODE: OtherRouters = { unicast: null, nodes: [NODE] };
const UNKNOWN_NODE: OtherRouters = { unicast: null, nodes: [{ ...NODE, addresses: [] }] };
const TWO_NODES: OtherRouters = {
  unicast: null,
  nodes: [NODE, { name: "lb03", addresses: [OTHER] }],
};
const ONE_UNICAST: OtherRouters = { unicast: [PEER], nodes: [] };
const TWO_UNICAST: OtherRouters = { unicast: [PEER, OTHER], nodes: [NODE] };

for (const version of [2, 3] as const) {
  Deno.test(`version ${version}: the only other router's goodbye is answered at once, and announced more often`, () => {
    const router = backup({ version });
    router.hears(1000, 150);
    assert.deepEqual(router.hearsOnlyOther(1500), [
      "acquire",
      "announce after goodbye",
      "send 100",
      "clear masterDown",
      "set adver 2500",
      "backup -> master: master_released",
    ]);
  });
}

Deno.test("priority 0 of anybody but the master that it follows starts Skew_Time, as ever", () => {
  const strangers: [string, string | null][] = [
    ["another router", HIGHER_ADDRESS],
    ["a router, while none is followed", null],
  ];
  for (const [what, from] of strangers) {
    const router = backup();
    if (from !== null) router.hears(1000, 150);
    const said = router.hearsOnlyOther(1500, from ?? LOWER_ADDRESS);
    assert.deepEqual(said, [`set masterDown ${1500 + SKEW_MS}`], what);
  }
});

Deno.test("a second priority 0 of a master that has gone starts Skew_Time", () => {
  const router = backup();
  router.hears(1000, 150);
  router.hears(1100, 0);
  assert.deepEqual(router.hearsOnlyOther(1200), [`set masterDown ${1200 + SKEW_MS}`]);
});

Deno.test("within preempt_delay Skew_Time passes, after it nothing is waited for", () => {
  const delayed = backup({ preemptDelayMs: 5000 });
  delayed.hears(1000, 50);
  assert.deepEqual(delayed.hearsOnlyOther(2000), [`set masterDown ${2000 + SKEW_MS}`]);
  // Without a will to preempt there is nothing that a delay could hold back.
  const patient = backup({ preempt: false });
  patient.hears(1000, 50);
  assert.equal(patient.hearsOnlyOther(2000).at(-1), "backup -> master: master_released");
});

Deno.test("a stray priority 0 from the address of a real master moves nothing for long", () => {
  const router = backup();
  router.hears(1000, 150);
  router.hearsOnlyOther(1500);
  // A real master answers an advert of a weaker one at once (version 3) or with its next (version 2).
  const said = router.hears(1501, 150);
  assert.equal(said.at(-1), "master -> backup: higher_priority_master");
});

Deno.test("a master is not concerned", () => {
  assert.deepEqual(master().hearsOnlyOther(500), ["send 100", "set adver 1500"]);
});

Deno.test("who the only other node is, and whether it counts", () => {
  const cases: [SoleBackupChoice, OtherRouters, boolean, RegExp][] = [
    ["auto", NOBODY, false, /neither `peers` nor `unicast`/],
    ["auto", ONE_NODE, true, /lb02 is the only other node/],
    ["auto", UNKNOWN_NODE, false, /the address of lb02 is not known/],
    [true, UNKNOWN_NODE, true, /sole_backup: true/],
    ["auto", TWO_NODES, false, /2 other nodes/],
    ["auto", ONE_UNICAST, true, /192\.168\.31\.12 is the only other node/],
    ["auto", TWO_UNICAST, false, /2 other nodes/],
    [true, NOBODY, true, /sole_backup: true/],
    [true, TWO_NODES, true, /sole_backup: true/],
    [false, ONE_NODE, false, /sole_backup: false/],
  ];
  for (const [choice, others, applies, why] of cases) {
    const verdict = new SoleBackup().verdict(choice, others, null, 0);
    assert.equal(verdict.applies, applies, JSON.stringify([choice, others]));
    assert.match(verdict.why, why);
  }
});

Deno.test("the goodbye must come from an address of the only other node", () => {
  const cases: [string, SoleBackupChoice, OtherRouters, boolean][] = [
    [PEER, "auto", ONE_NODE, true],
    ["192.168.31.112", "auto", ONE_NODE, true],
    [OTHER, "auto", ONE_NODE, false],
    [PEER, "auto", ONE_UNICAST, true],
    [OTHER, "auto", ONE_UNICAST, false],
    [PEER, "auto", NOBODY, false],
    [PEER, true, NOBODY, true],
    [OTHER, true, ONE_NODE, false],
    [PEER, true, UNKNOWN_NODE, true],
    [PEER, "auto", UNKNOWN_NODE, false],
    [PEER, false, ONE_NODE, false],
  ];
  for (const [from, choice, others, may] of cases) {
    const what = JSON.stringify([from, choice, others]);
    assert.equal(new SoleBackup().verdict(choice, others, from, 0).applies, may, what);
    // The status of a backup that follows this router says the same.
    const verdict = new SoleBackup().verdict(choice, others, from as IpAddress, 0);
    assert.equal(verdict.applies, may, `${what}: ${verdict.why}`);
  }
});

Deno.test("a third router ends it for a day after it was heard last, across restarts", () => {
  const routers = new SoleBackup();
  assert.equal(routers.heard(PEER, ONE_NODE, 1000), null);
  assert.equal(routers.verdict("auto", ONE_NODE, PEER, 1000).applies, true);
  assert.equal(routers.heard(OTHER, ONE_NODE, 2000), OTHER);
  assert.equal(routers.heard(OTHER, ONE_NODE, 3000), OTHER);
  for (const choice of ["auto", true] as const) {
    assert.equal(routers.verdict(choice, ONE_NODE, PEER, 4000).applies, false);
    assert.match(routers.verdict(choice, ONE_NODE, PEER, 4000).why, /192\.168\.31\.13, was heard/);
  }
  assert.equal(routers.verdict("auto", ONE_NODE, PEER, 3000 + DAY_MS).applies, true);

  const restarted = new SoleBackup();
  restarted.remember(OTHER, 3000);
  assert.equal(restarted.verdict("auto", ONE_NODE, PEER, 4000).applies, false);
  assert.equal(restarted.verdict("auto", ONE_NODE, PEER, 3000 + DAY_MS).applies, true);
});

Deno.test("a clock that is set back by a year makes no third router of longer than a day", () => {
  const YEAR_MS = 365 * DAY_MS;
  const routers = new SoleBackup();
  routers.heard(PEER, ONE_NODE, YEAR_MS);
  routers.heard(OTHER, ONE_NODE, YEAR_MS);
  assert.equal(routers.verdict("auto", ONE_NODE, PEER, 1000).applies, false);
  assert.equal(routers.verdict("auto", ONE_NODE, PEER, 999 + DAY_MS).applies, false);
  assert.equal(routers.verdict("auto", ONE_NODE, PEER, 1000 + DAY_MS).applies, true);

  // Nor does the router that stood for the other node, whether it was asked about then or another heard.
  const asked = new SoleBackup();
  asked.heard(PEER, UNKNOWN_NODE, YEAR_MS);
  asked.verdict("auto", UNKNOWN_NODE, null, 1000);
  assert.equal(asked.heard(OTHER, UNKNOWN_NODE, 1000 + DAY_MS), null);
  const listening = new SoleBackup();
  listening.heard(PEER, UNKNOWN_NODE, YEAR_MS);
  assert.equal(listening.heard(OTHER, UNKNOWN_NODE, 1000), OTHER);
  assert.equal(listening.heard(OTHER, UNKNOWN_NODE, 999 + DAY_MS), OTHER);
  assert.equal(listening.heard(OTHER, UNKNOWN_NODE, 1000 + DAY_MS), null);
});

Deno.test("a third router is one in addition to the other node, whose addresses may not be known yet", () => {
  const cases: [string, OtherRouters, string[], string | null][] = [
    ["nobody says who the other is", NOBODY, [PEER, PEER], null],
    ["two, and nobody says who the other is", NOBODY, [PEER, OTHER], OTHER],
    ["its address is not known", UNKNOWN_NODE, [PEER, PEER], null],
    ["its API has another address", { unicast: null, nodes: [NODE] }, [OTHER, OTHER], null],
    ["two addresses of the other node", ONE_NODE, [PEER, "192.168.31.112"], null],
    ["the third speaks first", ONE_NODE, [OTHER, PEER], OTHER],
    ["the third speaks last", ONE_NODE, [PEER, OTHER], OTHER],
  ];
  for (const [what, others, heard, third] of cases) {
    const routers = new SoleBackup();
    const found = heard.map((from, at) => routers.heard(from, others, 1000 * at));
    assert.equal(found.find((it) => it !== null) ?? null, third, what);
    if (third !== null) {
      assert.equal(routers.verdict(true, others, PEER, 9000).applies, false, what);
    }
  }
});

Deno.test("an address that turns out to be the other node's is no third router, before it is heard again and after", () => {
  for (const choice of ["auto", true] as const) {
    const routers = new SoleBackup();
    routers.heard(PEER, ONE_NODE, 0);
    assert.equal(routers.heard(OTHER, ONE_NODE, 1000), OTHER);
    assert.equal(routers.verdict(choice, ONE_NODE, OTHER, 1000).applies, false);
    // Its API names the new address, with the old one or, if it is asked elsewhere now, without.
    for (const addresses of [[OTHER, PEER], [OTHER]]) {
      const told: OtherRouters = { unicast: null, nodes: [{ name: "lb02", addresses }] };
      assert.equal(routers.verdict(choice, told, OTHER, 1500).applies, true);
      assert.equal(routers.heard(OTHER, told, 2000), null);
      assert.equal(routers.verdict(choice, told, OTHER, 2000).applies, true);
      assert.deepEqual([...routers.third.keys()], []);
    }
    const restarted = new SoleBackup();
    restarted.remember(OTHER, 1000);
    restarted.heard(OTHER, ONE_NODE, 3000);
    restarted.heard(OTHER, ONE_NODE, 4000);
    assert.deepEqual([...restarted.third.keys()], [OTHER], "nobody has said whose it is");
  }
});

Deno.test("the other node's next address hides no third router that was heard before it", () => {
  const routers = new SoleBackup();
  const NEXT = "192.168.31.21";
  for (const from of [PEER, OTHER, NEXT]) routers.heard(from, ONE_NODE, 0);
  const told: OtherRouters = { unicast: null, nodes: [{ name: "lb02", addresses: [NEXT, PEER] }] };
  assert.equal(routers.heard(NEXT, told, 1000), null);
  assert.match(routers.verdict("auto", told, NEXT, 1000).why, /third router, 192\.168\.31\.13/);
});

Deno.test("the other node's address, which a reload no longer names, makes no third router", () => {
  const routers = new SoleBackup();
  const NEXT = "192.168.31.21";
  const told: OtherRouters = { unicast: null, nodes: [{ name: "lb02", addresses: [NEXT] }] };
  routers.heard(PEER, ONE_NODE, 0);
  routers.heard(OTHER, ONE_NODE, 0);
  routers.heard(PEER, told, 1000);
  assert.equal(routers.heard(NEXT, told, 2000), null);
  assert.deepEqual([...routers.third.keys()], [OTHER]);
});

Deno.test("forged adverts make no more than a few third routers", () => {
  const routers = new SoleBackup();
  routers.heard(PEER, ONE_NODE, 0);
  for (let host = 20; host < 90; host++) {
    assert.notEqual(routers.heard(`192.168.31.${host}`, ONE_NODE, 1000), null);
  }
  assert.equal(routers.third.size, 4);
  const later = 1000 + DAY_MS;
  routers.heardAgain(PEER, later - 1);
  routers.heard(PEER, ONE_NODE, later - 1);
  routers.heard(OTHER, ONE_NODE, later);
  assert.deepEqual([...routers.third.keys()], [OTHER]);
});

Deno.test("only the other node's own adverts, while no third router was heard, are done with at once", () => {
  const routers = new SoleBackup();
  assert.equal(routers.heardAgain(PEER, 0), false, "none was heard");
  routers.heard(PEER, UNKNOWN_NODE, 0);
  assert.equal(routers.heardAgain(PEER, 1000), false, "it is not known to be the other node");
  routers.heard(PEER, ONE_NODE, 2000);
  assert.equal(routers.heardAgain(PEER, 3000), true);
  assert.equal(routers.heardAgain(OTHER, 3000), false, "it is another");
  routers.heard(OTHER, ONE_NODE, 4000);
  assert.equal(
    routers.heardAgain(PEER, 5000),
    false,
    "the third may turn out to be the other node",
  );
});

Deno.test("the other node under another address is a third router for a day, and then the other node", () => {
  const routers = new SoleBackup();
  routers.heard(PEER, NOBODY, 0);
  routers.heard(PEER, NOBODY, 1000);
  const mayAt = (nowMs: number) => routers.verdict(true, NOBODY, OTHER, nowMs).applies;
  for (let nowMs = 2000; nowMs < 1000 + DAY_MS; nowMs += 3_600_000) {
    assert.equal(routers.heard(OTHER, NOBODY, nowMs), OTHER);
    assert.equal(mayAt(nowMs), false);
  }
  assert.equal(routers.heard(OTHER, NOBODY, 1000 + DAY_MS), null);
  assert.equal(mayAt(1000 + DAY_MS), true);
});

Deno.test("the other node stands for itself for a day after each of its adverts, however it was done with", () => {
  const routers = new SoleBackup();
  routers.heard(PEER, ONE_NODE, 0);
  assert.equal(routers.heardAgain(PEER, DAY_MS - 1), true);
  assert.equal(routers.heard(OTHER, ONE_NODE, DAY_MS), OTHER);
});

Deno.test("a third router that was heard before the other node is found once", () => {
  const routers = new SoleBackup();
  const found = [OTHER, PEER, PEER].map((from, at) => routers.heard(from, ONE_NODE, at));
  assert.deepEqual(found, [null, OTHER, null]);
});

Deno.test("an address of the other node that was heard before anybody knew it makes no third router", () => {
  const routers = new SoleBackup();
  assert.equal(routers.heard(PEER, UNKNOWN_NODE, 0), null);
  assert.equal(routers.heard("192.168.31.112", ONE_NODE, 1000), null);
  assert.deepEqual([...routers.third.keys()], []);
});

Deno.test("third routers count each for its own day, by a clock of today", () => {
  const nowMs = Date.UTC(2026, 10, 30);
  const routers = new SoleBackup();
  const heard = [PEER, OTHER, "192.168.31.14"];
  for (const [at, from] of heard.entries()) routers.heard(from, ONE_NODE, nowMs + at);
  assert.deepEqual([...routers.third.keys()], heard.slice(1));
});

Deno.test("the way to forget a third router stands where it is named", () => {
  const routers = new SoleBackup("; run vipd forget");
  routers.remember(OTHER, 0);
  const { why } = routers.verdict("auto", ONE_NODE, PEER, 1000);
  assert.match(why, /^a third router, .* was heard within 24 h; run vipd forget$/);
});
