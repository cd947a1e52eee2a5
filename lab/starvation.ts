/**
 * Whether a busy machine kept processes from running: what they did then says little about them.
 *
 * @module
 */

import { saysEnded } from "./process.ts";
import { family } from "./usage.ts";
import { clockMs } from "./wait.ts";

/** In a second without load it is a few milliseconds. */
const STARVED_FROM_MS = 200;
const WINDOW_MS = 1000;
const LOOK_EVERY_MS = 50;
/** A process that is started again has another id. */
const FAMILY_EVERY_MS = 1000;

/** How long each process has waited for a processor since it began, in milliseconds, by its id. */
export type Waits = ReadonlyMap<number, number>;

/**
 * Judges looks at some processes: they starve while one of them waits for a processor, ready to run, for a fifth of a
 * second or more within a second.
 */
export class Starvation {
  #looks: { readonly atMs: number; readonly waits: Waits }[] = [];
  #lastMs = -Infinity;
  #totalMs = 0;

  /** When they last starved, in milliseconds; `-Infinity` if they never did. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** For how long they starved until now, in milliseconds. */
  get totalMs(): number {
    return this.#totalMs;
  }

  look(atMs: number, waits: Waits): void {
    // The first one is the last before the window, so that a late look sees all of a long wait.
    while (this.#looks.length > 1 && this.#looks[1]!.atMs <= atMs - WINDOW_MS) this.#looks.shift();
    const first = this.#looks[0];
    if (first !== undefined && longestWaitMs(first.waits, waits) >= STARVED_FROM_MS) {
      this.#totalMs += atMs - Math.max(this.#lastMs, first.atMs);
      this.#lastMs = atMs;
    }
    this.#looks.push({ atMs, waits });
  }
}

/** A process that is new has waited since it began. */
function longestWaitMs(before: Waits, now: Waits): number {
  return Math.max(0, ...now.entries().map(([pid, ms]) => ms - (before.get(pid) ?? 0)));
}

/** Looks at processes and their descendants again and again, until it is disposed of. */
export class StarvationWatch implements Disposable {
  readonly #roots: readonly number[];
  readonly #starvation = new Starvation();
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #pids: readonly number[];

  constructor(roots: readonly number[]) {
    this.#roots = roots;
    this.#pids = roots;
    this.#timers = [
      setInterval(() => this.now(), LOOK_EVERY_MS),
      setInterval(() => this.#findFamilies(), FAMILY_EVERY_MS),
    ];
  }

  /** The processes' starvation until this moment. */
  now(): Pick<Starvation, "lastMs" | "totalMs"> {
    const waits = this.#pids.map((pid) => [pid, processorWaitMs(pid)] as const);
    this.#starvation.look(clockMs(), new Map(waits));
    return this.#starvation;
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #findFamilies(): Promise<void> {
    this.#pids = (await Promise.all(this.#roots.map(family))).flat();
  }
}

/**
 * How long a process's main thread has waited for a processor since it began, in milliseconds: the second number of
 * /proc/PID/schedstat (sched-stats.rst of Linux), which is in nanoseconds; 0 if it has ended.
 */
export function processorWaitMs(pid: number): number {
  return waitMs(`/proc/${pid}/schedstat`);
}

/** The same of the thread that has waited longest: the main thread of a test runner sleeps while another one works. */
export function longestThreadWaitMs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  try {
    return Math.max(
      0,
      ...Array.from(Deno.readDirSync(tasks), ({ name }) => waitMs(`${tasks}/${name}/schedstat`)),
    );
  } catch (error) {
    if (saysEnded(error)) return 0;
    throw error;
  }
}

function waitMs(path: string): number {
  try {
    return Number(Deno.readTextFileSync(path).split(" ")[1]) / 1e6;
  } catch (error) {
    if (saysEnded(error)) return 0;
    throw error;
  }
}
