/**
 * Checks whether the API answers: a client without a token asks all the time.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

/** One request. Times in milliseconds, the first since the epoch (see `clockMs()`). */
export interface ApiAsked {
  readonly askedAtMs: number;
  readonly tookMs: number;
  readonly answered: boolean;
}

const EVERY_MS = 20;
const TIMEOUT_MS = 1000;

export class ApiWatch {
  readonly #process: LabProcess;
  readonly #asked: ApiAsked[] = [];

  private constructor(process: LabProcess) {
    this.#process = process;
    process.onLine((line) => {
      if (line.startsWith("{")) this.#asked.push(JSON.parse(line));
    });
  }

  /** Starts asking the API on port 9112 of the host's loopback, from there. */
  static start(host: LabHost): ApiWatch {
    return new ApiWatch(host.start("API watch", [
      ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-net"],
      new URL("api_watch_process.ts", import.meta.url).pathname,
      ...["127.0.0.1", "9112", String(EVERY_MS), String(TIMEOUT_MS)],
    ]));
  }

  /**
   * How long after a moment the first request that was sent after it was answered, in milliseconds.
   *
   * @returns `Infinity` if none was within `limitMs`.
   */
  async backAfterMs(fromMs: number, limitMs: number): Promise<number> {
    const answer = () => this.#asked.find((it) => it.answered && it.askedAtMs >= fromMs);
    const known = () => answer() ?? this.#asked.some((it) => it.askedAtMs >= fromMs + limitMs);
    await waitFor("a question to the API", known, {
      timeoutMs: limitMs + 2 * TIMEOUT_MS + 5000,
      everyMs: 10,
      explain: () => this.#process.lastLines.slice(-3).join("\n"),
    });
    const first = answer();
    return first === undefined ? Infinity : first.askedAtMs + first.tookMs - fromMs;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
