/**
 * The version before this one and the present are a pair, both ways round, and each takes the other's place on a node
 * that serves: what happens while the nodes of a pair are upgraded one by one, and put back. Needs root or user
 * namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PREVIOUS, previousExecutable } from "../../build/previous.ts";
import type { BalancerName } from "../../lab/cluster.ts";
import { sleep } from "../../lab/wait.ts";
import { VERSION } from "../../src/version.ts";
import { atOnce, type Step } from "../at_once.ts";
import { MixedPair, type NodeStatus, otherThan, type Version } from "./mixed_pair.ts";

const FIRST = ["lb01", "lb02"] as const;

/** Longer than the fast routers' Master_Down_Interval: without its override lb01 would have taken over. */
const WOULD_HAVE_TAKEN_MS = 1200;
/** A peer is asked once a second. */
const ASKED_MS = 5000;
/** A reason lasts for three seconds before it counts. */
const JUDGED_MS = 2 * ASKED_MS;

Deno.test(`vipd ${PREVIOUS.version} and the present are a pair, and take each other's place`, async (t) => {
  const previous = { version: PREVIOUS.version, binary: await previousExecutable() };
  const present = { version: VERSION, binary: Deno.env.get("VIPD_BINARY") };
  const steps = FIRST.map((first): Step => [
    `${first} is the first to be upgraded, and the first to be downgraded`,
    (t) => walk(t, first, previous, present),
  ]);
  await atOnce(t, steps);
});

async function walk(
  t: Deno.TestContext,
  first: BalancerName,
  previous: Version,
  present: Version,
): Promise<void> {
  await using pair = await MixedPair.open();
  const second = otherThan(first);
  const mixed = (name: BalancerName) => name === first ? present : previous;
  const events: readonly (readonly [event: string, happens: () => Promise<void>])[] = [
    [`${previous.version} on both: lb01 has the higher priority`, () => pair.start(previous)],
    [`upgrade of ${first}`, () => replace(pair, first, present)],
    ["each understands the other", () => understand(pair)],
    ["the verdict about the other version", () => judge(pair)],
    ["lb01 stops and wins back", () => stopAndStart(pair, mixed("lb01"))],
    ["lb01 restarts", () => replace(pair, "lb01", mixed("lb01"))],
    ["lb02 restarts", () => replace(pair, "lb02", mixed("lb02"))],
    [`upgrade of ${second}`, () => replace(pair, second, present)],
    [`downgrade of ${first}`, () => replace(pair, first, previous)],
    ["each understands the other, the other way round", () => understand(pair)],
    ["the verdict about the other version, the other way round", () => judge(pair)],
    [`downgrade of ${second}`, () => replace(pair, second, previous)],
  ];
  for (const [event, happens] of events) {
    if (!await t.step(event, () => explained(pair, happens))) return;
  }
}

async function explained(pair: MixedPair, happens: () => Promise<void>): Promise<void> {
  try {
    await pair.withoutLoss(happens);
    await pair.discardedNothing();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${pair.lastWords()}`, { cause: error });
  }
}

/**
 * Stops vipd on a node and starts it in a version, while an override stands there by which lb02 serves. What the node
 * had before it has afterwards.
 */
async function replace(pair: MixedPair, name: BalancerName, version: Version): Promise<void> {
  const node = pair.nodes[name];
  await node.send(name === "lb01" ? "demote" : "promote");
  await pair.servedBy("lb02");
  const before = await node.belongings();

  await node.stop();
  if (name === "lb02") await pair.servedBy("lb01");
  await node.start(version);
  await pair.servedBy("lb02");
  if (name === "lb01") await sleep(WOULD_HAVE_TAKEN_MS);
  await pair.servedBy("lb02");

  const after = await node.belongings();
  assert.equal(after.token, before.token);
  assert.deepEqual(after.overrides, before.overrides);
  const [kept, added] = [before.journal.length, after.journal.slice(before.journal.length)];
  assert.deepEqual(after.journal.slice(0, kept), before.journal);
  const resumed = added.filter(({ code }) => code === "order_resumed");
  assert.equal(resumed.length, before.overrides.length);

  await node.send("release");
  await pair.servedBy("lb01");
}

async function stopAndStart(pair: MixedPair, version: Version): Promise<void> {
  await pair.nodes.lb01.stop();
  await pair.servedBy("lb02");
  await pair.nodes.lb01.start(version);
  await pair.servedBy("lb01");
}

/** The verdict of the one in the present version: as master about a standby that gives none, or the other way round. */
async function judge({ nodes }: MixedPair): Promise<void> {
  for (const own of Object.values(nodes)) {
    const other = otherThan(own.name);
    await eventually(async () => {
      for (const { name, state, pair } of (await own.status()).instances) {
        // The previous version says nothing of the pair.
        if (pair === undefined) continue;
        const [reason] = pair.reasons;
        if (state === "master") {
          assert.deepEqual([pair.verdict, reason?.code], ["unverified", "peer_older"]);
          assert.equal(
            pair.sentence,
            `${name} is served by ${own.name}; ${other} is in backup with vipd ${PREVIOUS.version}, ` +
              "which does not say what its nginx would serve, nor whether the address answers it",
          );
        } else {
          assert.equal(pair.sentence, `${name} is served by ${other}; ${own.name} is ready`);
          assert.deepEqual([pair.verdict, pair.reasons], ["protected", []]);
        }
      }
    }, JUDGED_MS);
  }
}

/** Each sees the other as that one sees itself, and has nothing to complain of. */
async function understand({ nodes }: MixedPair): Promise<void> {
  for (const own of Object.values(nodes)) {
    const other = nodes[otherThan(own.name)];
    await eventually(async () => {
      const { peers, alarms } = await own.status();
      assert.partialDeepStrictEqual(peers, [peerView(await other.status())]);
      // A pair that serves does not move as often as this one.
      assert.deepEqual(alarms.filter(({ code }) => code !== "flapping"), []);
    }, ASKED_MS);
  }
}

/** A node with this status as its peer shows it, as far as both versions do. */
function peerView({ node, version, instances }: NodeStatus) {
  return {
    ...{ node, version, reachable: true, error: null },
    instances: instances.map((instance) => {
      const { name, interface: device, vrid, family, state, handing_over, ...rest } = instance;
      const { timers, preempt, authentication, addresses, master, faults, override } = rest;
      return {
        ...{ name, interface: device, vrid, family, state, handing_over },
        ...{ version: rest.version, preempt, authentication, master, faults },
        priority: { configured: rest.priority.configured, effective: rest.priority.effective },
        advert_interval_ms: timers.advert_interval_ms,
        addresses: addresses.map(({ address, prefix_length }) => `${address}/${prefix_length}`),
        override: override?.kind ?? null,
      };
    }),
  };
}

/** Repeats `holds` until it does not throw; after `limitMs` it may. */
async function eventually(holds: () => Promise<void>, limitMs: number): Promise<void> {
  const limit = performance.now() + limitMs;
  while (performance.now() < limit) {
    if (await holds().then(() => true, () => false)) return;
    await sleep(100);
  }
  await holds();
}
