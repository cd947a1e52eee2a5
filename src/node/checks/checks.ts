/**
 * The configured checks of a load balancer, by name.
 *
 * @module
 */

import type { CheckVerdict } from "../../health/check.ts";
import type { CheckConfig } from "../../health/check_config.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import type { CheckStatus } from "../../status/status.ts";
import type { Alarms } from "../journal/alarms.ts";
import { CertificateAlarm } from "./certificate_alarm.ts";
import { RunningCheck } from "./running_check.ts";

/** All checks of a load balancer, by name. */
export class Checks {
  readonly #checks: Map<string, RunningCheck>;
  readonly #make: (config: CheckConfig) => RunningCheck;

  /** `changed` is called after a check's verdict turned, first results included, or the number of its file changed. */
  constructor(
    configs: readonly CheckConfig[],
    host: Host,
    journal: Journal,
    alarms: Alarms,
    changed: (name: string) => void,
  ) {
    const certificates = new CertificateAlarm(host, alarms);
    this.#make = (config) => new RunningCheck(config, host, journal, certificates, changed);
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

  /** The number in the file of a file check: 0 while that cannot be read; `null` for every other check. */
  number(name: string): number | null {
    return this.#checks.get(name)?.number ?? null;
  }

  /** The last result's line for a person, empty before the first. */
  detail(name: string): string {
    return this.#checks.get(name)?.detail ?? "";
  }

  /** Resolves when every check has a result of the way in which it runs now. */
  async known(): Promise<void> {
    await Promise.all(Array.from(this.#checks.values(), ({ known }) => known));
  }

  status(): CheckStatus[] {
    return Array.from(this.#checks.values(), (check) => check.status());
  }
}
