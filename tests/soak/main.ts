/**
 * A pair under random faults for as long as one likes, watched from outside.
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { runInLab, tell } from "../../lab/command.ts";
import { type Brand, BRANDS } from "../../lab/daemon.ts";
import { ensurePackages, LAB_PROGRAMS } from "../../lab/packages.ts";
import { fetchPackages } from "../../lab/vipd.ts";
import { namesOf, RANDOM_RUN_OPTIONS, readOptions, wholeNumber } from "../options.ts";
import { FAULTS } from "./faults.ts";
import { plannedWork } from "./planned.ts";
import { soak } from "./soak.ts";

const HELP = `Two load balancers with nginx under random faults: never two holders of the
address for long, never none while one could serve, memory and descriptors flat.

Usage: deno task soak [options]

  --minutes N      how long (default 30)
  --seed N         the faults and their times; the same number draws the same ones (default: a new one)
  --binary PATH    the built executable instead of the source
  --peer BRAND     what lb02 runs, vipd or keepalived (default vipd)
  --without NAMES  leave these faults out, separated by commas:
                   ${FAULTS.map(({ name }) => name).join(", ")}
  --planned        planned work on one node after the other instead of faults:
                   none of it may raise an alarm
  --previous PATH  with --planned: an executable of the version before this one,
                   which a node runs for a while until it is upgraded
  --help           this text

Exit codes: 0 all held, 1 something did not, 2 wrong usage, 130 and 143 ended by Ctrl-C and SIGTERM.
`;

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly binary: string | undefined;
  readonly peer: Brand;
  readonly without: readonly string[];
  readonly planned: boolean;
  readonly previous: string | undefined;
}

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions(HELP, () => optionsOf(Deno.args));
  if (typeof options === "number") return options;
  return await runInLab((interrupted) => Promise.race([run(options), interrupted]));
}

async function run(options: Options): Promise<number> {
  const { minutes, seed, binary, peer, without, planned, previous } = options;
  await ensurePackages([...LAB_PROGRAMS, "nginx", "keepalived", "faketime"], tell);
  if (binary === undefined) await fetchPackages();
  tell(`Seed ${seed}, ${minutes} minutes, lb01 vipd, lb02 ${peer}.`);
  const faults = FAULTS.filter(({ name }) => !without.includes(name));
  const result = planned
    ? await plannedWork({ minutes, seed, binary, previous, tell })
    : await soak({ minutes, seed, binary, peer, faults, tell });
  for (const line of result.report) tell(line);
  if (result.problems.length === 0) {
    tell("1 passed | 0 failed");
    return 0;
  }
  const how = planned ? "--planned" : `--peer ${peer}`;
  const again = `deno task soak --minutes ${minutes} --seed ${seed} ${how}`;
  for (const problem of result.problems) tell(`BROKEN: ${problem}`);
  for (const line of result.lastWords) tell(line);
  tell(`Again: ${again}${without.length > 0 ? ` --without ${without.join(",")}` : ""}`);
  tell("0 passed | 1 failed");
  return 1;
}

function optionsOf(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      ...RANDOM_RUN_OPTIONS,
      minutes: { type: "string", default: "30" },
      peer: { type: "string", default: "vipd" },
      without: { type: "string", default: "" },
      planned: { type: "boolean", default: false },
      previous: { type: "string" },
    },
  });
  if (values.help) return null;
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new RangeError(`--minutes must be more than 0: "${values.minutes}"`);
  const seed = wholeNumber("--seed", values.seed, 0);
  const peer = BRANDS.find((it) => it === values.peer);
  if (peer === undefined) throw new RangeError(`--peer is vipd or keepalived: "${values.peer}"`);
  const without = namesOf(values.without);
  const unknown = without.find((name) => !FAULTS.some((it) => it.name === name));
  if (unknown !== undefined) throw new RangeError(`There is no fault "${unknown}"`);
  const { binary, planned, previous } = values;
  for (const path of [binary, previous]) if (path !== undefined) Deno.statSync(path);
  return { ...{ minutes, seed, binary, peer, without }, planned, previous };
}
