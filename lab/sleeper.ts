/**
 * How late is a program that only sleeps? The machine delays every other program as much.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

/** A sleep that took too long: when it ended, in milliseconds since the epoch, and by how much it was late. */
export interface Oversleep {
  readonly atMs: number;
  readonly lateMs: number;
}

export class Sleeper {
  readonly #oversleeps: Oversleep[] = [];

  private constructor(process: LabProcess) {
    process.onLine((line) => {
      if (line.startsWith("{")) this.#oversleeps.push(JSON.parse(line));
    });
  }

  /** Starts one on the host; resolves when it sleeps. */
  static async start(host: LabHost): Promise<Sleeper> {
    const process = host.start("sleeper", [
      ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"],
      new URL("sleeper_process.ts", import.meta.url).pathname,
    ]);
    const sleeper = new Sleeper(process);
    await waitFor("the sleeper", () => sleeper.#oversleeps.length > 0, {
      timeoutMs: 15_000,
      explain: () => process.lastLines.join("\n"),
    });
    return sleeper;
  }

  /** Its greatest delay between two moments, in milliseconds. */
  worstMs(fromMs: number, untilMs: number): number {
    return this.#oversleeps
      .filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs)
      .reduce((worst, { lateMs }) => Math.max(worst, lateMs), 0);
  }
}
