/** Tries the sites of a run: their switches are in one copy, in which the tests of each room are loaded once. */

import { join } from "node:path";
import type { Equivalent } from "./equivalent.ts";
import { type Patience, patienceAfter } from "./patience.ts";
import type { Result } from "./result.ts";
import { roomOf, type Tree } from "./rooms.ts";
import { RoomRun } from "./room_run.ts";
import { nameKey, type Site } from "./sites.ts";
import { type Switched, switched } from "./switches.ts";
import type { Workshop } from "./workshop.ts";

export interface RunOptions {
  readonly root: string;
  readonly tree: Tree;
  readonly sites: readonly Site[];
  /** What an earlier run, which was ended, has found of these sites. */
  readonly judged?: readonly Result[];
  readonly equivalent: readonly Equivalent[];
  /** Without the slow tests. */
  readonly quick: boolean;
  /** Tries each break again in a process of its own: what that says counts. */
  readonly check?: boolean;
  /** What a test may take that takes so long without a break. @default {patienceAfter} */
  readonly patienceOf?: (tookMs: number) => Patience;
  readonly jobs: number;
  readonly workshop: Workshop;
  readonly onResult: (result: Result) => void;
}

/** The results in the order in which they came; throws if a test fails where nothing is broken. */
export async function run(options: RunOptions): Promise<Result[]> {
  const { judged = [] } = options;
  const explained = new Set(options.equivalent.map(nameKey));
  const results: Result[] = [...judged];
  const add = (result: Result) => {
    results.push(result);
    options.onResult(result);
  };
  const open: Site[] = [];
  const done = new Set(judged.map(({ site }) => site));
  for (const site of options.sites.filter((site) => !done.has(site))) {
    if (!explained.has(nameKey(site))) open.push(site);
    else add({ site, outcome: "explained", noticedBy: null, durationMs: 0 });
  }
  const { tree, quick } = options;
  const isLater = ({ site, outcome }: Result) =>
    !quick && outcome === "survived" && tree.slowTests(site.file).length > 0;
  const first = await tried(options, open, (file) => tree.quickTests(file), (result) => {
    if (!isLater(result)) add(result);
  });
  const left = new Map(first.filter(isLater).map((result) => [result.site, result]));
  await tried(options, [...left.keys()], (file) => tree.slowTests(file), (result) => {
    const { durationMs } = left.get(result.site)!;
    add({ ...result, durationMs: durationMs + result.durationMs });
  });
  return results;
}

/** The results of these sites with these test files. */
async function tried(
  options: RunOptions,
  sites: readonly Site[],
  filesOf: (file: string) => readonly string[],
  onResult: (result: Result) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  const rooms = roomRuns(options, sites.map((site, number) => ({ site, number })), filesOf);
  const add = (result: Result) => {
    results.push(result);
    onResult(result);
  };
  try {
    await Promise.all(Array.from({ length: options.jobs }, () => lane(rooms, add)));
  } finally {
    await options.workshop.endAll();
  }
  return results;
}

/** The rooms with their breaks in a copy, the largest room first. */
function roomRuns(
  options: RunOptions,
  open: readonly Switched[],
  filesOf: (file: string) => readonly string[],
): RoomRun[] {
  const { tree, check = false, patienceOf = patienceAfter, workshop } = options;
  if (open.length === 0) return [];
  const copy = workshop.copyOf(options.root);
  const switchboard = new URL("./switchboard.ts", import.meta.url).href;
  for (const [file, sites] of Map.groupBy(open, ({ site }) => site.file)) {
    const text = switched(tree.read(file), sites, switchboard);
    Deno.writeTextFileSync(join(copy, file), text);
  }
  const start = (number: number | null) => workshop.startBench(copy, open.length, number);
  return Array.from(
    Map.groupBy(open, ({ site }) => roomOf(site.file)).values(),
    (sites) => new RoomRun({ sites, filesOf, start, check, patienceOf }),
  ).sort((a, b) => b.size - a.size);
}

/** Takes room after room; where others have begun them all, it helps with the one that has most to do. */
async function lane(rooms: readonly RoomRun[], add: (result: Result) => void): Promise<void> {
  const next = () => rooms.find(({ isBegun }) => !isBegun) ?? busiest(rooms);
  for (let room = next(); room !== undefined; room = next()) await room.work(add);
}

function busiest(rooms: readonly RoomRun[]): RoomRun | undefined {
  return rooms.filter(({ size }) => size > 0).sort((a, b) => b.size - a.size)[0];
}
