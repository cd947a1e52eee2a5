/** Breaks the drawn sites one by one, each worker in a copy of its own. */

import type { Equivalent } from "./equivalent.ts";
import { roomOf, type Tree } from "./rooms.ts";
import { nameKey, type Site } from "./sites.ts";
import type { Bench, Outcome, Workshop } from "./workshop.ts";

export interface Result {
  readonly site: Site;
  /** An explained break is not tried. */
  readonly outcome: Outcome | "explained";
  readonly durationMs: number;
}

export interface RunOptions {
  readonly root: string;
  readonly tree: Tree;
  readonly sites: readonly Site[];
  /** What an earlier run, which was ended, has found of these sites. */
  readonly judged?: readonly Result[];
  readonly equivalent: readonly Equivalent[];
  /** Without the slow tests. */
  readonly quick: boolean;
  readonly jobs: number;
  readonly workshop: Workshop;
  readonly onResult: (result: Result) => void;
}

/** The results in the order in which they came; throws if tests fail where nothing is broken. */
export async function run(options: RunOptions): Promise<Result[]> {
  const { sites, tree, jobs, workshop, onResult, judged = [] } = options;
  const explained = new Set(options.equivalent.map(nameKey));
  const results: Result[] = [...judged];
  const add = (result: Result) => {
    results.push(result);
    onResult(result);
  };
  const open: Site[] = [];
  const done = new Set(judged.map(({ site }) => site));
  for (const site of sites.filter((site) => !done.has(site))) {
    if (explained.has(nameKey(site))) add({ site, outcome: "explained", durationMs: 0 });
    else open.push(site);
  }
  const benches = Array.from({ length: jobs }, () => workshop.copyOf(options.root));
  const rooms = new Map(open.map(({ file }) => [roomOf(file), file]));
  await shared(benches, [...rooms], async (bench, [room, file]) => {
    const outcome = await bench.test([tree.quickTests(file)]);
    if (outcome !== "survived") throw new Error(`tests of ${room} without any break: ${outcome}`);
  });
  await shared(benches, open, async (bench, site) => {
    const startMs = performance.now();
    const slow = options.quick ? [] : [tree.slowTests(site.file)];
    const calls = [tree.nearTests(site.file), tree.quickTests(site.file), ...slow];
    const outcome = await bench.try(site, calls);
    add({ site, outcome, durationMs: performance.now() - startMs });
  });
  return results;
}

/** Does all the work, on each bench one piece at a time. */
async function shared<Work>(
  benches: readonly Bench[],
  work: readonly Work[],
  act: (bench: Bench, piece: Work) => Promise<void>,
): Promise<void> {
  const waiting = [...work];
  await Promise.all(benches.map(async (bench) => {
    for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
      await act(bench, piece);
    }
  }));
}
