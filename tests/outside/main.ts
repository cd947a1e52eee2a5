/**
 * A pair under random changes from outside, held to a model.
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { runInLab, tell } from "../../lab/command.ts";
import { ensurePackages, LAB_PROGRAMS } from "../../lab/packages.ts";
import { fetchPackages } from "../../lab/vipd.ts";
import { RANDOM_RUN_OPTIONS, readOptions, wholeNumber } from "../options.ts";
import { outside } from "./outside.ts";

const HELP =
  `Two load balancers whose links, addresses, routes, rules and firewalls others change at random:
after each change the pair is where a model says, within three seconds.

Usage: deno task outside [options]

  --steps N      how many changes (default 500)
  --seed N       the kind of pair and its changes; the same number draws the same ones (default: a new one)
  --binary PATH  the built executable instead of the source
  --help         this text

Exit codes: 0 all held, 1 something did not, 2 wrong usage, 130 and 143 ended by Ctrl-C and SIGTERM.
`;

interface Options {
  readonly steps: number;
  readonly seed: number;
  readonly binary: string | undefined;
}

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions(HELP, () => optionsOf(Deno.args));
  if (typeof options === "number") return options;
  return await runInLab((interrupted) => Promise.race([run(options), interrupted]));
}

async function run({ steps, seed, binary }: Options): Promise<number> {
  await ensurePackages([...LAB_PROGRAMS, "nft"], tell);
  if (binary === undefined) await fetchPackages();
  tell(`Seed ${seed}, ${steps} steps.`);
  const { taken, voided, delayed, problem } = await outside({ seed, steps, binary, tell });
  if (voided > 0) tell(`The machine was too busy for ${voided} of ${taken} steps: they are void.`);
  if (delayed > 0) {
    tell(`It held the pair up in ${delayed} more: the time counts from the end of that.`);
  }
  if (problem.length === 0) {
    tell(`${taken} steps: 1 passed | 0 failed`);
    return 0;
  }
  for (const line of problem) tell(line);
  tell(`Again: deno task outside --seed ${seed} --steps ${taken}`);
  tell("0 passed | 1 failed");
  return 1;
}

function optionsOf(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: { ...RANDOM_RUN_OPTIONS, steps: { type: "string", default: "500" } },
  });
  if (values.help) return null;
  const steps = wholeNumber("--steps", values.steps, 0);
  const seed = wholeNumber("--seed", values.seed, 0);
  if (values.binary !== undefined) Deno.statSync(values.binary);
  return { steps, seed, binary: values.binary };
}
