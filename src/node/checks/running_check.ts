/**
 * Runs one check: when it is probed, what its results lead to, who hears of them.
 *
 * @module
 */

import type { CheckVerdict, Prober, ProbeResult } from "../../health/check.ts";
import type { CheckConfig } from "../../health/check_config.ts";
import { type CheckEffect, type CheckEvent, CheckMachine } from "../../health/check_machine.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { Programs } from "../../host/programs.ts";
import type { Journal, Severity } from "../../status/journal.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";
import type { CheckStatus, RecoveryStatus } from "../../status/status.ts";
import type { CertificateAlarm } from "./certificate_alarm.ts";

export class RunningCheck {
  #config: CheckConfig;
  readonly #host: Clock & Programs;
  readonly #journal: Journal;
  readonly #changed: (name: string) => void;
  readonly #certificates: CertificateAlarm;
  #machine: CheckMachine;
  #prober: Prober | null = null;
  /** Counts probers: what an earlier one still reports is not heeded. */
  #run = 0;
  #cancelTimer: CancelTimer = () => {};
  #endRecovery: () => void = () => {};
  #sinceMs: number | null = null;
  #recoverySinceMs = 0;
  #last: { readonly result: ProbeResult; readonly atMs: number } | null = null;
  /** The number in a file when it was last read well. */
  #number = 0;
  /** The first result since the check began to run in this way. */
  #first = Promise.withResolvers<void>();

  /** `changed` is called with the check's name after its verdict turned, first results included, or its number changed. */
  constructor(
    config: CheckConfig,
    host: Clock & Programs,
    journal: Journal,
    certificates: CertificateAlarm,
    changed: (name: string) => void,
  ) {
    this.#config = config;
    this.#host = host;
    this.#journal = journal;
    this.#certificates = certificates;
    this.#changed = changed;
    this.#machine = new CheckMachine(config, config.onFail);
  }

  get verdict(): CheckVerdict {
    return this.#machine.verdict;
  }

  /** The last result's line for a person, empty before the first. */
  get detail(): string {
    return this.#last?.result.detail ?? "";
  }

  /** The number in the file of a file check: 0 while that cannot be read; `null` for every other check. */
  get number(): number | null {
    if (this.#config.type !== "file") return null;
    return this.verdict === "up" ? this.#number : 0;
  }

  /** Resolves with the first result of the check as it is configured now, or when it ends without one. */
  get known(): Promise<void> {
    return this.#first.promise;
  }

  start(): void {
    this.#first = Promise.withResolvers();
    const run = ++this.#run;
    this.#prober = this.#host.openProber(this.#config, (result) => {
      if (run === this.#run) this.#record(result);
    });
    this.#probeEvery(this.#host.nowMs());
  }

  stop(): void {
    this.#cancelTimer();
    this.#endRecovery();
    this.#prober?.close();
    this.#prober = null;
    this.#first.resolve();
    this.#certificates.forget(this.#config.name);
  }

  /** Continues with other settings; the verdict stands until the first result decides. */
  reconfigure(config: CheckConfig): void {
    this.stop();
    this.#config = config;
    this.#machine = new CheckMachine(config, config.onFail, this.verdict);
    this.start();
  }

  #probeEvery(atMs: number): void {
    // The command may take down what is probed; and what a probe then finds is about neither before nor after.
    if (!this.#machine.recovering) this.#prober?.probe();
    // From the planned time, so that the cadence does not drift; from now after a long sleep.
    const nextMs = Math.max(atMs + this.#config.intervalMs, this.#host.nowMs());
    this.#cancelTimer = this.#host.setTimer(nextMs, () => this.#probeEvery(nextMs));
  }

  #record(result: ProbeResult): void {
    if (!this.#prober) return;
    this.#last = { result, atMs: this.#host.wallClockMs() };
    this.#lookAtCertificate(result);
    const { number: before, verdict } = this;
    this.#number = result.number ?? this.#number;
    this.#handle({ kind: "result", result });
    // A verdict that turned was reported with its number.
    if (this.verdict === verdict && this.number !== before) this.#changed(this.#config.name);
    this.#first.resolve();
  }

  #lookAtCertificate({ certificateEndsMs: endsMs }: ProbeResult): void {
    const { name, type } = this.#config;
    const withinMs = type === "http" ? this.#config.expiresWithinMs : undefined;
    if (endsMs === undefined || withinMs === undefined) return;
    this.#certificates.seen(name, { endsMs, withinMs });
  }

  #handle(event: CheckEvent): void {
    const before = this.verdict;
    for (const effect of this.#machine.handle(event, this.#host.nowMs())) {
      this.#perform(effect, before);
    }
  }

  #perform(effect: CheckEffect, before: CheckVerdict): void {
    const { name, onFail } = this.#config;
    switch (effect.kind) {
      case "turned": {
        const { verdict } = effect;
        this.#sinceMs = this.#host.wallClockMs();
        const severity = verdict === "down" ? "warning" : before === "unknown" ? "info" : "notice";
        this.#report(severity, "check_changed", `is ${verdict}: ${this.detail}`);
        return this.#changed(name);
      }
      case "recover":
        return this.#recover(effect.attempt);
      case "probe":
        this.#cancelTimer();
        return this.#probeEvery(this.#host.nowMs());
      case "recoverySucceeded":
        this.#recoverySinceMs = this.#host.wallClockMs();
        return this.#report("notice", "recovery_succeeded", `is well again: ${this.detail}`);
      case "recoveryFailed": {
        const which = `try ${effect.attempt} of ${onFail?.attempts}`;
        return this.#report(
          "warning",
          "recovery_failed",
          `is not recovered, ${which}: ${effect.why}`,
        );
      }
      case "recoveryExhausted":
        this.#recoverySinceMs = this.#host.wallClockMs();
        return this.#report(
          "warning",
          "recovery_exhausted",
          "has no more tries: the check turns down",
        );
    }
  }

  #recover(attempt: number): void {
    const { name, onFail } = this.#config;
    if (!onFail) return;
    this.#recoverySinceMs = this.#host.wallClockMs();
    const command = onFail.command.join(" ");
    const message = `fails, ${this.detail}; runs ${command}, try ${attempt} of ${onFail.attempts}`;
    this.#report("warning", "recovery_started", message);
    const environment = { VIPD_CHECK: name, VIPD_ATTEMPT: `${attempt}` };
    this.#endRecovery = this.#host.runProgram(
      { program: onFail, environment, descendants: "keep", timeoutMs: onFail.timeoutMs },
      ({ ok, detail }) => {
        if (this.#prober) this.#handle({ kind: "recoveryEnded", ok, detail });
      },
    );
  }

  #report(severity: Severity, code: JournalCode, message: string): void {
    const { name } = this.#config;
    this.#journal.record(severity, code, `check ${name} ${message}`, name);
  }

  status(): CheckStatus {
    const last = this.#last;
    const endsMs = last?.result.certificateEndsMs;
    return {
      name: this.#config.name,
      type: this.#config.type,
      state: this.verdict,
      since: this.#sinceMs === null ? null : new Date(this.#sinceMs).toISOString(),
      recovery: this.#recoveryStatus(),
      last: last && {
        ok: last.result.ok,
        at: new Date(last.atMs).toISOString(),
        detail: last.result.detail,
        took_ms: Math.round(last.result.tookMs * 10) / 10,
      },
      ...(this.number !== null && { number: this.number }),
      ...(endsMs !== undefined && { certificate_ends: new Date(endsMs).toISOString() }),
    };
  }

  #recoveryStatus(): RecoveryStatus | null {
    const recovery = this.#machine.recovery(this.#host.nowMs());
    const { onFail } = this.#config;
    if (!recovery || !onFail) return null;
    const { phase, attempt } = recovery;
    const since = new Date(this.#recoverySinceMs).toISOString();
    return { phase, attempt, attempts: onFail.attempts, since };
  }
}
