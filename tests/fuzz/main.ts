/**
 * Every parser under fire.
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { namesOf, readOptions, wholeNumber } from "../options.ts";
import { run, type RunResult } from "./run.ts";
import type { FuzzTarget } from "./target.ts";
import { TARGETS } from "./targets.ts";

const HELP =
  `Gives damaged inputs to every parser of vipd: none may make it throw, hang or keep memory.

Usage: deno task fuzz [options]

  --inputs N      inputs for each target (default 1000000)
  --target NAMES  only these targets, separated by commas; the names are below
  --seed N        other inputs; the same number gives the same ones (default 1)
  --from N        begin with this input of the seed: what a finding names (default 0)
  --jobs N        targets at the same time (default: one for each processor)
  --help          this text

Targets:
${TARGETS.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join("\n")}

Exit codes: 0 nothing found, 1 something found, 2 wrong usage.
`;

/** More than this is no longer flat. */
const GROWTH_LIMIT_OCTETS = 8 * 1024 * 1024;

interface Options {
  readonly inputs: number;
  readonly seed: number;
  readonly from: number;
  readonly jobs: number;
  readonly targets: readonly FuzzTarget[];
}

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions(HELP, () => optionsOf(Deno.args));
  if (typeof options === "number") return options;
  const waiting = [...options.targets];
  let found = 0;
  const work = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const result = await run(target, options);
      const problems = problemsOf(target, result, options);
      found += problems.length;
      tell(summary(target, result), ...problems);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return found === 0 ? 0 : 1;
}

function summary(
  { name }: FuzzTarget,
  { done, tookMs, outcomes, slowest, growthOctets }: RunResult,
): string {
  const words = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([word, count]) => `${word} ${count}`)
    .join(", ");
  const seconds = (tookMs / 1000).toFixed(0);
  const growth = growthOctets === null
    ? "memory not known"
    : `memory grew by ${(growthOctets / 1024 / 1024).toFixed(1)} MB`;
  const longest = slowest === null
    ? ""
    : `\n  slowest: ${slowest.tookMs.toFixed(0)} ms, input ${slowest.input}`;
  return `${name}: ${done} inputs in ${seconds} s, ${growth}\n  ${words}${longest}`;
}

function problemsOf(target: FuzzTarget, result: RunResult, { seed, inputs }: Options): string[] {
  const { finding, growthOctets, outcomes } = result;
  const problems: string[] = [];
  if (finding !== null) {
    const { input, problem, shown } = finding;
    const again =
      `deno task fuzz --target ${target.name} --seed ${seed} --from ${input} --inputs 1`;
    problems.push(
      `  FOUND with input ${input}: ${problem}\n  ${shown ?? ""}\n  Again: ${again}`,
    );
  }
  if (growthOctets !== null && growthOctets > GROWTH_LIMIT_OCTETS) {
    problems.push("  FOUND: its memory is not flat");
  }
  const missed = target.reaches.filter((word) => outcomes[word] === undefined);
  if (finding === null && inputs >= target.shortInputs && missed.length > 0) {
    problems.push(`  FOUND: the inputs no longer reach ${missed.join(", ")}`);
  }
  return problems;
}

function optionsOf(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      inputs: { type: "string", default: "1000000" },
      target: { type: "string" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const names = values.target === undefined ? undefined : namesOf(values.target);
  const unknown = names?.find((name) => !TARGETS.some((it) => it.name === name));
  if (unknown !== undefined) throw new RangeError(`There is no target "${unknown}"`);
  return {
    inputs: wholeNumber("--inputs", values.inputs, 1),
    seed: wholeNumber("--seed", values.seed, 0),
    from: wholeNumber("--from", values.from, 0),
    jobs: wholeNumber("--jobs", values.jobs, 1),
    targets: TARGETS.filter(({ name }) => names?.includes(name) ?? true),
  };
}

function tell(...lines: readonly string[]): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
}
