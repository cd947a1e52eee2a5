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
  /** It answered, and its engine behind it: with status 200. */
  readonly answered: boolean;
}

/** An address on which an API listens; its certificate may be any. */
export interface ApiPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

const LOOPBACK: ApiPlace = { host: "127.0.0.1", port: 9112, tls: false };

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

  /** Starts asking an API from the host; by default that on port 9112 of its own loopback. */
  static start(host: LabHost, { host: address, port, tls } = LOOPBACK): ApiWatch {
    return new ApiWatch(host.start("API watch", [
      ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-net"],
      "--unsafely-ignore-certificate-errors",
      new URL("api_watch_process.ts", import.meta.url).pathname,
      ...[tls ? "https" : "http", address, ...[port, EVERY_MS, TIMEOUT_MS].map(String)],
    ]));
  }

  /** How many of the requests that were sent in a span of time were answered, and how many there were. */
  between(fromMs: number, untilMs: number): { readonly asked: number; readonly answered: number } {
    const sent = this.#asked.filter(({ askedAtMs }) => askedAtMs >= fromMs && askedAtMs < untilMs);
    return { asked: sent.length, answered: sent.filter(({ answered }) => answered).length };
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
