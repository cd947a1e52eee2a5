/**
 * Runs files of tests, each with a `deno test` of its own, some at a time.
 *
 * @module
 */

import type { Round } from "./plan.ts";

/** What came of one file. */
export interface FileResult {
  readonly file: string;
  readonly passed: boolean;
  /** It failed next to others, which may have taken the processor from it. `passed` is what a run for itself came to. */
  readonly failedNextToOthers: boolean;
  readonly tookMs: number;
  /** All that it wrote; at its end is a line that counts, as `deno test` writes it. */
  readonly output: string;
}

export interface RunOptions {
  /** Options of `deno test`, for every file. */
  readonly options: readonly string[];
  /** A file that takes longer hangs, and is ended. */
  readonly limitMs: number;
  /** Ends the files that run. */
  readonly signal?: AbortSignal;
}

/** The line with which `deno test` ends; of it, how many tests failed. */
const COUNTED = /^(?:ok|FAILED) \| \d+ passed.* \| (\d+) failed/m;
const COUNTED_LINES = new RegExp(`${COUNTED.source}.*$`, "gm");

/**
 * Runs the rounds one after the other; `onResult` gets each file as soon as it has ended. A file that failed next to others
 * runs once more at the end, for itself: that run counts.
 */
export async function runRounds(
  rounds: readonly Round[],
  options: RunOptions,
  onResult: (result: FileResult) => void,
): Promise<void> {
  const failedNextToOthers: FileResult[] = [];
  for (const { files, atATime, quiet } of rounds) {
    const waiting = files.values();
    const isAlone = files.length + quiet.length === 1 || (atATime === 1 && quiet.length === 0);
    const lane = async (rest: Iterable<string>) => {
      for (const file of rest) {
        const result = await runFile(file, options);
        if (result.passed || isAlone) onResult(result);
        else failedNextToOthers.push(result);
      }
    };
    await Promise.all([...Array.from({ length: atATime }, () => lane(waiting)), lane(quiet)]);
  }
  for (const first of failedNextToOthers) {
    const second = await runFile(first.file, options);
    // Both runs are shown; only one of them may count.
    const shown = first.output.replaceAll(
      COUNTED_LINES,
      `${first.file} failed next to others. It runs once more, for itself:`,
    );
    const tookMs = first.tookMs + second.tookMs;
    onResult({ ...second, failedNextToOthers: true, tookMs, output: shown + second.output });
  }
}

async function runFile(
  file: string,
  { options, limitMs, signal }: RunOptions,
): Promise<FileResult> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(limitMs);
  const startedMs = performance.now();
  // The shell gives both outputs one pipe, so that they stay in their order.
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", 'exec "$@" 2>&1', "sh", Deno.execPath(), "test", "-A", ...options, file],
    // The lines that count are read without colours.
    env: { NO_COLOR: "1" },
    stdin: "null",
    stderr: "null",
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  }).output();
  const tookMs = performance.now() - startedMs;
  const output = new TextDecoder().decode(stdout);
  const failed = COUNTED.exec(output)?.[1];
  const result = { file, failedNextToOthers: false, tookMs };
  if (code === 0 && failed === "0") return { ...result, passed: true, output };
  // Tests that failed are counted already; whatever else ends a file before its time counts as one.
  const why = limit.aborted ? `it did not end within ${limitMs / 1000} s` : `it ended with ${code}`;
  const counted = Number(failed) > 0 ? "" : `\nFAILED | 0 passed | 1 failed (${file}: ${why})\n`;
  return { ...result, passed: false, output: output + counted };
}
