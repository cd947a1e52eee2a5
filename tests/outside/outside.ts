/**
 * Random changes from outside against a live pair: after each the pair is where the model says, or this says what is not.
 *
 * @module
 */

import { clockMs, sleep } from "../../lab/wait.ts";
import { seededRandom } from "../../src/sim/random.ts";
import type { Family } from "../../src/wire/address.ts";
import { below, pick } from "../fuzz/target.ts";
import { AlarmWatch, differences, missingOthers, type SeenPair, sure } from "./compare.ts";
import {
  alarmsOf,
  type Expectation,
  expectation,
  mustBeOne,
  type Outcome,
  patienceMs,
  settled,
  starved,
} from "./model.ts";
import { Pair } from "./pair.ts";
import { STEPS } from "./steps.ts";
import { renewalEnds, RENEWING } from "./steps/other_daemons.ts";
import { deedText, type Scene, type Step } from "./steps/step.ts";
import {
  FAMILIES,
  newWorld,
  type NodeName,
  NODES,
  type PairKind,
  withNode,
  type World,
} from "./world.ts";

export interface OutsideOptions {
  readonly seed: number;
  readonly steps: number;
  readonly binary: string | undefined;
  /** Told what happens, as it happens. */
  readonly tell: (line: string) => void;
}

/** What came of it: how many steps were taken, and what did not hold, with all that is known, line by line. */
export interface OutsideResult {
  readonly taken: number;
  /** Steps that are void: a busy machine kept them from happening, or the pair from running until nobody waited on. */
  readonly voided: number;
  /** Steps that count, although the pair could not run for a moment: its patience was counted from the end of that. */
  readonly delayed: number;
  readonly problem: readonly string[];
}

/** It has been as expected for so long, in milliseconds. */
const STAYS_MS = 300;
const LOOK_EVERY_MS = 60;
/** The first master and the first backup. */
const STARTS_MS = 10_000;
/** So often another step follows before anybody looks. */
const RUSHES = 0.15;
const LONGEST_RUSH_MS = 400;
/** Two hold an address: as long as a hand-over may take, on a busy machine. */
const TWO_MS = 600;
/** A pair that starved so short a time ago may have moved since it was seen. */
const STARVED_BEFORE_MS = 5000;
/** With a machine that is always busy, nothing can be found: the step is void, and the next one follows. */
const LONGEST_STARVATION_MS = 60_000;
/** Two that hear each other again, or are no longer kept from it, need an advert and a hand-over to know. */
const MERGED_AFTER_MS = 1500;

/** How the pair of a seed is configured. */
export function kindOf(seed: number): PairKind {
  const random = seededRandom(seed ^ 0x5eed);
  const virtualMac = random() < 0.25;
  return {
    virtualMac,
    unicast: random() < 0.3,
    soleBackup: random() < 0.5,
    preempt: random() < 0.7,
    promoteSecondaries: random() < 0.5,
  };
}

/** Takes so many steps, or until the first thing that does not hold. */
export async function outside(options: OutsideOptions): Promise<OutsideResult> {
  const kind = kindOf(options.seed);
  options.tell(`A pair with ${JSON.stringify(kind)}`);
  await using pair = await Pair.start({ kind, binary: options.binary });
  return await new Run(pair, newWorld(kind), options).run();
}

class Run {
  readonly #pair: Pair;
  readonly #options: OutsideOptions;
  readonly #random: () => number;
  readonly #alarms = new AlarmWatch();
  readonly #taken: string[] = [];
  #world: World;
  /** The numbers of the steps that are void. */
  readonly #voided = new Set<number>();
  /** Those after which the pair starved, and was judged all the same. */
  readonly #delayed = new Set<number>();
  #starvedMs = 0;
  /** Since when only one may hold an address; `Infinity` while both may. */
  #oneSinceMs: Record<Family, number> = { ipv4: Infinity, ipv6: Infinity };

  constructor(pair: Pair, world: World, options: OutsideOptions) {
    this.#pair = pair;
    this.#world = world;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async run(): Promise<OutsideResult> {
    let problem = await this.#awaitAgreement(STARTS_MS);
    for (let left = this.#options.steps; left > 0 && problem.length === 0; left--) {
      const refused = await this.#step();
      const rushes = this.#random() < RUSHES && left > 1;
      const pauseMs = this.#random() * LONGEST_RUSH_MS;
      if (refused !== null) problem = [refused, ...this.#words()];
      else if (rushes) await this.#rush(pauseMs);
      else problem = await this.#awaitAgreement(patienceMs(this.#world, clockMs()));
    }
    if (problem.length === 0) problem = await this.#end();
    const delayed = this.#delayed.difference(this.#voided).size;
    return { taken: this.#taken.length, voided: this.#voided.size, delayed, problem };
  }

  /** One change; why it could not be made, if it could not. */
  async #step(): Promise<string | null> {
    const node = pick(this.#random, NODES);
    const random = seededRandom(below(this.#random, 2 ** 32));
    const scene: Scene = { world: this.#world, node, nowMs: clockMs(), random };
    const step = drawn(STEPS, this.#random, (it) => it.can(scene));
    const deed = step.deed(scene);
    const text = deedText(deed);
    this.#taken.push(`${this.#taken.length + 1}. ${node}: ${step.name} (${text})`);
    this.#options.tell(this.#taken.at(-1)!);
    const refused = await this.#pair.happen(node, deed);
    if (refused !== null && (step.mayFail || this.#starves())) return this.#retract();
    this.#world = withNode(this.#world, node, step.change(scene));
    if (step.mayMove) this.#forget();
    this.#watchForTwo();
    return refused === null || step.mayMiss ? null : `The step itself ${refused}`;
  }

  /** The pair may not have been any more where it was seen to be before the step. */
  #starves(): boolean {
    return this.#pair.starved().lastMs > clockMs() - STARVED_BEFORE_MS;
  }

  /** What could not happen is void. */
  #retract(): null {
    this.#voided.add(this.#taken.length);
    this.#forget();
    return null;
  }

  /** Another step follows, wherever the pair is: without preempt nobody knows who is first. */
  async #rush(pauseMs: number): Promise<void> {
    this.#forget();
    await sleep(pauseMs);
  }

  #forget(): void {
    this.#world = { ...this.#world, masters: { ipv4: null, ipv6: null } };
  }

  #watchForTwo(): void {
    for (const family of FAMILIES) {
      if (!mustBeOne(this.#world, family)) this.#oneSinceMs[family] = Infinity;
      else if (this.#oneSinceMs[family] === Infinity) {
        this.#oneSinceMs[family] = clockMs() + MERGED_AFTER_MS;
      }
    }
  }

  /**
   * Waits until the pair is where the model says and stays there; all that is known if it does not come to that. A pause
   * between two looks during which the pair could not run is void: what is seen at its end says nothing, and the patience
   * begins again.
   */
  async #awaitAgreement(withinMs: number): Promise<string[]> {
    const startMs = clockMs();
    let sinceMs = Infinity;
    while (true) {
      const atMs = clockMs();
      const seen = await this.#pair.look();
      const { lastMs, totalMs } = this.#pair.starved();
      if (totalMs > this.#starvedMs) {
        sinceMs = Infinity;
        this.#starvedFor(totalMs - this.#starvedMs);
        this.#starvedMs = totalMs;
        if (atMs >= startMs + LONGEST_STARVATION_MS) return this.#giveUp();
      } else {
        const look = this.#judge(seen, atMs);
        if (look.outcomes !== null) {
          sinceMs = Math.min(sinceMs, atMs);
          if (clockMs() >= sinceMs + STAYS_MS) return this.#settle(look.outcomes, seen, lastMs);
        } else {
          sinceMs = Infinity;
          if (atMs >= Math.max(startMs, lastMs) + withinMs) {
            return [...look.differences, ...this.#words(seen)];
          }
        }
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  #starvedFor(ms: number): void {
    this.#world = starved(this.#world, ms);
    if (this.#taken.length > 0) this.#delayed.add(this.#taken.length);
  }

  /** Nobody can tell where the pair is. */
  #giveUp(): string[] {
    if (this.#taken.length === 0) return ["The machine is too busy for the pair to start"];
    this.#retract();
    return [];
  }

  /** The outcome of each family that was seen; or what is different from those that are nearest. */
  #judge(
    seen: SeenPair,
    atMs: number,
  ): { outcomes: Record<Family, Outcome> | null; differences: string[] } {
    const found: string[] = missingOthers(this.#world, seen);
    const world = sure(this.#world, seen);
    const outcomes: Partial<Record<Family, Outcome>> = {};
    for (const family of FAMILIES) {
      const compared = expectation(this.#world, family, atMs).outcomes
        .map((outcome) => ({ outcome, differs: differences(world, family, outcome, seen) }))
        .sort((a, b) => a.differs.length - b.differs.length);
      const nearest = compared[0];
      if (nearest === undefined) throw new Error(`The model allows nothing for ${family}`);
      outcomes[family] = nearest.outcome;
      found.push(...nearest.differs);
    }
    return {
      outcomes: found.length === 0 ? outcomes as Record<Family, Outcome> : null,
      differences: found,
    };
  }

  #settle(outcomes: Record<Family, Outcome>, seen: SeenPair, starvedUntilMs: number): string[] {
    this.#world = sure(this.#world, seen);
    for (const family of FAMILIES) {
      this.#world = settled(this.#world, family, outcomes[family]);
    }
    const nowMs = clockMs();
    const alarms = alarmsOf(this.#world, outcomes);
    const found = NODES.flatMap((node) =>
      this.#alarms.differences(node, alarms[node], seen[node], nowMs, starvedUntilMs)
    );
    found.push(...this.#twoHolders(nowMs, starvedUntilMs));
    return found.length === 0 ? [] : [...found, ...this.#words(seen)];
  }

  #twoHolders(nowMs: number, starvedUntilMs: number): string[] {
    return FAMILIES.flatMap((family) => {
      const fromMs = Math.max(this.#oneSinceMs[family], starvedUntilMs + MERGED_AFTER_MS);
      const twoMs = this.#pair.twoHeldMs(family, fromMs, nowMs);
      return twoMs <= TWO_MS
        ? []
        : [`both nodes held the ${family} address for ${twoMs.toFixed(0)} ms`];
    });
  }

  /** vipd stops: what it has put there is gone, and nothing else. */
  async #end(): Promise<string[]> {
    for (const node of NODES) await this.#endOtherDaemons(node);
    const { left, seen } = await this.#pair.stop();
    const found = [...left, ...missingOthers(this.#world, seen)];
    return found.length === 0 ? [] : ["After a stop:", ...found, ...this.#words(seen)];
  }

  /** A second daemon would serve as soon as the first has stopped. */
  async #endOtherDaemons(node: NodeName): Promise<void> {
    const { second, others } = this.#world.nodes[node];
    if (second) await this.#pair.happen(node, { second: "ended" });
    for (const other of RENEWING) {
      if (others[other] === "there") await this.#pair.happen(node, renewalEnds(other));
    }
    const gone = Object.fromEntries(RENEWING.map((it) => [it, "gone"]));
    this.#world = withNode(this.#world, node, { second: false, others: { ...others, ...gone } });
  }

  /** All that is known, for a person. */
  #words(seen?: SeenPair): string[] {
    const nowMs = clockMs();
    return [
      "The steps:",
      ...this.#taken,
      "The world:",
      ...NODES.map((node) => `${node} ${JSON.stringify(this.#world.nodes[node])}`),
      "The model expects:",
      ...FAMILIES.flatMap((family) => expected(family, expectation(this.#world, family, nowMs))),
      ...(seen === undefined ? [] : NODES.flatMap((node) => [
        `Seen of ${node}:`,
        ...FAMILIES.map((family) =>
          `${family} ${JSON.stringify(seen[node].instances?.[family] ?? "no answer")}`
        ),
        ...FAMILIES.flatMap((family) => seen[node].ours[family]).map((it) => `has ${it}`),
        ...[...seen[node].others].map((it) => `has another program's ${it}`),
        ...seen[node].alarms.map(({ code, message }) => `alarm ${code}: ${message}`),
      ])),
      ...NODES.flatMap((node) => [
        `${node} said last:`,
        ...this.#pair.lastLines(node).slice(-25),
      ]),
    ];
  }
}

function expected(family: Family, { outcomes, why }: Expectation): string[] {
  const texts = outcomes.map(({ nodes }) =>
    NODES.map((node) => {
      const { states, holds } = nodes[node];
      return `${node} ${states.join(" or ")}${holds ? " with the addresses" : ""}`;
    }).join(", ")
  );
  return [...new Set(texts)].map((text) => `${family}: ${text}${why === "" ? "" : ` (${why})`}`);
}

/**
 * One of those that can be, the heavier the likelier. Each of them draws a number, whether it can be or not, so that a
 * repeated run goes the same way although something took longer (weighted sampling by Efraimidis and Spirakis).
 */
function drawn(
  steps: readonly Step[],
  random: () => number,
  can: (step: Step) => boolean,
): Step {
  const ranked = steps.map((step) => ({ step, rank: random() ** (1 / step.weight) }))
    .filter(({ step }) => can(step))
    .sort((a, b) => b.rank - a.rank);
  const first = ranked[0];
  if (first === undefined) throw new Error("There is no step to take");
  return first.step;
}
