/**
 * Every file of `cases.ts`, as keepalived runs it and as vipd's import does.
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { keepalivedVersion } from "../../../lab/keepalived.ts";
import { StarvationWatch } from "../../../lab/starvation.ts";
import { namesOf, readOptions, wholeNumber } from "../../options.ts";
import { behavesAlike } from "./behaviour.ts";
import { CASES, type ImportedCase } from "./cases.ts";

const HELP =
  `Compares keepalived and vipd's import on a pair, both ways round: holders and adverts after each event.

Usage: deno task test:import [options]

  --case NAMES  only these, separated by commas; a part of a name is enough
  --jobs N      so many at the same time (default 3); each has four daemons
  --result FILE write what came of it into FILE, as a table
  --help        this text

Cases:
${CASES.map(({ name }) => `  ${name}`).join("\n")}

Exit codes: 0 all behave alike, 1 some differ, 2 wrong usage.
`;

/** A difference that is seen while a busy machine keeps processes from running is looked for once more. */
const ATTEMPTS = 3;

interface Outcome {
  readonly case: ImportedCase;
  /** `null` if both ways look the same. */
  readonly problem: string | null;
  readonly tookS: number;
  /** Runs that say nothing, because processes starved. */
  readonly voids: number;
}

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions(HELP, () => optionsOf(Deno.args));
  if (typeof options === "number") return options;
  const waiting = CASES.filter(({ name }) =>
    options.names.length === 0 || options.names.some((part) => name.includes(part))
  ).values();
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (const each of waiting) {
      const outcome = await compare(each);
      outcomes.push(outcome);
      const { problem, tookS } = outcome;
      tell(`${problem === null ? "alike" : "DIFFERS"}: ${each.name} (${tookS.toFixed(0)} s)`);
      if (problem !== null) tell(problem);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  const differ = outcomes.filter(({ problem }) => problem !== null).length;
  tell(`${differ} of ${outcomes.length} differ`);
  if (options.result !== "") await Deno.writeTextFile(options.result, await table(outcomes));
  return differ === 0 ? 0 : 1;
}

async function compare(each: ImportedCase): Promise<Outcome> {
  for (let voids = 0;; voids++) {
    using starvation = new StarvationWatch([Deno.pid]);
    const startedMs = performance.now();
    const problem = await behavesAlike(each).then(() => null, textOf);
    const tookS = (performance.now() - startedMs) / 1000;
    const starvedS = starvation.now().totalMs / 1000;
    if (problem === null || starvedS === 0 || voids + 1 === ATTEMPTS) {
      return { case: each, problem, tookS, voids };
    }
    tell(`void, processes starved for ${starvedS.toFixed(1)} s: ${each.name}\n${problem}`);
  }
}

async function table(outcomes: readonly Outcome[]): Promise<string> {
  const git = await new Deno.Command("git", { args: ["rev-parse", "--short=12", "HEAD"] }).output();
  const alike = outcomes.filter(({ problem }) => problem === null).length;
  const order = ({ case: each }: Outcome) => CASES.indexOf(each);
  const rows = outcomes.toSorted((a, b) => order(a) - order(b)).map((
    { case: { name, happenings }, problem, tookS, voids },
  ) =>
    `| ${problem === null ? "✓" : "✗"} | ${name} | start, ${happenings.join(", ")} | ` +
    `${tookS.toFixed(0)} s | ${voids === 0 ? "" : voids} |`
  );
  return [
    "# The last comparison of imports with keepalived",
    "",
    "`deno task test:import --result FILE` writes this file. After each event that is named, and after",
    "its end, both ways round had the same holder and the same adverts. A void run differed while",
    "processes had to wait for a processor, and was made again.",
    "",
    `- Commit: ${new TextDecoder().decode(git.stdout).trim()}`,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- With: ${await keepalivedVersion()}`,
    `- ${alike} of ${outcomes.length} alike`,
    "",
    "| | case | events | time | void runs |",
    "| - | - | - | - | - |",
    ...rows,
    "",
  ].join("\n");
}

interface Options {
  readonly names: readonly string[];
  readonly jobs: number;
  /** Empty for none. */
  readonly result: string;
}

function optionsOf(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", default: "" },
      jobs: { type: "string", default: "3" },
      result: { type: "string", default: "" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const jobs = wholeNumber("--jobs", values.jobs, 1);
  return { names: namesOf(values.case), jobs, result: values.result };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tell(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
