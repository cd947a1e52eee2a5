/**
 * Every parser under fire.
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { parseArgs } from "node:util";
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
  const options = readOptions();
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
  { done, tookMs, outcomes, growthOctets }: RunResult,
): string {
  const words = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([word, count]) => `${word} ${count}`)
    .join(", ");
  const seconds = (tookMs / 1000).toFixed(0);
  const growth = growthOctets === null
    ? "memory not known"
    : `memory grew by ${(growthOctets / 1024 / 1024).toFixed(1)} MB`;
  return `${name}: ${done} inputs in ${seconds} s, ${growth}\n  ${words}`;
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

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        inputs: { type: "string", default: "1000000" },
        target: { type: "string" },
        seed: { type: "string", default: "1" },
        from: { type: "string", default: "0" },
        jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      tell(HELP);
      return 0;
    }
    const names = values.target?.split(",").map((it) => it.trim());
    const unknown = names?.find((name) => !TARGETS.some((it) => it.name === name));
    if (unknown !== undefined) throw new RangeError(`There is no target "${unknown}"`);
    return {
      inputs: whole("--inputs", values.inputs, 1),
      seed: whole("--seed", values.seed, 0),
      from: whole("--from", values.from, 0),
      jobs: whole("--jobs", values.jobs, 1),
      targets: TARGETS.filter(({ name }) => names?.includes(name) ?? true),
    };
  } catch (error) {
    const text = `${error instanceof Error ? error.message : error}\n\n${HELP}`;
    Deno.stderr.writeSync(new TextEncoder().encode(text));
    return 2;
  }
}

function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new RangeError(`${option} must be a whole number from ${least} on, not "${text}"`);
}

function tell(...lines: readonly string[]): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
}
