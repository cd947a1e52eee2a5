/** The breaks of one room, and the processes that work on them. */

import type { Bench } from "./bench.ts";
import { coverageOf, loadAll } from "./coverage.ts";
import type { Patience } from "./patience.ts";
import type { Result } from "./result.ts";
import type { Switched } from "./switches.ts";
import { Trial } from "./trial.ts";
import { WarmBench } from "./warm_bench.ts";

export interface RoomRunOptions {
  readonly sites: readonly Switched[];
  /** The test files that may notice a break of this file, the most likely first. */
  readonly filesOf: (file: string) => readonly string[];
  /** Starts a process in which this break is there from the beginning. */
  readonly start: (number: number | null) => Promise<Bench>;
  /** Tries each break again in a process of its own. */
  readonly check: boolean;
  /** What a test may take that takes so long without a break. */
  readonly patienceOf: (tookMs: number) => Patience;
}

export class RoomRun {
  readonly #options: RoomRunOptions;
  readonly #files: readonly string[];
  readonly #open: Switched[];
  #trial: Promise<Trial> | undefined;

  constructor(options: RoomRunOptions) {
    const { sites, filesOf } = options;
    this.#options = options;
    this.#open = [...sites];
    this.#files = [...new Set(sites.flatMap(({ site }) => filesOf(site.file)))];
  }

  /** How many breaks nobody has begun with. */
  get size(): number {
    return this.#open.length;
  }

  get isBegun(): boolean {
    return this.#trial !== undefined;
  }

  /** Tries what is open, one after the other, until nothing is; several may work at the same time. */
  async work(add: (result: Result) => void): Promise<void> {
    const { start } = this.#options;
    const warm = new WarmBench(async () => {
      const bench = await start(null);
      await loadAll(bench, this.#files);
      return bench;
    });
    const trial = await (this.#trial ??= this.#prepared());
    for (let next = this.#open.shift(); next !== undefined; next = this.#open.shift()) {
      add(await this.#tried(trial, warm, next));
    }
    await warm.end();
  }

  async #tried(trial: Trial, warm: WarmBench, next: Switched): Promise<Result> {
    const startMs = performance.now();
    const first = await trial.judge(warm, next);
    const verdict = this.#options.check ? await trial.judgeAlone(next) : first;
    const before = verdict.outcome === first.outcome ? {} : { before: first.outcome };
    const durationMs = performance.now() - startMs;
    return { site: next.site, ...verdict, ...before, durationMs };
  }

  async #prepared(): Promise<Trial> {
    const { start, filesOf, patienceOf } = this.#options;
    const bench = await start(null);
    const coverage = await coverageOf(bench, this.#files);
    await bench.end();
    return new Trial({ coverage, filesOf, startWith: start, patienceOf });
  }
}
