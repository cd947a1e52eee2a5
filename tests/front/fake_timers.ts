/** The host's timers, with a clock that a test sets. */

import type { LaggingTimers } from "../../src/daemon/loop_lag.ts";

interface FakeTimer {
  readonly atMs: number;
  readonly earlyMs: number;
  readonly fire: () => void;
}

export class FakeTimers implements LaggingTimers {
  timers: FakeTimer[] = [];
  lateMs = 0;
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(atMs: number, fire: () => void, earlyMs = 0): () => void {
    const timer = { atMs, earlyMs, fire };
    this.timers.push(timer);
    return () => this.timers = this.timers.filter((other) => other !== timer);
  }

  takeLateMs(): number {
    const { lateMs } = this;
    this.lateMs = 0;
    return lateMs;
  }

  /** The time is `nowMs`: fires what is due, or may be early. */
  wake(nowMs: number): void {
    this.#nowMs = nowMs;
    const due = this.timers.filter(({ atMs, earlyMs }) => atMs - earlyMs <= nowMs);
    this.timers = this.timers.filter((timer) => !due.includes(timer));
    for (const { fire } of due) fire();
  }
}
