/**
 * `when_down: last_resort` next to keepalived, whose tracked script means fault or less priority, with and without
 * `nopreempt`: each failure moves the address once at most, and it is never with nobody while a node is left. And a pair of
 * vipd whose check flaps. Needs root or user namespaces, and keepalived.
 *
 * @module
 */

import assert from "node:assert/strict";
import { lastResortMs, skewTimeMs } from "../../src/vrrp/timers.ts";
import { atOnce, type Step } from "../at_once.ts";
import { type CheckedBrand, CheckedPair, WELL_FILE } from "./checked_pair.ts";
import { flap } from "./flapping_pair.ts";
import type { Pair } from "./pair.ts";

const PAIR: Pair = { version: 3, intervalMs: 100, addresses: ["192.168.31.5/24"] };
const COMMAND = ["/usr/bin/test", "-e", WELL_FILE];
/** How much less keepalived's priority is while its script fails: less than the other node's. */
const WEIGHT = 60;
/** Labs at a time: they wait most of the time. */
const AT_A_TIME = 5;

/** The master keeps the address while it lets others go first: less than it waits for them. */
const KEPT_MS = 250;
/** What a shared machine adds to a wait of the protocol. */
const MARGIN_MS = 1000;
/** keepalived lets go with priority 0: the wait of vipd as backup, when it is well and when it is not. */
const LEFT_MS = skewTimeMs(3, 100, 10) + MARGIN_MS;
const LEFT_UNWELL_MS = lastResortMs(3, 10) + MARGIN_MS;

type Cause = readonly [
  who: CheckedBrand,
  what: "fails" | "recovers" | "stops",
  /** Who serves afterwards. */
  serves: CheckedBrand,
];

const [V, K] = ["vipd", "keepalived"] as const;

interface Case {
  readonly preferred: CheckedBrand;
  readonly keepalived: "fault" | number;
  readonly nopreempt: boolean;
  readonly causes: readonly Cause[];
}

/** The end of each: keepalived serves, for vipd is not well, and is stopped. */
const END: readonly Cause[] = [[V, "fails", K], [K, "stops", V]];

/** vipd hands over and comes back; then both fail, and keepalived with a weight takes part all the same. */
const vipdPreferred = (both: CheckedBrand, keepalivedRecovers: CheckedBrand): readonly Cause[] => [
  [V, "fails", K],
  [V, "recovers", V],
  [K, "fails", V],
  [V, "fails", both],
  [K, "recovers", keepalivedRecovers],
  [V, "recovers", V],
  ...END,
];

const CASES: readonly Case[] = [
  {
    ...{ preferred: V, keepalived: "fault", nopreempt: false },
    causes: vipdPreferred(V, K),
  },
  {
    // It leaves whoever is master in peace; vipd, which does not know its API, asks once.
    ...{ preferred: V, keepalived: "fault", nopreempt: true },
    causes: vipdPreferred(V, V),
  },
  {
    ...{ preferred: V, keepalived: WEIGHT, nopreempt: false },
    causes: vipdPreferred(K, K),
  },
  {
    ...{ preferred: V, keepalived: WEIGHT, nopreempt: true },
    causes: vipdPreferred(K, K),
  },
  {
    ...{ preferred: K, keepalived: "fault", nopreempt: false },
    causes: [
      [K, "fails", V],
      [K, "recovers", K],
      [V, "fails", K],
      [K, "fails", V],
      [K, "recovers", K],
      [V, "recovers", K],
      ...END,
    ],
  },
  {
    ...{ preferred: K, keepalived: "fault", nopreempt: true },
    causes: [
      [K, "fails", V],
      [K, "recovers", V],
      [V, "fails", K],
      [K, "fails", V],
      [K, "recovers", V],
      [V, "recovers", V],
      ...END,
    ],
  },
  {
    ...{ preferred: K, keepalived: WEIGHT, nopreempt: false },
    causes: [
      [K, "fails", V],
      [K, "recovers", K],
      [V, "fails", K],
      [K, "fails", K],
      [V, "recovers", V],
      [K, "recovers", K],
      ...END,
    ],
  },
  {
    ...{ preferred: K, keepalived: WEIGHT, nopreempt: true },
    causes: [
      [K, "fails", V],
      [K, "recovers", V],
      [V, "fails", K],
      [K, "fails", K],
      [V, "recovers", V],
      [K, "recovers", V],
      ...END,
    ],
  },
];

Deno.test("checks that fail: one move a cause, and somebody serves", async (t) => {
  const steps = CASES.map((each): Step => {
    const { preferred, keepalived, nopreempt } = each;
    const script = keepalived === "fault" ? "fault" : `weight -${keepalived}`;
    return [
      `${preferred} is preferred, keepalived's script means ${script}${
        nopreempt ? ", nopreempt" : ""
      }`,
      () => walk(each),
    ];
  });
  await atOnce(t, steps, AT_A_TIME);
  // Alone: both nodes fail at the same time, and milliseconds decide whose advert is first.
  await t.step("two nodes of vipd whose check fails on the master: the moves end", flap);
});

async function walk({ preferred, keepalived, nopreempt, causes }: Case): Promise<void> {
  const brands = preferred === V ? { lb01: V, lb02: K } : { lb01: K, lb02: V };
  const check = { command: COMMAND, keepalived };
  await using run = await CheckedPair.open({ pair: { ...PAIR, check }, brands, nopreempt });
  let serves = preferred;
  let well = true;
  for (const [index, [who, what, next]] of causes.entries()) {
    const name = `cause ${index + 1}: ${who} ${what}`;
    if (who === V) well = what === "recovers";
    const { moves, silentMs } = await run.after(() => run[what](run.node(who)), run.node(next));
    assert.equal(moves, next === serves ? 0 : 1, `${name}: moves`);
    const leaves = serves === K && who === K && next === V;
    const mostMs = !leaves ? KEPT_MS : well ? LEFT_MS : LEFT_UNWELL_MS;
    assert.ok(silentMs <= mostMs, `${name}: nobody answered for ${silentMs} ms`);
    serves = next;
    await assertSays(run, { well, serving: serves === V }, name);
  }
  const promoted = await run.after(() => assertNotPromoted(run), run.node(serves));
  assert.deepEqual([promoted.moves, promoted.silentMs <= KEPT_MS], [0, true], "a promote");
}

/** vipd says what it is. */
async function assertSays(
  run: CheckedPair,
  { well, serving }: { readonly well: boolean; readonly serving: boolean },
  name: string,
): Promise<void> {
  const status = await run.vipd(run.node(V)).status();
  const [instance] = status?.instances ?? [];
  assert.equal(instance?.state, serving ? "master" : "backup", name);
  if (!well) assert.equal(instance?.priority.effective, 2, name);
  // One whose cause is over says so for a while.
  const unwell = status?.alarms.some(({ code, message }) =>
    code === "serving_unwell" && !message.startsWith("over for")
  );
  assert.equal(unwell, !well && serving, `${name}: ${JSON.stringify(status?.alarms)}`);
}

async function assertNotPromoted(run: CheckedPair): Promise<void> {
  const { status, body } = await run.vipd(run.node(V)).send("VI_1", "promote");
  assert.equal(status, 409);
  assert.match(JSON.stringify(body), /not well, which stands above a promote.*instance_not_ready/);
}
