/**
 * What the tests say of a break: first in a process in which other breaks were tried before, which costs next to
 * nothing; and wherever that process may remember them, in one of its own.
 *
 * @module
 */

import type { Bench, Reply } from "./bench.ts";
import { type Coverage, type KnownTest, labelOf } from "./coverage.ts";
import type { Patience } from "./patience.ts";
import type { Verdict } from "./result.ts";
import { roomOf } from "./rooms.ts";
import type { Switched } from "./switches.ts";
import type { WarmBench } from "./warm_bench.ts";

/** What trials need of the room. */
export interface TrialOptions {
  readonly coverage: Coverage;
  /** The test files that may notice a break of this file, the most likely first. */
  readonly filesOf: (file: string) => readonly string[];
  /** Starts a process in which this break is there from the beginning. */
  readonly startWith: (number: number) => Promise<Bench>;
  /** What a test may take that takes so long without a break. */
  readonly patienceOf: (tookMs: number) => Patience;
}

const SURVIVED: Verdict = { outcome: "survived", noticedBy: null };

/** The trials of a room's breaks. */
export class Trial {
  readonly #coverage: Coverage;
  readonly #filesOf: TrialOptions["filesOf"];
  readonly #startWith: TrialOptions["startWith"];
  readonly #patienceOf: TrialOptions["patienceOf"];
  /** The tests that have noticed breaks of a function: the next break of it is likely theirs too. */
  readonly #noticing = new Map<string, Set<KnownTest>>();

  constructor({ coverage, filesOf, startWith, patienceOf }: TrialOptions) {
    this.#coverage = coverage;
    this.#filesOf = filesOf;
    this.#startWith = startWith;
    this.#patienceOf = patienceOf;
  }

  /** Tries a break. Only what a process says that other breaks cannot have changed counts. */
  async judge(warm: WarmBench, { site, number }: Switched): Promise<Verdict> {
    const tests = this.#testsOf({ site, number });
    const quick = await this.#among(warm, number, tests);
    if (quick !== null) {
      this.#remember(site, quick);
      return { outcome: "failed", noticedBy: labelOf(quick) };
    }
    return await this.judgeAlone({ site, number });
  }

  /** Tries a break in a process of its own. */
  async judgeAlone({ site, number }: Switched): Promise<Verdict> {
    const isLoaded = this.#coverage.whileLoading.has(number);
    // A value that is made while files are loaded makes a difference wherever it is used.
    const tests = isLoaded
      ? this.#coverage.tests.filter(({ file }) => this.#filesOf(site.file).includes(file))
      : this.#testsOf({ site, number });
    if (tests.length === 0) return SURVIVED;
    const files = isLoaded ? this.#filesOf(site.file) : [...new Set(tests.map(({ file }) => file))];
    const bench = await this.#startWith(number);
    try {
      return await this.#alone(bench, number, files, tests);
    } finally {
      await bench.end();
    }
  }

  /**
   * The test that notices in a process where others were tried. `null`: there is none, or the process remembers something,
   * so that it does not fail and pass as the break comes and goes.
   */
  async #among(
    warm: WarmBench,
    number: number,
    tests: readonly KnownTest[],
  ): Promise<KnownTest | null> {
    for (const test of tests) {
      const bench = await warm.bench();
      const passes = async (tried: number | null) =>
        isPassed(await bench.test(test, tried, this.#patienceOf(test.tookMs)));
      if (await passes(number)) continue;
      if (!bench.isGone && await passes(null) && !await passes(number)) return test;
      await warm.end();
      return null;
    }
    return null;
  }

  /** The tests that reach a break, in the order in which they are tried. */
  #testsOf({ site, number }: Switched): KnownTest[] {
    const files = new Set(this.#filesOf(site.file));
    const noticing = this.#noticing.get(functionKey(site));
    const rank = (test: KnownTest) =>
      noticing?.has(test) ? 0 : roomOf(test.file) === roomOf(site.file) ? 1 : 2;
    return this.#coverage.tests
      .filter((test) => files.has(test.file) && test.reached.has(number))
      .sort((a, b) => rank(a) - rank(b) || a.tookMs - b.tookMs);
  }

  /** Loads file after file, and runs those of the tests that are in it. */
  async #alone(
    bench: Bench,
    number: number,
    files: readonly string[],
    tests: readonly KnownTest[],
  ): Promise<Verdict> {
    for (const file of files) {
      const loaded = await bench.load(file);
      if (!isPassed(loaded)) return noticed(loaded, file);
      for (const test of tests.filter((test) => test.file === file)) {
        const reply = await bench.test(test, number, this.#patienceOf(test.tookMs));
        if (!isPassed(reply)) return noticed(reply, labelOf(test));
      }
    }
    return SURVIVED;
  }

  #remember(site: Switched["site"], test: KnownTest): void {
    const noticing = this.#noticing.getOrInsertComputed(functionKey(site), () => new Set());
    noticing.add(test);
  }
}

function noticed({ kind }: Reply, noticedBy: string): Verdict {
  return { outcome: kind === "endless" ? "endless" : "failed", noticedBy };
}

function isPassed(reply: Reply): boolean {
  return reply.kind === "answer" && reply.answer.problem === null;
}

function functionKey({ file, function: around }: Switched["site"]): string {
  return `${file} ${around}`;
}
