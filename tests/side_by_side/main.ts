/**
 * Runs the tests that make hosts, several files at a time; what each file writes comes in one piece when it has ended.
 *
 * Usage: `deno run -A tests/side_by_side/main.ts [OPTION...] PATH...`, with files and folders of tests, and options of
 * `deno test` whose value stands in the same word (`--filter=walk`). The exit code is 1 if a test failed.
 *
 * @module
 */

import { roundsOf } from "./plan.ts";
import { type FileResult, runRounds } from "./run_files.ts";
import { testFilesIn } from "./test_files.ts";

const LIMIT_MS = 8 * 60_000;

/** A pipe may take less than all of it. */
function write(text: string): void {
  const octets = new TextEncoder().encode(text);
  for (let at = 0; at < octets.length;) at += Deno.stdout.writeSync(octets.subarray(at));
}

/** Which files took how long, the longest first, which failed next to others only, and which are not good. */
function summary(results: readonly FileResult[]): string {
  const line = ({ file, tookMs }: FileResult) =>
    `${(tookMs / 1000).toFixed(1).padStart(7)} s  ${file}\n`;
  const list = (title: string, some: readonly FileResult[]) =>
    some.length === 0 ? [] : [`\n${title}:\n`, ...some.map(line)];
  const bad = results.filter(({ passed }) => !passed);
  const sensitive = results.filter(({ passed, failedNextToOthers }) =>
    passed && failedNextToOthers
  );
  return [
    ...results.toSorted((a, b) => b.tookMs - a.tookMs).map(line),
    ...list("Failed next to others, passed for itself; its margins are too small", sensitive),
    ...list("Not good", bad),
  ].join("");
}

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => ending.abort());
}
const options = Deno.args.filter((word) => word.startsWith("-"));
const paths = Deno.args.filter((word) => !word.startsWith("-"));
const results: FileResult[] = [];
try {
  const run = { options, limitMs: LIMIT_MS, signal: ending.signal };
  await runRounds(roundsOf(paths.flatMap(testFilesIn)), run, (result) => {
    results.push(result);
    write(result.output);
  });
} catch (error) {
  if (!ending.signal.aborted) throw error;
}
write(summary(results));
Deno.exit(ending.signal.aborted || results.some(({ passed }) => !passed) ? 1 : 0);
