import assert from "node:assert/strict";
import type { Family } from "../../src/wire/address.ts";
import {
  alarmsOf,
  expectation,
  mustBeOne,
  muteLameUntilMs,
  patienceMs,
  refusedLameUntilMs,
  settled,
  starved,
} from "./model.ts";
import {
  FAMILIES,
  newWorld,
  NODES,
  type NodeWorld,
  type PairKind,
  withNode,
  type World,
} from "./world.ts";

const NOW_MS = 1_000_000;
const KIND: PairKind = {
  virtualMac: false,
  unicast: false,
  soleBackup: true,
  preempt: true,
  promoteSecondaries: true,
};

type Change = Partial<NodeWorld>;

interface Case {
  readonly kind?: Partial<PairKind>;
  readonly lb01?: Change;
  readonly lb02?: Change;
  readonly masters?: World["masters"]["ipv4"];
}

function worldOf({ kind = {}, lb01 = {}, lb02 = {}, masters = null }: Case): World {
  const world = newWorld({ ...KIND, ...kind });
  return {
    ...withNode(withNode(world, "lb01", lb01), "lb02", lb02),
    masters: { ipv4: masters, ipv6: masters },
  };
}

/** Such as `lb01 master+, lb02 backup`: with + it has the addresses; several ways are separated by |. */
function shown(world: World, family: Family): string {
  const ways = expectation(world, family, NOW_MS).outcomes.map(({ nodes }) =>
    NODES.map((node) => {
      const { states, holds } = nodes[node];
      return `${node} ${states.join("/")}${holds ? "+" : ""}`;
    }).join(", ")
  );
  return ways.join(" | ");
}

const FIRST = "lb01 master+, lb02 backup";
const SECOND = "lb01 backup, lb02 master+";
const BOTH = "lb01 master+, lb02 master+";
const ONLY_SECOND = "lb01 fault, lb02 master+";
const NOT_PREEMPTING = { preempt: false } as const;
const OWN = { ipv4: true, ipv6: true };
const OTHERS = newWorld(KIND).nodes.lb01.others;

Deno.test("where the pair is, by what its hosts are like", async (t) => {
  const cases: readonly (readonly [name: string, world: Case, ipv4: string, ipv6: string])[] = [
    ["all is well", {}, FIRST, FIRST],
    [
      "all is well, without preempt",
      { kind: NOT_PREEMPTING },
      `${FIRST} | ${SECOND}`,
      `${FIRST} | ${SECOND}`,
    ],
    [
      "without preempt, the second serves",
      { kind: NOT_PREEMPTING, masters: ["lb02"] },
      SECOND,
      SECOND,
    ],
    ["with preempt, the second served", { masters: ["lb02"] }, FIRST, FIRST],
    [
      "both served, without preempt",
      { kind: NOT_PREEMPTING, masters: ["lb01", "lb02"] },
      FIRST,
      FIRST,
    ],
    [
      "nobody served, without preempt",
      { kind: NOT_PREEMPTING, masters: [] },
      `${FIRST} | ${SECOND}`,
      `${FIRST} | ${SECOND}`,
    ],
    ["the first link is down", { lb01: { link: "down" } }, ONLY_SECOND, ONLY_SECOND],
    ["the first cable is unplugged", { lb01: { link: "unplugged" } }, ONLY_SECOND, ONLY_SECOND],
    ["the first interface is renamed", { lb01: { link: "renamed" } }, ONLY_SECOND, ONLY_SECOND],
    [
      "both links are down",
      { lb01: { link: "down" }, lb02: { link: "down" } },
      "lb01 fault, lb02 fault",
      "lb01 fault, lb02 fault",
    ],
    [
      "the first has no own IPv4 address",
      { lb01: { own: { ...OWN, ipv4: false } } },
      ONLY_SECOND,
      FIRST,
    ],
    [
      "another program's address is one of its own",
      { lb01: { own: { ...OWN, ipv4: false }, others: { ...OTHERS, address: "there" } } },
      FIRST,
      FIRST,
    ],
    [
      "but unicast peers do not know it",
      {
        kind: { unicast: true },
        lb01: { own: { ...OWN, ipv4: false }, others: { ...OTHERS, address: "there" } },
      },
      BOTH,
      FIRST,
    ],
    [
      "the first has no link-local address",
      { lb01: { own: { ...OWN, ipv6: false } } },
      FIRST,
      ONLY_SECOND,
    ],
    [
      "IPv6 is disabled on the second",
      { lb02: { ipv6: false } },
      FIRST,
      "lb01 master+, lb02 fault",
    ],
    ["the cable passes nothing", { lb02: { silent: true } }, BOTH, BOTH],
    ["the second is deaf", { lb02: { dropsIn: true } }, BOTH, BOTH],
    ["the first is deaf", { lb01: { dropsIn: true } }, FIRST, FIRST],
    [
      "the first is deaf, without preempt: it replaces the second, which yields",
      { kind: NOT_PREEMPTING, masters: ["lb02"], lb01: { dropsIn: true } },
      FIRST,
      FIRST,
    ],
    [
      "the first is mute",
      { lb01: { dropsOutSinceMs: NOW_MS } },
      "lb01 fault/backup, lb02 master+",
      "lb01 fault/backup, lb02 master+",
    ],
    [
      "the second is mute",
      { lb02: { dropsOutSinceMs: NOW_MS } },
      "lb01 master+, lb02 fault/backup",
      "lb01 master+, lb02 fault/backup",
    ],
    [
      "a firewall of IP, and adverts leave as frames",
      { kind: { virtualMac: true }, lb01: { dropsOutSinceMs: NOW_MS } },
      FIRST,
      FIRST,
    ],
    [
      "frames by unicast do not exist",
      { kind: { virtualMac: true, unicast: true }, lb01: { dropsOutSinceMs: NOW_MS } },
      "lb01 fault/backup, lb02 master+",
      FIRST,
    ],
    [
      "the first was mute until now",
      { lb01: { lameUntilMs: { ipv4: NOW_MS + 1, ipv6: NOW_MS } } },
      `${FIRST} | lb01 fault/backup, lb02 master+`,
      FIRST,
    ],
    [
      "the first is refused its route",
      { lb01: { refusedSinceMs: NOW_MS } },
      "lb01 fault/backup, lb02 master+",
      FIRST,
    ],
    [
      "the first is refused its route, without preempt",
      { kind: NOT_PREEMPTING, lb01: { refusedSinceMs: NOW_MS } },
      "lb01 master+, lb02 backup | lb01 fault/backup, lb02 master+",
      `${FIRST} | ${SECOND}`,
    ],
    [
      "it is refused its route, and nobody else can serve",
      { lb01: { refusedSinceMs: NOW_MS }, lb02: { link: "down" } },
      "lb01 master+, lb02 fault",
      "lb01 master+, lb02 fault",
    ],
    [
      "it is refused its route, and hears nobody",
      { lb01: { refusedSinceMs: NOW_MS }, lb02: { silent: true } },
      BOTH,
      BOTH,
    ],
    [
      "it is refused its route and deaf, and the second, which hears it, goes first",
      { lb01: { refusedSinceMs: NOW_MS, dropsIn: true } },
      BOTH,
      FIRST,
    ],
    [
      "it is refused its route just now and deaf, without preempt: at its fault the second takes over",
      {
        kind: NOT_PREEMPTING,
        masters: ["lb01"],
        lb01: { refusedSinceMs: NOW_MS, dropsIn: true },
      },
      `${FIRST} | ${BOTH}`,
      FIRST,
    ],
    [
      "so it was for long: who serves goes on",
      {
        kind: NOT_PREEMPTING,
        masters: ["lb01"],
        lb01: { refusedSinceMs: NOW_MS - 10_000, dropsIn: true },
      },
      FIRST,
      FIRST,
    ],
    [
      "the first speaks from an address that another program renews",
      {
        lb01: { own: { ...OWN, ipv4: false }, others: { ...OTHERS, "leased address": "there" } },
      },
      FIRST,
      FIRST,
    ],
    [
      "the second has it, too",
      {
        lb01: { own: { ...OWN, ipv4: false }, others: { ...OTHERS, "leased address": "there" } },
        lb02: { others: { ...OTHERS, "leased address": "there" } },
      },
      BOTH,
      FIRST,
    ],
    [
      "the second has another program's, but not that one",
      {
        lb01: { own: { ...OWN, ipv4: false }, others: { ...OTHERS, "leased address": "there" } },
        lb02: { others: { ...OTHERS, address: "there" } },
      },
      FIRST,
      FIRST,
    ],
    [
      "a second daemon runs on each",
      { lb01: { second: true }, lb02: { second: true } },
      FIRST,
      FIRST,
    ],
    [
      "the first speaks from an address that the second has, too",
      {
        lb01: { own: { ...OWN, ipv4: false }, others: { ...OTHERS, address: "there" } },
        lb02: { others: { ...OTHERS, address: "there" } },
      },
      BOTH,
      FIRST,
    ],
  ];
  for (const [name, world, ipv4, ipv6] of cases) {
    await t.step(name, () => {
      assert.equal(shown(worldOf(world), "ipv4"), ipv4);
      assert.equal(shown(worldOf(world), "ipv6"), ipv6);
    });
  }
});

Deno.test("whatever the hosts are like, the model allows something, and two only to those that do not hear each other", () => {
  const links: NodeWorld["link"][] = ["up", "down"];
  const changes: Change[] = links.flatMap((link) =>
    [true, false].flatMap((ipv4) =>
      [true, false].flatMap((dropsIn) =>
        [null, NOW_MS].flatMap((dropsOutSinceMs) =>
          [null, NOW_MS].flatMap((refusedSinceMs) =>
            [-Infinity, Infinity].map((lame): Change => ({
              link,
              own: { ipv4, ipv6: ipv4 },
              dropsIn,
              dropsOutSinceMs,
              refusedSinceMs,
              lameUntilMs: { ipv4: lame, ipv6: lame },
            }))
          )
        )
      )
    )
  );
  for (const preempt of [true, false]) {
    for (const lb01 of changes) {
      // One route at a time is in the place of vipd's.
      for (const lb02 of changes.filter((it) => !(it.refusedSinceMs && lb01.refusedSinceMs))) {
        const world = worldOf({ kind: { preempt }, lb01, lb02 });
        for (const family of FAMILIES) {
          const { outcomes } = expectation(world, family, NOW_MS);
          assert.notDeepEqual(outcomes, [], JSON.stringify(world));
          if (mustBeOne(world, family)) {
            assert.ok(outcomes.every(({ masters }) => masters.length < 2), JSON.stringify(world));
          }
        }
      }
    }
  }
});

Deno.test("why more than one outcome is allowed", () => {
  const why = (it: Case) => expectation(worldOf(it), "ipv4", NOW_MS).why;
  assert.equal(why({}), "");
  assert.match(why({ kind: NOT_PREEMPTING }), /without preempt/);
  assert.match(why({ lb02: { silent: true } }), /does not hear/);
  const lameUntilMs = { ipv4: Infinity, ipv6: Infinity };
  assert.match(why({ lb01: { lameUntilMs } }), /lb01 may not have tried again/);
});

Deno.test("a pair that was seen remembers who served, and that a fault is over", () => {
  const lameUntilMs = { ipv4: Infinity, ipv6: Infinity };
  const world = worldOf({ kind: NOT_PREEMPTING, lb01: { lameUntilMs } });
  const { outcomes } = expectation(world, "ipv4", NOW_MS);
  const follows = outcomes.find(({ masters, lame }) =>
    masters.join() === "lb02" && lame.length === 0
  );
  const fails = outcomes.find(({ masters, lame }) =>
    masters.join() === "lb02" && lame.length === 1
  );
  assert.equal(shown(settled(world, "ipv4", follows!), "ipv4"), SECOND);
  assert.match(shown(settled(world, "ipv4", fails!), "ipv4"), /lb01 fault\/backup/);
  assert.deepEqual(settled(world, "ipv4", follows!).nodes.lb01.lameUntilMs.ipv6, Infinity);
});

Deno.test("how long things may take, in milliseconds", () => {
  assert.equal(patienceMs(worldOf({}), NOW_MS), 3000);
  // A lease on top.
  assert.equal(patienceMs(worldOf({ lb01: { dropsOutSinceMs: NOW_MS } }), NOW_MS), 5000);
  assert.equal(patienceMs(worldOf({ lb01: { refusedSinceMs: NOW_MS } }), NOW_MS), 5000);
  assert.equal(patienceMs(worldOf({ lb01: { refusedSinceMs: NOW_MS } }), NOW_MS + 10_000), 3000);
  // The next try is no further away than all before it, and never further than 30 s; and 2 s for a busy machine.
  assert.equal(muteLameUntilMs(NOW_MS - 7000, NOW_MS), NOW_MS + 10_000);
  assert.equal(muteLameUntilMs(NOW_MS - 99_000, NOW_MS), NOW_MS + 32_000);
  assert.equal(refusedLameUntilMs(NOW_MS - 1000, NOW_MS), NOW_MS + 32_000);
  assert.equal(refusedLameUntilMs(NOW_MS - 40_000, NOW_MS), NOW_MS + 82_000);
});

Deno.test("a unicast peer that speaks from another program's address may be reported", () => {
  const mayOf = (unicast: boolean) => {
    const lb02: Change = { own: { ...OWN, ipv4: false }, others: { ...OTHERS, address: "there" } };
    const world = worldOf({ kind: { unicast }, lb02 });
    const of = (family: Family) => expectation(world, family, NOW_MS).outcomes[0]!;
    return alarmsOf(world, { ipv4: of("ipv4"), ipv6: of("ipv6") }).lb01.may.has("peer_mismatch");
  };
  assert.equal(mayOf(true), true);
  assert.equal(mayOf(false), false);
});

Deno.test("a node in fault may say that nobody can take over, one that is well may not", () => {
  const mayOf = (it: Case) => {
    const world = worldOf(it);
    const of = (family: Family) => expectation(world, family, NOW_MS).outcomes[0]!;
    const { lb01, lb02 } = alarmsOf(world, { ipv4: of("ipv4"), ipv6: of("ipv6") });
    return [lb01, lb02].map(({ may }) => may.has("unprotected"));
  };
  assert.deepEqual(mayOf({}), [false, false]);
  assert.deepEqual(mayOf({ lb01: { ipv6: false } }), [true, false]);
  assert.deepEqual(mayOf({ lb02: { link: "down" } }), [false, true]);
});

Deno.test("which alarms stand", async (t) => {
  const alarms = (it: Case) => {
    const world = worldOf(it);
    const of = (family: Family) => expectation(world, family, NOW_MS).outcomes[0]!;
    const { lb01, lb02 } = alarmsOf(world, { ipv4: of("ipv4"), ipv6: of("ipv6") });
    return { lb01: [...lb01.must], lb02: [...lb02.must] };
  };
  const stray = { others: { ...OTHERS, "virtual address": "there" } } as const;
  const renewed = { others: { ...OTHERS, "leased virtual address": "there" } } as const;
  const cases: readonly (readonly [name: string, world: Case, lb01: string[], lb02: string[]])[] = [
    ["all is well", {}, [], []],
    ["the backup has the address", { lb02: stray }, [], ["own_address", "address_on_backup"]],
    ["the master has it of its own", { lb01: stray }, ["own_address"], []],
    ["another renews it on the backup", { lb02: renewed }, [], [
      "own_address",
      "address_on_backup",
    ]],
    ["another renews it on the master", { lb01: renewed }, ["own_address"], []],
    ["second daemons have nothing", { lb01: { second: true }, lb02: { second: true } }, [], []],
    ["the first is mute", { lb01: { dropsOutSinceMs: NOW_MS } }, ["adverts_not_sent"], []],
    ["the second is mute and has nothing to say", { lb02: { dropsOutSinceMs: NOW_MS } }, [], []],
    [
      "the second is mute and would serve",
      { lb01: { link: "down" }, lb02: { dropsOutSinceMs: NOW_MS } },
      [],
      ["adverts_not_sent"],
    ],
    ["the second is deaf", { lb02: { dropsIn: true } }, ["split_brain_advert"], []],
    ["neither hears the other", { lb02: { silent: true } }, [], []],
    [
      "the only one that can serve is refused its route",
      { lb01: { refusedSinceMs: NOW_MS }, lb02: { link: "down" } },
      ["resource_refused"],
      [],
    ],
  ];
  for (const [name, world, lb01, lb02] of cases) {
    await t.step(name, () => assert.deepEqual(alarms(world), { lb01, lb02 }));
  }
});

Deno.test("a pair that starved may be anywhere, and its faults end later", () => {
  const lameUntilMs = { ipv4: NOW_MS + 1000, ipv6: -Infinity };
  const world = starved(worldOf({ lb01: { lameUntilMs }, masters: ["lb01"] }), 700);
  assert.deepEqual(world.masters, { ipv4: null, ipv6: null });
  assert.deepEqual(world.nodes.lb01.lameUntilMs, { ipv4: NOW_MS + 1700, ipv6: -Infinity });
});
