/**
 * A node becomes weaker, or stronger, within milliseconds of a move, while adverts are still on their way in both
 * directions. A search through what may happen then: somebody has the address, and two only until they have heard each
 * other.
 */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../src/config/model.ts";
import { USUAL_DAMPING } from "../../src/config/values/defaults.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked } from "../../src/sim/cluster.ts";
import { type HolderSpan, SimulationLog } from "../../src/sim/simulation_log.ts";

/** One way, in milliseconds: both directions alike, and one much slower. */
const DELAYS_MS = [[20, 20], [2, 20], [20, 2]] as const;
/** From a move on, until every advert that it brought about has been answered; and as much before it. */
const AROUND_MOVE_MS = [-21, -11, -1, 1, 11, 21, 31, 41];
/** Longer than Master_Down_Interval, a hand-over and the wait of a last resort together. */
const SETTLE_MS = 1500;

type Happening = "fails" | "recovers" | "promote" | "demote" | "release";
type Cause = readonly [node: "lb01" | "lb02", what: Happening];

/** lb01 is the stronger node. What moves the address, after what came before. */
const MOVES: readonly { readonly before: readonly Cause[]; readonly cause: Cause }[] = [
  { before: [], cause: ["lb01", "fails"] },
  { before: [["lb01", "fails"]], cause: ["lb01", "recovers"] },
  { before: [["lb01", "fails"], ["lb02", "fails"]], cause: ["lb01", "recovers"] },
  { before: [["lb01", "fails"], ["lb02", "fails"]], cause: ["lb02", "recovers"] },
  { before: [], cause: ["lb01", "demote"] },
  { before: [["lb01", "demote"]], cause: ["lb01", "release"] },
  { before: [["lb01", "demote"]], cause: ["lb02", "fails"] },
  { before: [], cause: ["lb02", "promote"] },
  { before: [["lb02", "promote"]], cause: ["lb02", "release"] },
];

/** The events that may come on top of these. */
function happenings(before: readonly Cause[]): Cause[] {
  return (["lb01", "lb02"] as const).flatMap((node): Cause[] => {
    const own = before.filter(([other]) => other === node).map(([, what]) => what);
    const unwell = own.findLast((what) => what === "fails" || what === "recovers") === "fails";
    const override = own.findLast((what) => what !== "fails" && what !== "recovers") ?? "release";
    const commands = (["promote", "demote", "release"] as const).filter((it) => it !== override);
    return [[node, unwell ? "recovers" : "fails"], ...commands.map((it): Cause => [node, it])];
  });
}

class Pair {
  readonly log: SimulationLog;
  readonly #cluster: SimCluster;

  constructor(changes: Partial<InstanceConfig>, [thereMs, backMs]: readonly [number, number]) {
    const both: Partial<InstanceConfig> = {
      ...{ version: 3, advertIntervalCs: 10, authentication: { type: "none" } },
      // Many moves in a row are wanted here.
      damping: { ...USUAL_DAMPING, moves: 0 },
      ...changes,
    };
    const check = { ...NGINX_CHECK, intervalMs: 60_000, fall: 1, rise: 1 };
    const instances = [150, 100].map((priority) => ({ ...both, priority }));
    this.#cluster = new SimCluster(instances, 1, check);
    const way = { loss: 0, duplication: 0, jitterMs: 0 };
    this.#cluster.network.setDirection("lb01", "lb02", { ...way, delayMs: thereMs });
    this.#cluster.network.setDirection("lb02", "lb01", { ...way, delayMs: backMs });
    this.#cluster.start();
    this.log = new SimulationLog(this.#cluster);
  }

  get nowMs(): number {
    return this.#cluster.time.nowMs;
  }

  /** Commands and their ends settle between the steps. */
  async run(forMs: number, stepMs = forMs): Promise<void> {
    const untilMs = this.nowMs + forMs;
    while (this.nowMs < untilMs) {
      this.#cluster.run(Math.min(stepMs, untilMs - this.nowMs), () => this.log.look());
      for (let turn = 0; turn < 6; turn++) await Promise.resolve();
    }
  }

  happens([name, what]: Cause): void {
    const node = this.#cluster.nodes.find((it) => it.name === name) as SimNode;
    if (what === "fails" || what === "recovers") node.host.setCheck("nginx", what === "recovers");
    else node.command((daemon) => daemon.command({ kind: what, instance: "VI_1" }));
    this.log.look();
  }

  async settle(): Promise<void> {
    await this.run(SETTLE_MS, 100);
  }
}

interface Outcome {
  /** When other nodes had the address than before, counted from the cause of the move. */
  readonly movesMs: readonly number[];
  /** The longest time in which nobody had the address, and in which both had it. */
  readonly nobodyMs: number;
  readonly bothMs: number;
}

/** Plays a move with something on top of it, or with nothing. */
async function play(
  pair: Pair,
  { before, cause }: typeof MOVES[number],
  then?: { readonly cause: Cause; readonly afterMs: number },
): Promise<Outcome> {
  await pair.settle();
  for (const each of before) {
    pair.happens(each);
    await pair.settle();
  }
  const fromMs = pair.nowMs;
  pair.happens(cause);
  if (then) {
    await pair.run(then.afterMs);
    pair.happens(then.cause);
  }
  await pair.settle();
  const { log } = pair;
  const longestMs = (spans: readonly HolderSpan[]) =>
    Math.max(
      0,
      ...spans.filter((span) => span.untilMs > fromMs)
        .map((span) => span.untilMs - span.fromMs),
    );
  return {
    movesMs: log.events
      .filter(({ kind, atMs }) => kind === "holders" && atMs >= fromMs)
      .map(({ atMs }) => atMs - fromMs),
    nobodyMs: longestMs(log.gaps()),
    bothMs: longestMs(log.overlaps()),
  };
}

Deno.test("whatever happens while adverts cross, nobody and both have the address for no longer than these are on their way", async () => {
  const lastResort = tracked({ kind: "check", check: "nginx", whenDown: "last_resort" });
  const weight = tracked({ kind: "check", check: "nginx", weight: -60 });
  const found: string[] = [];
  let plays = 0;
  for (const track of [[lastResort], [weight]]) {
    for (const [index, delaysMs] of DELAYS_MS.entries()) {
      // One that does not preempt finds other ways into the same trouble.
      const changes = { track, preempt: index === 0 };
      for (const move of MOVES) {
        const make = () => new Pair(changes, delaysMs);
        const { movesMs } = await play(make(), move);
        const [firstMs = 0] = movesMs;
        for (const aroundMs of AROUND_MOVE_MS) {
          const afterMs = firstMs + aroundMs;
          if (afterMs <= 0) continue;
          for (const cause of happenings([...move.before, move.cause])) {
            const { nobodyMs, bothMs } = await play(make(), move, { cause, afterMs });
            plays++;
            const [thereMs, backMs] = delaysMs;
            const somebody = nobodyMs <= Math.max(thereMs, backMs) + 1;
            if (somebody && bothMs <= thereMs + backMs + 1) continue;
            const on = { move, afterMs, cause, ...changes, delaysMs };
            found.push(`${nobodyMs} ms nobody, ${bothMs} ms both: ${JSON.stringify(on)}`);
          }
        }
      }
    }
  }
  assert.ok(plays > 1000, `${plays}`);
  assert.deepEqual(found, []);
});
