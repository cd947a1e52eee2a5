/**
 * Every file of `cases.ts`, as keepalived runs it and as vipd's import does.
 *
 * Usage: see {@link HELP}.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { namesOf, readOptions, wholeNumber } from "../../options.ts";
import { behavesAlike } from "./behaviour.ts";
import { CASES } from "./cases.ts";

const HELP =
  `Compares keepalived and vipd's import on a pair, both ways round: holders and adverts after each event.

Usage: deno task test:import [options]

  --case NAMES  only these, separated by commas; a part of a name is enough
  --jobs N      so many at the same time (default 3); each has four daemons
  --help        this text

Cases:
${CASES.map(({ name }) => `  ${name}`).join("\n")}

Exit codes: 0 all behave alike, 1 some differ, 2 wrong usage.
`;

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions(HELP, () => optionsOf(Deno.args));
  if (typeof options === "number") return options;
  const waiting = CASES.filter(({ name }) =>
    options.names.length === 0 || options.names.some((part) => name.includes(part))
  ).values();
  let differ = 0;
  const work = async () => {
    for (const each of waiting) {
      const startedMs = performance.now();
      const problem = await behavesAlike(each).then(() => null, textOf);
      const tookS = ((performance.now() - startedMs) / 1000).toFixed(0);
      if (problem !== null) differ++;
      tell(`${problem === null ? "alike" : "DIFFERS"}: ${each.name} (${tookS} s)`);
      if (problem !== null) tell(problem);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  tell(`${differ} differ`);
  return differ === 0 ? 0 : 1;
}

function optionsOf(args: readonly string[]): { names: string[]; jobs: number } | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", default: "" },
      jobs: { type: "string", default: "3" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  return { names: namesOf(values.case), jobs: wholeNumber("--jobs", values.jobs, 1) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tell(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
