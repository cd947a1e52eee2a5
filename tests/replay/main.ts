/**
 * `deno task replay FILE`: what the engine of today does with what an engine in the field heard.
 *
 * Exit codes: 0 the same as in the field, 1 something else, 2 the file is no recording.
 *
 * @module
 */

import { differenceText, readRuns, replay } from "./replay.ts";

const [path] = Deno.args;
Deno.exit(path === undefined ? usage() : await main(path));

function usage(): number {
  say("Usage: deno task replay FILE (of vipd run --record FILE)");
  return 2;
}

async function main(path: string): Promise<number> {
  let differences = 0;
  try {
    const runs = readRuns(await Deno.readTextFile(path));
    for (const [index, run] of runs.entries()) {
      const { difference } = await replay(run);
      const seconds = ((run.turns.at(-1)?.atMs ?? 0) - (run.turns[0]?.atMs ?? 0)) / 1000;
      say(
        `run ${index + 1} of ${runs.length}, vipd ${run.head.vipd}: ${run.turns.length} turns ` +
          `in ${seconds.toFixed(1)} s`,
      );
      say(difference ? differenceText(difference) : "the same effects at the same times");
      if (difference) differences++;
    }
  } catch (error) {
    say(`${path}: ${(error as Error).message}`);
    return 2;
  }
  return differences > 0 ? 1 : 0;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
