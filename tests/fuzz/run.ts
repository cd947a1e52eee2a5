/**
 * Runs a target in a thread of its own, watched from this one: an input on which a parser never comes back is found
 * out too.
 *
 * @module
 */

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

/** An input that is not done after this long hangs. */
const HANG_MS = 20_000;
const LOOK_MS = 1000;

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
  let [last, sinceMs] = [-1, startedMs];
  const watch = setInterval(() => {
    const now = Atomics.load(done, 0);
    options.onProgress?.(now);
    if (now !== last) [last, sinceMs] = [now, performance.now()];
    else if (performance.now() - sinceMs > HANG_MS) {
      const problem = `it takes more than ${HANG_MS / 1000} s`;
      const finding = { input: from + now, problem, shown: null };
      ended.resolve({ finding, outcomes: {}, slowest: null, growthOctets: null });
    }
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
