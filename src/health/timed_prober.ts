/**
 * Runs a probe repeatedly, one run at a time, each within the check's timeout.
 *
 * @module
 */

import type { Prober, ProbeResult } from "./check.ts";
import { CLOSED, failed, type Finding, type Probe, reasonOf } from "./probe.ts";

/** How long an aborted run may take to end before it counts as one that does not end. */
const ENDING_MS = 500;

interface Run {
  readonly startedMs: number;
  readonly controller: AbortController;
  readonly timer: ReturnType<typeof setTimeout>;
  /** When it was aborted because it was late; `null` until then. */
  lateMs: number | null;
}

export class TimedProber implements Prober {
  readonly #probe: Probe;
  readonly #timeoutMs: number;
  readonly #report: (result: ProbeResult) => void;
  #run: Run | null = null;
  /** True if the next run begins as soon as the present one, which is late, has ended. */
  #due = false;
  #closed = false;

  constructor(probe: Probe, timeoutMs: number, report: (result: ProbeResult) => void) {
    this.#probe = probe;
    this.#timeoutMs = timeoutMs;
    this.#report = report;
  }

  probe(): void {
    if (this.#closed) return;
    if (this.#run) return this.#dueDuring(this.#run);
    const run: Run = {
      startedMs: performance.now(),
      controller: new AbortController(),
      timer: setTimeout(() => this.#tooLate(run), this.#timeoutMs),
      lateMs: null,
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
    this.#run.controller.abort(CLOSED);
  }

  /** A probe is due while a run continues. */
  #dueDuring(run: Run): void {
    if (run.lateMs === null) return;
    // While the run is being aborted the next one waits for that, so that one hang counts once.
    if (!this.#due && performance.now() - run.lateMs < ENDING_MS) {
      this.#due = true;
      return;
    }
    // If a run does not end (not even SIGKILL ends its program), no second one joins it, but each probe is still a
    // failure.
    this.#finish(run, failed(this.#probe.late));
  }

  #tooLate(run: Run): void {
    run.lateMs = performance.now();
    run.controller.abort();
    this.#finish(run, failed(this.#probe.late));
  }

  #ended(run: Run, finding: Finding): void {
    clearTimeout(run.timer);
    // Releases whatever still depends on the signal, such as the runtime's handle for a failed connect.
    run.controller.abort();
    this.#run = null;
    if (run.lateMs === null) this.#finish(run, finding);
    const due = this.#due;
    this.#due = false;
    if (due) this.probe();
  }

  #finish(run: Run, finding: Finding): void {
    if (this.#closed) return;
    this.#report({ ...finding, tookMs: performance.now() - run.startedMs });
  }
}
