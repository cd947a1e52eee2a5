/**
 * The thread in which a target runs.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { attemptOf, outcomeOf } from "./attempt.ts";
import type { Finding, WorkerAnswer, WorkerOrder } from "./run.ts";
import type { FuzzTarget } from "./target.ts";
import { TARGETS } from "./targets.ts";

/** After this share of the inputs whatever is made once has been made, such as compiled code. */
const WARM_UP = 0.1;

self.onmessage = async ({ data }: MessageEvent<WorkerOrder>) => {
  const target = TARGETS.find(({ name }) => name === data.target);
  if (target === undefined) throw new RangeError(`There is no target "${data.target}"`);
  self.postMessage(await fuzz(target, data));
};

async function fuzz(target: FuzzTarget, order: WorkerOrder): Promise<WorkerAnswer> {
  const { seed, from, inputs } = order;
  const done = new Int32Array(order.progress);
  const outcomes: Record<string, number> = {};
  let warmOctets: number | null = null;
  let finding: Finding | null = null;
  let slowest = { input: from, tookMs: 0 };
  for (let at = 0; at < inputs && finding === null; at++) {
    const attempt = attemptOf(target, seed, from + at);
    const outcome = await outcomeOf(attempt, slowest.tookMs);
    if ("problem" in outcome) {
      finding = { input: from + at, problem: outcome.problem, shown: attempt.show() };
    } else {
      outcomes[outcome.word] = (outcomes[outcome.word] ?? 0) + 1;
      const { tookMs } = outcome;
      if (tookMs > slowest.tookMs) slowest = { input: from + at, tookMs };
    }
    Atomics.store(done, 0, at + 1);
    if (at === Math.floor(inputs * WARM_UP)) warmOctets = usedOctets();
  }
  const used = usedOctets();
  return {
    finding,
    outcomes,
    slowest,
    growthOctets: warmOctets === null || used === null ? null : used - warmOctets,
  };
}

/** Memory in use without the garbage; `null` where the collector cannot be called (`--v8-flags=--expose-gc`). */
function usedOctets(): number | null {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (gc === undefined) return null;
  gc();
  return Deno.memoryUsage().heapUsed;
}
