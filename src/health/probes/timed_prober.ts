/**
 * Runs a probe over and over, one run at a time, each within the check's timeout.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../check.ts";
import { failed, type Finding, type Probe, reasonOf } from "./probe.ts";

interface Run {
  readonly startedMs: number;
  readonly controller: AbortController;
  readonly timer: ReturnType<typeof setTimeout>;
  late: boolean;
}

export class TimedProber implements Prober {
  readonly #probe: Probe;
  readonly #timeoutMs: number;
  readonly #report: (result: ProbeResult) => void;
  #run: Run | null = null;
  #closed = false;

  constructor(probe: Probe, timeoutMs: number, report: (result: ProbeResult) => void) {
    this.#probe = probe;
    this.#timeoutMs = timeoutMs;
    this.#report = report;
  }

  probe(): void {
    if (this.#closed) return;
    if (this.#run) {
      // A run that outlives its end (a program that not even SIGKILL ends) is not joined by a second one,
      // but it is still a failure each time.
      if (this.#run.late) this.#tell(this.#run, failed(this.#probe.late));
      return;
    }
    const run: Run = {
      startedMs: performance.now(),
      controller: new AbortController(),
      timer: setTimeout(() => this.#tooLate(run), this.#timeoutMs),
      late: false,
    };
    this.#run = run;
    this.#probe.run(run.controller.signal).then(
      (finding) => this.#ended(run, finding),
      (error) => this.#ended(run, failed(reasonOf(error))),
    );
  }

  close(): void {
    this.#closed = true;
    if (!this.#run) return;
    clearTimeout(this.#run.timer);
    this.#run.controller.abort();
  }

  #tooLate(run: Run): void {
    run.late = true;
    run.controller.abort();
    this.#tell(run, failed(this.#probe.late));
  }

  #ended(run: Run, finding: Finding): void {
    clearTimeout(run.timer);
    // Lets go of whatever still hangs on the signal, such as the runtime's handle for a failed connect.
    run.controller.abort();
    this.#run = null;
    if (!run.late) this.#tell(run, finding);
  }

  #tell(run: Run, finding: Finding): void {
    if (this.#closed) return;
    this.#report({ ...finding, tookMs: performance.now() - run.startedMs });
  }
}
