/**
 * Does an address answer? The prober asks every millisecond from another host, below any server behind the address.
 *
 * @module
 */

import type { Span } from "./holders.ts";
import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { PROBE_TIMEOUT_MS } from "./silence.ts";
import { clockMs, sleep, waitFor } from "./wait.ts";

/** The output of the prober's process. Times in milliseconds since the epoch, see `clockMs()`. */
export interface ProberLine {
  /** The silences that have ended since the last line. */
  readonly silences: readonly Span[];
  /** Every probe sent before this moment has been judged. */
  readonly judgedUntilMs: number;
  /** When the running silence began; `null` if the address answers. */
  readonly silentSinceMs: number | null;
  /** When the prober itself was delayed, since the last line. */
  readonly pauses: readonly Span[];
}

/** A prober that has not asked for this long was delayed: it sees a silence that began in that time too late. */
export const PAUSE_MS = 3;

/** A running prober. */
export class Prober {
  readonly #process: LabProcess;
  readonly #silences: Span[] = [];
  readonly #pauses: Span[] = [];
  #last: ProberLine | null = null;

  private constructor(process: LabProcess) {
    this.#process = process;
    process.onLine((text) => {
      if (!text.startsWith("{")) return;
      const line = JSON.parse(text) as ProberLine;
      this.#silences.push(...line.silences);
      this.#pauses.push(...line.pauses);
      this.#last = line;
    });
  }

  /** Starts to probe `address` from inside `host`; resolves when it has answered. */
  static async start(host: LabHost, address: string, everyMs = 1): Promise<Prober> {
    const prober = new Prober(host.start("prober", [
      // At the highest priority if permitted, because the beat is the measure.
      ...["nice", "-n", "-20", Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"],
      new URL("prober_process.ts", import.meta.url).pathname,
      ...[address, String(everyMs * 1000)],
    ]));
    await waitFor(`${address} to answer`, () => prober.#last?.silentSinceMs === null, {
      timeoutMs: 20_000,
      explain: () => prober.#process.lastLines.slice(-3).join("\n"),
    });
    return prober;
  }

  /** The spans in which the address did not answer, cut to `fromMs` and `untilMs`; waits for the last probe. */
  async silences(fromMs: number, untilMs: number): Promise<Span[]> {
    await sleep(untilMs + PROBE_TIMEOUT_MS - clockMs());
    await waitFor("the last probes", () => (this.#last?.judgedUntilMs ?? 0) >= untilMs, {
      timeoutMs: 10_000,
      everyMs: 10,
    });
    const running = this.#last?.silentSinceMs ?? null;
    const all = running === null
      ? this.#silences
      : [...this.#silences, { fromMs: running, untilMs: Infinity }];
    return within(all, fromMs, untilMs);
  }

  /** The longest time in a span in which the address did not answer, in milliseconds; 0 if it always did. */
  async longestSilenceMs(fromMs: number, untilMs: number): Promise<number> {
    return longest(await this.silences(fromMs, untilMs));
  }

  /** The longest time in a span, until now at most, in which the prober did not ask, in milliseconds. */
  longestPauseMs(fromMs: number, untilMs: number): number {
    return longest(within(this.#pauses, fromMs, untilMs));
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

/** The parts of `spans` between two moments. */
function within(spans: readonly Span[], fromMs: number, untilMs: number): Span[] {
  return spans
    .filter((it) => it.untilMs > fromMs && it.fromMs < untilMs)
    .map((it) => ({
      fromMs: Math.max(it.fromMs, fromMs),
      untilMs: Math.min(it.untilMs, untilMs),
    }));
}

function longest(spans: readonly Span[]): number {
  return Math.max(0, ...spans.map((it) => it.untilMs - it.fromMs));
}
