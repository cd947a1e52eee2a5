/** Which tests reach which breaks: only those can notice them. */

import type { Bench, Reply } from "./bench.ts";
import type { Answer, TestName } from "./messages.ts";
import { FIRST_RUN } from "./patience.ts";

/** A test as it is without any break. */
export interface KnownTest extends TestName {
  readonly tookMs: number;
  /** The breaks that it reaches while it runs. */
  readonly reached: ReadonlySet<number>;
}

export interface Coverage {
  readonly tests: readonly KnownTest[];
  /** The breaks that are reached while the tests are loaded. */
  readonly whileLoading: ReadonlySet<number>;
}

/** Loads these test files. @throws {Error} if one cannot be loaded */
export async function loadAll(bench: Bench, files: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const file of files) answers.push(passed(await bench.load(file), file));
  return answers;
}

/** Runs the tests of these files, of which none is loaded yet. @throws {Error} if one fails: it says nothing then */
export async function coverageOf(bench: Bench, files: readonly string[]): Promise<Coverage> {
  const answers = await loadAll(bench, files);
  const tests: KnownTest[] = [];
  for (const test of answers.flatMap((answer) => answer.tests)) {
    const startMs = performance.now();
    const { reached } = passed(await bench.test(test, null, FIRST_RUN), labelOf(test));
    tests.push({ ...test, tookMs: performance.now() - startMs, reached: new Set(reached) });
  }
  return { tests, whileLoading: new Set(answers.flatMap(({ reached }) => reached)) };
}

/** A test as a person looks for it. */
export function labelOf({ file, name }: TestName): string {
  return `${file}: ${name}`;
}

function passed(reply: Reply, label: string): Answer {
  if (reply.kind === "answer" && reply.answer.problem === null) return reply.answer;
  const problem = reply.kind === "answer" ? reply.answer.problem : reply.kind;
  throw new Error(`without any break, ${label}: ${problem}`);
}
