/**
 * Asks the virtual addresses that other nodes hold, as a client: each every two seconds, and sooner again after a
 * failure, never two at once.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { ClientTarget } from "../../config/client_target.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import { JoinedSignal } from "../../runtime/joined_signal.ts";
import {
  CLIENT_EVERY_MS,
  CLIENT_GAP_MS,
  CLIENT_RETRY_MS,
  CLIENT_TIMEOUT_MS,
  type ClientReport,
} from "../../status/reports/client_report.ts";
import { askAsClient } from "./client_question.ts";

export interface ClientAskerOptions {
  readonly report: (report: ClientReport) => void;
  readonly shutDown?: ShutDown | undefined;
}

interface Asked {
  readonly target: ClientTarget;
  /** Monotonic; `Infinity` while its question is not answered. */
  dueMs: number;
  readonly ended: AbortController;
}

export class ClientAsker {
  readonly #options: ClientAskerOptions;
  #targets: readonly ClientTarget[] = [];
  #instances: ReadonlySet<string> = new Set();
  #asked: readonly Asked[] = [];
  #lastMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ClientAskerOptions) {
    this.#options = options;
  }

  /** There are these targets from now on. */
  follow(targets: readonly ClientTarget[]): void {
    this.#targets = targets;
    this.#choose();
  }

  /** Asks for these instances from now on. */
  ask(instances: readonly string[]): void {
    this.#instances = new Set(instances);
    this.#choose();
  }

  close(): void {
    this.ask([]);
  }

  /** A check that is asked already continues in its turn. */
  #choose(): void {
    const before = this.#asked;
    this.#asked = this.#targets.filter(({ instance }) => this.#instances.has(instance)).map((
      target,
    ) =>
      before.find((asked) => isDeepStrictEqual(asked.target, target)) ??
        { target, dueMs: 0, ended: new AbortController() }
    );
    for (const asked of before) if (!this.#asked.includes(asked)) asked.ended.abort();
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const dueMs = Math.min(Infinity, ...this.#asked.map((asked) => asked.dueMs));
    if (dueMs === Infinity) return;
    const atMs = Math.max(dueMs, this.#lastMs + CLIENT_GAP_MS);
    this.#timer = setTimeout(() => this.#askNext(), Math.max(0, atMs - performance.now()));
  }

  /** The one that has waited longest. */
  #askNext(): void {
    const nowMs = performance.now();
    const [next] = this.#asked.toSorted((a, b) => a.dueMs - b.dueMs);
    if (next !== undefined && next.dueMs <= nowMs) {
      this.#lastMs = nowMs;
      void this.#askOne(next, nowMs);
    }
    this.#wait();
  }

  async #askOne(asked: Asked, startedMs: number): Promise<void> {
    asked.dueMs = Infinity;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), CLIENT_TIMEOUT_MS);
    using ends = new JoinedSignal(limit.signal, asked.ended.signal);
    const report = await askAsClient(asked.target, ends.signal, this.#options.shutDown);
    clearTimeout(timer);
    if (asked.ended.signal.aborted) return;
    asked.dueMs = Math.max(
      startedMs + (report.ok ? CLIENT_EVERY_MS : CLIENT_RETRY_MS),
      performance.now() + (report.ok ? 0 : CLIENT_RETRY_MS),
    );
    this.#options.report(report);
    this.#wait();
  }
}
