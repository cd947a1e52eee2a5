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
  readonly #checks: Map<string, RunningCheck>;
  readonly #make: (config: CheckConfig) => RunningCheck;

  /** `changed` is called after a check's verdict turned, first results included. */
  constructor(
    configs: readonly CheckConfig[],
    host: Host,
    journal: Journal,
    changed: (name: string) => void,
  ) {
    this.#make = (config) => new RunningCheck(config, host, journal, changed);
    this.#checks = new Map(configs.map((config) => [config.name, this.#make(config)]));
  }

  start(): void {
    for (const check of this.#checks.values()) check.start();
  }

  stop(): void {
    for (const check of this.#checks.values()) check.stop();
  }

  /** Runs a check that is new, or one of this name in another way; its verdict stands until its first result. */
  run(config: CheckConfig): void {
    const running = this.#checks.get(config.name);
    if (running) return running.reconfigure(config);
    const check = this.#make(config);
    this.#checks.set(config.name, check);
    check.start();
  }

  /** Ends every check but these, and brings them in this order. */
  retain(names: readonly string[]): void {
    const kept = new Map(this.#checks);
    this.#checks.clear();
    for (const name of names) this.#checks.set(name, kept.get(name)!);
    for (const [name, check] of kept) if (!this.#checks.has(name)) check.stop();
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
  #config: CheckConfig;
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #changed: (name: string) => void;
  #tally: CheckTally;
  #prober: Prober | null = null;
  /** Counts probers: what an earlier one still reports is not heeded. */
  #run = 0;
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
    const run = ++this.#run;
    this.#prober = this.#host.openProber(this.#config, (result) => {
      if (run === this.#run) this.#record(result);
    });
    this.#probeEvery(this.#host.nowMs());
  }

  stop(): void {
    this.#cancelTimer();
    this.#prober?.close();
    this.#prober = null;
  }

  reconfigure(config: CheckConfig): void {
    this.stop();
    this.#config = config;
    this.#tally = new CheckTally(config, this.verdict);
    this.start();
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
