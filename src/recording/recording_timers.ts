/**
 * Timers whose firing is recorded, each by the time that it was set to.
 *
 * @module
 */

import type { CancelTimer, Timer } from "../host/clock.ts";
import type { Host } from "../host/host.ts";
import type { Recorder } from "./recorder.ts";

/** The present deadline of a timer; `null` if it is not set. */
interface Setting {
  dueMs: number | null;
}

export class RecordingTimers {
  readonly #host: Pick<Host, "setTimer" | "newTimer">;
  readonly #recorder: Recorder;
  /** The timers that are set, in the order in which they were. */
  readonly #set = new Set<Setting>();

  constructor(host: Pick<Host, "setTimer" | "newTimer">, recorder: Recorder) {
    this.#host = host;
    this.#recorder = recorder;
  }

  set(atMs: number, fire: () => void, earlyMs?: number): CancelTimer {
    const setting: Setting = { dueMs: atMs };
    this.#set.add(setting);
    const cancel = this.#host.setTimer(atMs, () => this.#fired(setting, fire), earlyMs);
    return () => {
      this.#set.delete(setting);
      cancel();
    };
  }

  make(fire: () => void): Timer {
    const setting: Setting = { dueMs: null };
    const timer = this.#host.newTimer(() => this.#fired(setting, fire));
    return {
      set: (atMs, earlyMs) => {
        // Behind those that are set already.
        this.#set.delete(setting);
        setting.dueMs = atMs;
        this.#set.add(setting);
        timer.set(atMs, earlyMs);
      },
      cancel: () => {
        this.#set.delete(setting);
        timer.cancel();
      },
    };
  }

  #fired(setting: Setting, fire: () => void): void {
    const dueMs = setting.dueMs ?? 0;
    const alike = Array.from(this.#set).filter((other) => other.dueMs === dueMs);
    const nth = alike.indexOf(setting);
    this.#set.delete(setting);
    const heard = { kind: "timer", dueMs, ...(nth > 0 && { nth }) } as const;
    this.#recorder.turn(heard, fire);
  }
}
