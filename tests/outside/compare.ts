/**
 * What was seen against what the model says.
 *
 * @module
 */

import { HOLD_DOWN_MS } from "../../src/node/journal/alarms.ts";
import { type AlarmCode, causeOf } from "../../src/status/codes/alarms.ts";
import type { Family } from "../../src/wire/address.ts";
import type { ExpectedAlarms, Outcome } from "./model.ts";
import type { Seen } from "./seen.ts";
import { standing } from "./standing.ts";
import { type NodeName, NODES, type Other, type World } from "./world.ts";

export type SeenPair = Readonly<Record<NodeName, Seen>>;

/** What is not as the outcome says, a sentence each; empty when all is. */
export function differences(
  world: World,
  family: Family,
  outcome: Outcome,
  seen: SeenPair,
): string[] {
  return NODES.flatMap((node) => {
    const { states, holds } = outcome.nodes[node];
    const { instances, ours } = seen[node];
    if (instances === null) return [`${node}: the API does not answer`];
    const { state, handingOver, held, configured, faults } = instances[family];
    const found: string[] = [];
    if (!states.includes(state)) {
      const why = faults.length > 0 ? ` (${faults.join("; ")})` : "";
      found.push(`${node} ${family} is ${state}${why}, not ${states.join(" or ")}`);
    }
    if (handingOver) found.push(`${node} ${family} hands over`);
    const expected = standing(world, node, family, holds);
    for (const it of expected) if (!ours[family].includes(it)) found.push(`${node} lacks ${it}`);
    for (const it of ours[family]) if (!expected.includes(it)) found.push(`${node} has ${it}`);
    const refused = family === "ipv4" && world.nodes[node].refusedSinceMs !== null ? 1 : 0;
    const heldExpected = holds ? configured - refused : 0;
    if (held !== heldExpected) {
      found.push(
        `${node} ${family} says that it holds ${held} of ${configured}, not ${heldExpected}`,
      );
    }
    return found;
  });
}

/** What other programs had put there and is there no more; what is on a renamed interface is not looked for. */
export function missingOthers(world: World, seen: SeenPair): string[] {
  return NODES.filter((it) => world.nodes[it].link !== "renamed").flatMap((node) =>
    Object.entries(world.nodes[node].others)
      .filter(([other, presence]) => presence === "there" && !seen[node].others.has(other as Other))
      .map(([other]) => `${node} lacks another program's ${other}`)
  );
}

/** What nobody was sure of is there, or is not. */
export function sure(world: World, seen: SeenPair): World {
  const nodes = Object.fromEntries(NODES.map((name) => {
    const others = Object.entries(world.nodes[name].others).map(([other, presence]) => {
      if (presence !== "unsure") return [other, presence];
      return [other, seen[name].others.has(other as Other) ? "there" : "gone"];
    });
    return [name, { ...world.nodes[name], others: Object.fromEntries(others) }];
  }));
  return { ...world, nodes: nodes as World["nodes"] };
}

/** How long after its cause began an alarm must stand, and how long after its end it may, in milliseconds. */
const RAISED_AFTER_MS = 8000;
const ENDS_AFTER_MS = HOLD_DOWN_MS + 5000;
/** Its end is the next advert that leaves, and a backup sends none. */
const UNSENT_ENDS_AFTER_MS = 60_000;

/** Since when alarms lack, and since when they stand without a cause: they come and go later than their causes. */
export class AlarmWatch {
  readonly #lackSinceMs = new Map<string, number>();
  readonly #strangeSinceMs = new Map<string, number>();

  /**
   * What is wrong with the alarms of a node, a sentence each; to be called whenever the pair is as expected.
   *
   * @param fromMs Times count from this moment at the earliest: until then vipd could not run.
   */
  differences(
    node: NodeName,
    { must, may }: ExpectedAlarms,
    seen: Seen,
    nowMs: number,
    fromMs = -Infinity,
  ): string[] {
    const stand = new Map(
      seen.alarms.filter(({ over }) => !over).map((it) => [it.code, it.message]),
    );
    const causes = new Set(stand.keys().map((code) => causeOf(code).cause));
    // One alarm stands for all of its cause.
    const lacking = [...must].filter((code) => !causes.has(causeOf(code).cause));
    const strange = [...stand.keys()].filter((code) => !must.has(code) && !may.has(code));
    return [
      ...lasting(this.#lackSinceMs, node, lacking, () => RAISED_AFTER_MS, nowMs, fromMs)
        .map((code) => `${node} lacks the alarm ${code}`),
      ...lasting(this.#strangeSinceMs, node, strange, endsAfterMs, nowMs, fromMs)
        .map((code) => `${node} has the alarm ${code}: ${stand.get(code)}`),
    ];
  }
}

function endsAfterMs(code: AlarmCode): number {
  return code === "adverts_not_sent" ? UNSENT_ENDS_AFTER_MS : ENDS_AFTER_MS;
}

/** Those of `codes` that have been among them for too long; keeps since when each is. */
function lasting(
  sinceMs: Map<string, number>,
  node: NodeName,
  codes: readonly AlarmCode[],
  atMostMs: (code: AlarmCode) => number,
  nowMs: number,
  fromMs: number,
): AlarmCode[] {
  const keys = codes.map((code) => `${node} ${code}`);
  for (const key of sinceMs.keys()) {
    if (key.startsWith(`${node} `) && !keys.includes(key)) sinceMs.delete(key);
  }
  for (const key of keys) if (!sinceMs.has(key)) sinceMs.set(key, nowMs);
  return codes.filter((code) =>
    nowMs > Math.max(fromMs, sinceMs.get(`${node} ${code}`)!) + atMostMs(code)
  );
}
