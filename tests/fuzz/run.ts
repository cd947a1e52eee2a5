/**
 * Runs a target in a thread of its own, watched from this one: an input on which a parser never comes back is found
 * out too.
 *
 * @module
 */

import { processorMs } from "./attempt.ts";
import type { FuzzTarget } from "./target.ts";

/** What a run is made of. */
export interface RunOptions {
  readonly seed: number;
  /** The number of the first input; input N of a seed is the same in every run. @default {0} */
  readonly from?: number;
  readonly inputs: number;
  /** Told now and then how many inputs are done. */
  readonly onProgress?: (done: number) => void;
}

/** What went wrong, and with which input. */
export interface Finding {
  readonly input: number;
  readonly problem: string;
  /** The input itself, where it is known. */
  readonly shown: string | null;
}

/** What came of a run. */
export interface RunResult {
  /** Inputs done, that with the finding included. */
  readonly done: number;
  readonly tookMs: number;
  readonly finding: Finding | null;
  /** What came of the inputs -> how many. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The input that took longest; `null` if the run did not come to its end. */
  readonly slowest: { readonly input: number; readonly tookMs: number } | null;
  /** By how much the memory in use grew after the first tenth, in octets; `null` where that cannot be told. */
  readonly growthOctets: number | null;
}

/** What the thread is told. */
export interface WorkerOrder {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly inputs: number;
  /** The number of inputs done, as a 32-bit word that both threads see. */
  readonly progress: SharedArrayBuffer;
}

/** What the thread answers in the end. */
export type WorkerAnswer = Omit<RunResult, "done" | "tookMs">;

/** An input that is not done after so much of the processor's time hangs. */
const HANG_MS = 20_000;
/** One that waits for something uses none: it hangs after this long, in which also a busy machine gives it some. */
const WAIT_MS = 600_000;
const LOOK_MS = 1000;

/** The times at which a thread got on. */
export class HangWatch {
  #done = -1;
  #since = { processorMs: 0, nowMs: 0 };

  /** What is wrong with the input after the first `done`; `null` if it may still take its time. */
  look(done: number, now: { readonly processorMs: number; readonly nowMs: number }): string | null {
    if (done !== this.#done) {
      this.#done = done;
      this.#since = now;
      return null;
    }
    if (now.processorMs - this.#since.processorMs > HANG_MS) {
      return `it takes more than ${HANG_MS / 1000} s of the processor's time`;
    }
    return now.nowMs - this.#since.nowMs > WAIT_MS
      ? `it takes more than ${WAIT_MS / 1000} s`
      : null;
  }
}

/** Gives `options.inputs` inputs to a target; ends early with the first finding. */
export async function run(target: FuzzTarget, options: RunOptions): Promise<RunResult> {
  const { seed, from = 0, inputs } = options;
  const progress = new SharedArrayBuffer(4);
  const done = new Int32Array(progress);
  const startedMs = performance.now();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const ended = Promise.withResolvers<WorkerAnswer>();
  worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => ended.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    ended.reject(new Error(`The thread of ${target.name} ended: ${event.message}`));
  };
  const hangs = new HangWatch();
  const watch = setInterval(() => {
    const now = Atomics.load(done, 0);
    options.onProgress?.(now);
    const times = { processorMs: processorMs(), nowMs: performance.now() };
    const problem = hangs.look(now, times);
    if (problem === null) return;
    const finding = { input: from + now, problem, shown: null };
    ended.resolve({ finding, outcomes: {}, slowest: null, growthOctets: null });
  }, LOOK_MS);
  try {
    const order: WorkerOrder = { target: target.name, seed, from, inputs, progress };
    worker.postMessage(order);
    const answer = await ended.promise;
    return { ...answer, done: Atomics.load(done, 0), tookMs: performance.now() - startedMs };
  } finally {
    clearInterval(watch);
    worker.terminate();
  }
}
