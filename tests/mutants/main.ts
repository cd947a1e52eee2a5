/**
 * Breaks the pure rooms one site at a time: does a test fail?
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { namesOf, readOptions, wholeNumber } from "../options.ts";
import { BREAK_KINDS } from "./breaks.ts";
import { drawn } from "./draw.ts";
import { EQUIVALENT, stale } from "./equivalent.ts";
import { differenceText, isGood, staleText, summary, summaryText, survivorText } from "./report.ts";
import { keepResult, keptResults } from "./results_file.ts";
import { PURE_ROOMS } from "../pure_rooms.ts";
import type { Result } from "./result.ts";
import { roomOf, Tree } from "./rooms.ts";
import { run } from "./run.ts";
import { sitesOf } from "./sites.ts";
import { Workshop } from "./workshop.ts";

const HELP =
  `Breaks the code at sites drawn by the seed, one at a time, and runs the tests that reach it.

Usage: deno task mutants [options]

  --count N      breaks (default 300)
  --all          every site
  --seed N       other sites; the same number draws the same ones (default 1)
  --room NAMES   only these rooms, separated by commas (default: all)
  --file PATH    only files whose path begins so
  --quick        without the slow tests: more survives
  --check        tries each break again in a process in which no other was tried; what that says counts
  --jobs N       breaks at the same time (default: one for each processor)
  --results FILE each result a line of this file; what it already says of these sites is not tried again
  --json         results as JSON
  --help         this text

Rooms: ${PURE_ROOMS.join(", ")}

Kinds of breaks:
${Object.entries(BREAK_KINDS).map(([kind, what]) => `  ${kind.padEnd(12)} ${what}`).join("\n")}

Equivalent breaks and their proofs are in tests/mutants/equivalent.ts.

A break is tried in a process that has tried others, as long as its tests pass there without it. What survives, and
what is there while files are loaded, is tried in a process of its own; --check does the same with the others.

Exit codes: 0 good, 1 more than 5 % survived unexplained or equivalent.ts is stale, 2 wrong usage.
`;

interface Options {
  /** Without end: every site. */
  readonly count: number;
  readonly seed: number;
  readonly rooms: readonly string[];
  readonly file: string;
  readonly quick: boolean;
  readonly check: boolean;
  readonly jobs: number;
  /** Empty: nowhere. */
  readonly resultsFile: string;
  readonly json: boolean;
}

function optionsOf(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      count: { type: "string", default: "300" },
      seed: { type: "string", default: "1" },
      room: { type: "string", default: PURE_ROOMS.join(",") },
      file: { type: "string", default: "" },
      jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
      results: { type: "string", default: "" },
      all: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  return {
    count: values.all ? Infinity : wholeNumber("--count", values.count, 1),
    seed: wholeNumber("--seed", values.seed, 0),
    rooms: known(namesOf(values.room)),
    file: values.file,
    jobs: wholeNumber("--jobs", values.jobs, 1),
    resultsFile: values.results,
    quick: values.quick,
    check: values.check,
    json: values.json,
  };
}

function known(rooms: string[]): readonly string[] {
  const unknown = rooms.find((room) => !(PURE_ROOMS as readonly string[]).includes(room));
  if (unknown !== undefined) throw new TypeError(`no room "${unknown}"; see --help`);
  return rooms;
}

async function main(options: Options): Promise<number> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const tree = new Tree(root);
  const all = PURE_ROOMS.flatMap((room) => tree.sources(room))
    .flatMap((file) => sitesOf(file, tree.read(file)));
  const candidates = all.filter(({ file }) =>
    options.rooms.includes(roomOf(file)) && file.startsWith(options.file)
  );
  const sites = drawn(candidates, options.count, options.seed);
  const say = (text: string) => options.json ? undefined : write(text);
  say(`${sites.length} of ${candidates.length} sites, seed ${options.seed}`);
  const workshop = new Workshop();
  closeAtSignals(workshop);
  const { quick, check, jobs, resultsFile } = options;
  const judged = resultsFile === "" ? [] : keptResults(resultsFile, sites);
  let done = judged.length;
  const onResult = (result: Result) => {
    showProgress(`${++done} of ${sites.length}`);
    if (resultsFile !== "") keepResult(resultsFile, result);
    if (result.before !== undefined) say(`\n${differenceText(result)}`);
    else if (result.outcome === "survived") say(`\n${survivorText(result)}`);
  };
  let results: Result[];
  try {
    results = await run(
      { root, tree, sites, judged, equivalent: EQUIVALENT, quick, check, jobs, workshop, onResult },
    );
  } finally {
    await workshop.close();
  }
  const gone = stale(EQUIVALENT, all);
  say(
    ["", summaryText(summary(results)), ...gone.map((entry) => `\n${staleText(entry)}`)].join("\n"),
  );
  if (options.json) {
    write(
      JSON.stringify(
        { seed: options.seed, rooms: summary(results), results, stale: gone },
        null,
        2,
      ),
    );
  }
  return isGood(results) && gone.length === 0 ? 0 : 1;
}

/** Whoever interrupts finds nothing left. */
function closeAtSignals(workshop: Workshop): void {
  for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15]] as const) {
    Deno.addSignalListener(signal, () => workshop.close().finally(() => Deno.exit(128 + number)));
  }
}

/** On a terminal only, in a line that the next one overwrites. */
function showProgress(text: string): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r${text}\x1b[K\r`));
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

const options = readOptions(HELP, () => optionsOf(Deno.args));
Deno.exit(typeof options === "number" ? options : await main(options));
