/**
 * One input of a run: found by its number, given to its parser, and judged.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { seededRandom } from "../../src/sim/random.ts";
import type { Attempt, FuzzTarget } from "./target.ts";

/** An input may take so long: a machine that does other things too, and then some. */
const SLOW_MS = 1000;

/** Input `input` of a seed, which does not depend on those before it. */
export function attemptOf(target: FuzzTarget, seed: number, input: number): Attempt {
  return target.prepare(seededRandom(Math.imul(seed, 0x9e3779b1) + input));
}

/** What came of it in a word and how long it took, or what went wrong. */
export type Outcome = { readonly word: string; readonly tookMs: number } | {
  readonly problem: string;
};

/** The processor's time of this process until now, in milliseconds. */
export function processorMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** `slowestMs`: one that takes longer runs again, and the processor's time of that run counts. */
export async function outcomeOf(
  attempt: Attempt,
  slowestMs = SLOW_MS,
  processor = processorMs,
): Promise<Outcome> {
  const startedMs = performance.now();
  try {
    const word = await attempt.run();
    const firstMs = performance.now() - startedMs;
    if (firstMs <= slowestMs) return { word, tookMs: firstMs };
    // By the processor's time: a thread that got no processor is not slow by itself.
    const beforeMs = processor();
    await attempt.run();
    const tookMs = processor() - beforeMs;
    return tookMs <= SLOW_MS ? { word, tookMs } : { problem: `it takes ${tookMs.toFixed(0)} ms` };
  } catch (error) {
    return { problem: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}
