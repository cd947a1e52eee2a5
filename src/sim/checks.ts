/**
 * The checks of a simulated machine: what they find and how their recovery commands go is given by the scenario.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../health/check.ts";
import type { CheckConfig } from "../health/check_config.ts";
import type { TimedProgramRun } from "../health/programs/run_program.ts";
import type { SimProcess } from "./process.ts";
import type { VirtualTime } from "./time.ts";

/** How the runs of a check's recovery command go. */
export interface SimProgram {
  readonly ok: boolean;
  /** How long a run takes; longer than its time, and it is late. */
  readonly tookMs: number;
  /** Its effect at its end. */
  readonly effect?: () => void;
}

interface OpenProber {
  readonly name: string;
  readonly report: (result: ProbeResult) => void;
}

export class SimChecks {
  readonly #time: VirtualTime;
  readonly #process: SimProcess;
  readonly #results = new Map<string, boolean>();
  readonly #numbers = new Map<string, number>();
  /** Of one check there may be several: one that runs, and one that is tried. */
  readonly #probers = new Set<OpenProber>();
  readonly #programs = new Map<string, SimProgram>();
  /** How many probes were started. */
  probes = 0;
  /** How long a probe takes, in milliseconds. */
  probeTookMs = 1;

  constructor(time: VirtualTime, process: SimProcess) {
    this.#time = time;
    this.#process = process;
  }

  /** The result of this check's probes from now on; the next one reports it. */
  set(name: string, ok: boolean): void {
    this.#results.set(name, ok);
  }

  /** The content of this check's file from now on; the next probe reports it. */
  setNumber(name: string, number: number): void {
    this.#numbers.set(name, number);
  }

  /** The result of its probes is reported at once, as a watched process's death is. */
  publish(name: string): void {
    const open = Array.from(this.#probers).filter((prober) => prober.name === name);
    this.#process.bound(() => {
      for (const { report } of open) report(this.#result(name, true));
    })();
  }

  /** The effect of this check's recovery command from now on; without one it fails at once. */
  setRecovery(check: string, program: SimProgram): void {
    this.#programs.set(check, program);
  }

  /** Its process is gone. */
  clear(): void {
    this.#probers.clear();
  }

  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober {
    const prober = { name: check.name, report };
    this.#probers.add(prober);
    return {
      probe: () => {
        this.probes++;
        const answer = this.#process.bound(() => {
          if (this.#probers.has(prober)) report(this.#result(check.name, false));
        });
        this.#time.schedule(this.#time.nowMs + this.probeTookMs, answer);
      },
      close: () => void this.#probers.delete(prober),
    };
  }

  runProgram(run: TimedProgramRun, ended: (result: ProbeResult) => void): () => void {
    const program = this.#programs.get(run.environment.VIPD_CHECK ?? "");
    const tookMs = Math.min(program?.tookMs ?? this.probeTookMs, run.timeoutMs);
    const ok = program !== undefined && program.ok && program.tookMs < run.timeoutMs;
    return this.#process.setTimer(this.#time.nowMs + tookMs, () => {
      if (ok) program.effect?.();
      ended({ ok, detail: detail(ok), tookMs });
    });
  }

  #result(name: string, conclusive: boolean): ProbeResult {
    const ok = this.#results.get(name) ?? true;
    const number = this.#numbers.get(name);
    const result = { ok, detail: detail(ok), tookMs: this.probeTookMs, conclusive };
    return ok && number !== undefined ? { ...result, number } : result;
  }
}

function detail(ok: boolean): string {
  return ok ? "simulated success" : "simulated failure";
}
