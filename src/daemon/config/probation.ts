/**
 * A configuration on probation: vipd goes back to the one before unless somebody keeps the new one in time. The record
 * on the disk lets a start go back as well, after a crash or a reboot.
 *
 * @module
 */

import type { Config } from "../../config/model.ts";
import { type CancelTimer, type Clock, clockSetByMs } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import type { ProbationStatus } from "../../status/status.ts";
import type { RemovableStore } from "../files/state_file.ts";
import { digestOf, type ProbationRecord, recordText } from "./probation_record.ts";

/** A configuration with the text of its file. */
export interface SourcedConfig {
  readonly config: Config;
  readonly text: string;
}

/** Called once a configuration is in force; resolves with why the disk does not take it, or with `null`. */
export type Settle = () => Promise<HostError | null>;

export type ProbationClock = Pick<Clock, "nowMs" | "wallClockMs" | "setTimer">;

export interface ProbationOptions {
  readonly path: string;
  readonly store: Pick<RemovableStore, "write" | "remove">;
  readonly clock: ProbationClock;
  /** The time is over, see {@link Probation.takeEarlier}. */
  readonly expired: () => void;
}

interface Running {
  readonly earlier: SourcedConfig;
  readonly record: ProbationRecord;
  /** When the time is over, on the monotonic clock. */
  readonly endsMs: number;
  readonly cancel: CancelTimer;
}

export class Probation {
  readonly #options: ProbationOptions;
  #running: Running | null = null;
  /** True if the disk has a record although nothing is on probation: vipd has gone back. */
  #wentBack: boolean;

  /** `wentBack`: this run began with the configuration before the one in the file. */
  constructor(options: ProbationOptions, wentBack: boolean) {
    this.#options = options;
    this.#wentBack = wentBack;
  }

  /** `null` if nothing is on probation. */
  get status(): ProbationStatus | null {
    const running = this.#running;
    if (running === null) return null;
    const { record: { since, until }, endsMs } = running;
    const setByMs = clockSetByMs(this.#options.clock, Date.parse(until), endsMs);
    const withClock = (time: string) => timeText(Date.parse(time) + setByMs);
    return { since: withClock(since), until: withClock(until) };
  }

  /**
   * Records that `next` will be on probation, before it is in force. A configuration that was on probation stays so, with the same end
   * unless another one is asked for; it is over if `next` is the configuration before.
   *
   * @param forMs how long; `undefined` if nobody asks for a probation
   */
  async prepare(
    before: SourcedConfig,
    next: SourcedConfig,
    forMs: number | undefined,
  ): Promise<Settle | HostError> {
    const running = this.#running;
    const earlier = running?.earlier ?? before;
    const isWanted = forMs !== undefined || running !== null;
    if (!isWanted || next.text === earlier.text) return () => this.#end();
    const { clock, path, store } = this.#options;
    const restMs = forMs ?? Math.max(0, running!.endsMs - clock.nowMs());
    const nowMs = clock.wallClockMs();
    const record = {
      ...{ path, earlier: earlier.text, tried: digestOf(next.text) },
      ...{ since: this.status?.since ?? timeText(nowMs), until: timeText(nowMs + restMs) },
    };
    const problem = await store.write(recordText(record));
    if (problem !== null) return problem;
    return () => {
      this.close();
      const endsMs = clock.nowMs() + restMs;
      const cancel = clock.setTimer(endsMs, this.#options.expired);
      this.#wentBack = false;
      this.#running = { earlier, record, endsMs, cancel };
      return Promise.resolve(null);
    };
  }

  /** True if vipd runs with the configuration before the one in the file, because nobody kept that one. */
  get wentBack(): boolean {
    return this.#wentBack;
  }

  /** The configuration to go back to if the time is over; `null` if somebody was faster. */
  takeEarlier(): SourcedConfig | null {
    const running = this.#running;
    if (running === null || this.#options.clock.nowMs() < running.endsMs) return null;
    this.#running = null;
    this.#wentBack = true;
    return running.earlier;
  }

  /** Nothing is on probation any more; `null`, or why the disk does not take that: then it still is. */
  async keep(): Promise<HostError | null> {
    const problem = await this.#options.store.remove();
    if (problem === null) this.close();
    return problem;
  }

  /** The daemon ends: what is on probation is not kept, so the next start goes back. */
  close(): void {
    this.#running?.cancel();
    this.#running = null;
  }

  async #end(): Promise<HostError | null> {
    const isRecorded = this.#running !== null || this.#wentBack;
    this.close();
    this.#wentBack = false;
    return isRecorded ? await this.#options.store.remove() : null;
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
