/** How long one order may take in the process in which tests run. */

/** What an order may use of the processor, and for how long it may wait for what is to come. */
export interface Patience {
  readonly processorMs: number;
  readonly waitMs: number;
}

/** What a process has used at a moment. */
export interface Used {
  readonly processorMs: number;
  readonly elapsedMs: number;
  /** For how long the machine kept it from running: that time is not its own. */
  readonly starvedMs: number;
}

/** What loading a file may take: the first one loads most of a room. */
export const LOADING: Patience = { processorMs: 30_000, waitMs: 60_000 };

/** What a test may take of which nobody knows yet how long it takes. */
export const FIRST_RUN: Patience = { processorMs: 900_000, waitMs: 120_000 };

/** A broken test may take several times what it took before. */
const TIMES = 10;
const AT_LEAST_MS = 5000;

/** What a test may take with a break, if it took so long without one. */
export function patienceAfter(tookMs: number): Patience {
  const most = AT_LEAST_MS + TIMES * tookMs;
  return { processorMs: most, waitMs: most };
}

/** Whether an order has had its time. */
export function isOver({ processorMs, waitMs }: Patience, before: Used, now: Used): boolean {
  const computedMs = now.processorMs - before.processorMs;
  const starvedMs = now.starvedMs - before.starvedMs;
  return computedMs > processorMs ||
    now.elapsedMs - before.elapsedMs - starvedMs - computedMs > waitMs;
}
