/**
 * A client that never stops sending requests: the judge of every takeover.
 *
 * @module
 */

import { type ClientRecord, type ClientReport, summarize } from "./client_record.ts";
import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { clockMs, waitFor } from "./wait.ts";

export interface ClientOptions {
  /** The address that it sends requests to. */
  readonly address: string;
  /** New connections a second. @default {50} */
  readonly rate?: number;
  /** A request without an answer after this long has failed, in milliseconds. @default {1000} */
  readonly timeoutMs?: number;
}

/** A running client. */
export class SteadyClient {
  readonly #process: LabProcess;
  readonly #records: ClientRecord[] = [];
  #completeUntilMs = 0;

  private constructor(process: LabProcess) {
    this.#process = process;
    process.onLine((line) => this.#take(line));
  }

  /** Starts sending requests from inside `host`. */
  static start(host: LabHost, options: ClientOptions): SteadyClient {
    return new SteadyClient(host.start("client", [
      ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-net"],
      new URL("client_process.ts", import.meta.url).pathname,
      ...[options.address, String(options.rate ?? 50), String(options.timeoutMs ?? 1000)],
    ]));
  }

  /** Waits for the first good answer to a request that was sent from now on; milliseconds since the epoch. */
  async answered(timeoutMs: number): Promise<number> {
    const fromMs = clockMs();
    const good = () => this.#records.find((it) => it.answer !== null && it.sentAtMs >= fromMs);
    const first = await waitFor("an answer from the virtual address", good, {
      timeoutMs,
      explain: () => this.#process.lastLines.slice(-3).join("\n"),
    });
    return first.sentAtMs + first.tookMs;
  }

  /** The client's report on a span of time; waits for the requests that are still open. */
  async between(fromMs: number, untilMs: number): Promise<ClientReport> {
    await this.#complete(untilMs);
    return summarize(this.#records, fromMs, untilMs);
  }

  /** The requests sent in a span of time, oldest first; waits for those that are still open. */
  async records(fromMs: number, untilMs: number): Promise<ClientRecord[]> {
    await this.#complete(untilMs);
    return this.#records
      .filter((it) => it.sentAtMs >= fromMs && it.sentAtMs < untilMs)
      .sort((a, b) => a.sentAtMs - b.sentAtMs);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async #complete(untilMs: number): Promise<void> {
    await waitFor("the client's open requests", () => this.#completeUntilMs >= untilMs, {
      timeoutMs: 10_000,
    });
  }

  #take(line: string): void {
    if (!line.startsWith("{")) return;
    const record = JSON.parse(line) as ClientRecord;
    this.#records.push(record);
    this.#completeUntilMs = Math.max(this.#completeUntilMs, record.completeUntilMs);
  }
}
