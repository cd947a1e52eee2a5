/**
 * Runs the configured checks: when each is probed, what its results add up to, who is told.
 *
 * @module
 */

import type { CheckConfig } from "../health/check_config.ts";
import { CheckTally, type CheckVerdict, type Prober, type ProbeResult } from "../health/check.ts";
import type { CancelTimer, Host } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { CheckStatus } from "./status.ts";

/** All checks of a load balancer, by name. */
export class Checks {
  readonly #checks: ReadonlyMap<string, RunningCheck>;

  /** `changed` is called after a check's verdict turned, first results included. */
  constructor(
    configs: readonly CheckConfig[],
    host: Host,
    journal: Journal,
    changed: (name: string) => void,
  ) {
    this.#checks = new Map(
      configs.map((config) => [config.name, new RunningCheck(config, host, journal, changed)]),
    );
  }

  start(): void {
    for (const check of this.#checks.values()) check.start();
  }

  stop(): void {
    for (const check of this.#checks.values()) check.stop();
  }

  /** A check that does not exist is never well. */
  verdict(name: string): CheckVerdict {
    return this.#checks.get(name)?.verdict ?? "down";
  }

  /** The last result's line for a person, empty before the first. */
  detail(name: string): string {
    return this.#checks.get(name)?.detail ?? "";
  }

  status(): CheckStatus[] {
    return Array.from(this.#checks.values(), (check) => check.status());
  }
}

class RunningCheck {
  readonly #config: CheckConfig;
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #changed: (name: string) => void;
  readonly #tally: CheckTally;
  #prober: Prober | null = null;
  #cancelTimer: CancelTimer = () => {};
  #sinceMs: number | null = null;
  #last: { readonly result: ProbeResult; readonly atMs: number } | null = null;

  constructor(
    config: CheckConfig,
    host: Host,
    journal: Journal,
    changed: (name: string) => void,
  ) {
    this.#config = config;
    this.#host = host;
    this.#journal = journal;
    this.#changed = changed;
    this.#tally = new CheckTally(config);
  }

  get verdict(): CheckVerdict {
    return this.#tally.verdict;
  }

  get detail(): string {
    return this.#last?.result.detail ?? "";
  }

  start(): void {
    this.#prober = this.#host.openProber(this.#config, (result) => this.#record(result));
    this.#probeEvery(this.#host.nowMs());
  }

  stop(): void {
    this.#cancelTimer();
    this.#prober?.close();
    this.#prober = null;
  }

  #probeEvery(atMs: number): void {
    this.#prober?.probe();
    // From the planned time, so that the cadence does not drift; from now after a long sleep.
    const nextMs = Math.max(atMs + this.#config.intervalMs, this.#host.nowMs());
    this.#cancelTimer = this.#host.setTimer(nextMs, () => this.#probeEvery(nextMs));
  }

  #record(result: ProbeResult): void {
    if (!this.#prober) return;
    const before = this.#tally.verdict;
    const atMs = this.#host.wallClockMs();
    this.#last = { result, atMs };
    if (!this.#tally.record(result)) return;
    this.#sinceMs = atMs;
    const { name } = this.#config;
    const verdict = this.#tally.verdict;
    const severity = verdict === "down" ? "warning" : before === "unknown" ? "info" : "notice";
    const message = `check ${name} is ${verdict}: ${result.detail}`;
    this.#journal.record(severity, "check_changed", message, name);
    this.#changed(name);
  }

  status(): CheckStatus {
    const last = this.#last;
    return {
      name: this.#config.name,
      type: this.#config.type,
      state: this.verdict,
      since: this.#sinceMs === null ? null : new Date(this.#sinceMs).toISOString(),
      last: last && {
        ok: last.result.ok,
        at: new Date(last.atMs).toISOString(),
        detail: last.result.detail,
        took_ms: Math.round(last.result.tookMs * 10) / 10,
      },
    };
  }
}
