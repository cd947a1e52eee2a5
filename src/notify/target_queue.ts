/**
 * The queue of one target: delivers in order, one delivery at a time, with retries and bounds. Adding never waits, and
 * the queue counts and reports every lost event.
 *
 * @module
 */

import { atMost, Pause } from "../runtime/waiting.ts";
import type { NotifyEvent } from "./event.ts";
import type { Target } from "./target.ts";

/** How many events wait at most; beyond that the oldest are lost. */
export const QUEUE_EVENTS = 100;

/** The time before the first retry; it doubles with each. */
const RETRY_AFTER_MS = 1000;
const RETRY_AFTER_MAX_MS = 60_000;

/** How long a delivery may take to end after the queue aborts it. */
const ENDING_MS = 500;

/** Gets reports on the state of a target. */
export interface QueueReports {
  /** A delivery failed after one that did not; or, if `final`, it is not repeated. */
  failed(why: string, final: boolean, unheard: boolean): void;
  /** Events are lost: they were too many, or vipd stops. */
  lost(count: number, why: string): void;
  /** A delivery succeeded after failed ones; this many events were lost since. */
  recovered(lost: number): void;
}

/** Figures for the status; times in milliseconds since the epoch. */
export interface QueueFigures {
  readonly waiting: number;
  readonly delivered: number;
  /** Failed attempts, and programs that ended with an error. */
  readonly failed: number;
  readonly lost: number;
  readonly lastSuccessMs: number | null;
  readonly lastFailure: { readonly atMs: number; readonly why: string } | null;
  readonly failing: boolean;
}

export class TargetQueue {
  readonly #target: Target;
  readonly #reports: QueueReports;
  readonly #retryAfterMs: number;
  readonly #events: NotifyEvent[] = [];
  /** How many of the first events are being delivered. */
  #underWay = 0;
  #running = false;
  #idle: Promise<void> = Promise.resolve();
  /** Ends a wait and a delivery. */
  readonly #end = new AbortController();
  /** True if the queue repeats nothing any more. */
  #closing = false;
  readonly #pause = new Pause();
  #delivered = 0;
  #failures = 0;
  #lost = 0;
  #lostWhileFailing = 0;
  #failing = false;
  #lastSuccessMs: number | null = null;
  #lastFailure: QueueFigures["lastFailure"] = null;

  constructor(target: Target, reports: QueueReports, retryAfterMs = RETRY_AFTER_MS) {
    this.#target = target;
    this.#reports = reports;
    this.#retryAfterMs = retryAfterMs;
  }

  add(event: NotifyEvent): void {
    if (this.#closing) return;
    this.#events.push(event);
    if (this.#events.length > QUEUE_EVENTS) {
      // The queue does not withdraw a delivery in progress.
      this.#events.splice(this.#underWay, 1);
      this.#count(1, `more than ${QUEUE_EVENTS} wait`);
    }
    if (this.#running) return;
    this.#running = true;
    this.#idle = this.#run();
  }

  /** The first event that waits; `null` if none does. */
  get oldest(): NotifyEvent | null {
    return this.#events[0] ?? null;
  }

  get figures(): QueueFigures {
    return {
      waiting: this.#events.length,
      delivered: this.#delivered,
      failed: this.#failures,
      lost: this.#lost,
      lastSuccessMs: this.#lastSuccessMs,
      lastFailure: this.#lastFailure,
      failing: this.#failing,
    };
  }

  /** Tries to deliver everything that waits once more, for at most `limitMs`; reports the rest as lost. */
  async close(limitMs: number): Promise<void> {
    this.#closing = true;
    this.#pause.end();
    const timer = setTimeout(() => this.#end.abort(), limitMs);
    // The queue does not wait for a delivery that does not end, such as a program that not even SIGKILL ends.
    await atMost(this.#idle, limitMs + ENDING_MS, undefined);
    clearTimeout(timer);
    this.#target.close?.();
    const left = this.#events.splice(0).length;
    if (left > 0) this.#count(left, "vipd no longer notifies this target");
  }

  async #run(): Promise<void> {
    await this.#wait(this.#target.gatherMs);
    while (this.#events.length > 0 && !this.#end.signal.aborted) {
      const events = this.#events.slice(0, this.#target.batch);
      this.#underWay = events.length;
      const done = await this.#deliver(events);
      this.#underWay = 0;
      if (!done) break;
      this.#events.splice(0, events.length);
    }
    this.#running = false;
  }

  /** Repeats until it succeeds or is given up; false if vipd stops before that. */
  async #deliver(events: readonly NotifyEvent[]): Promise<boolean> {
    const startedMs = performance.now();
    for (let waitMs = this.#retryAfterMs;; waitMs = Math.min(2 * waitMs, RETRY_AFTER_MAX_MS)) {
      const delivery = await this.#target.deliver(events, this.#end.signal);
      if (delivery.ok) {
        this.#succeeded(events.length);
        return true;
      }
      if (this.#end.signal.aborted) return false;
      const { why, retry, unheard } = delivery;
      const inTime = performance.now() - startedMs + waitMs <= this.#target.retryForMs;
      const final = !retry || !inTime;
      this.#failed(why, final, unheard);
      if (final) {
        if (unheard) this.#lose(events.length);
        return true;
      }
      if (this.#closing) return false;
      await this.#wait(waitMs);
    }
  }

  #succeeded(count: number): void {
    this.#delivered += count;
    this.#lastSuccessMs = Date.now();
    if (this.#failing) this.#reports.recovered(this.#lostWhileFailing);
    this.#failing = false;
    this.#lostWhileFailing = 0;
  }

  #failed(why: string, final: boolean, unheard: boolean): void {
    this.#failures++;
    this.#lastFailure = { atMs: Date.now(), why };
    if (!this.#failing || final) this.#reports.failed(why, final, unheard);
    this.#failing = unheard;
  }

  #lose(count: number): void {
    this.#lost += count;
    this.#lostWhileFailing += count;
  }

  #count(count: number, why: string): void {
    this.#lose(count);
    this.#reports.lost(count, why);
  }

  /** Waits, but not while closing. */
  async #wait(ms: number): Promise<void> {
    if (ms > 0 && !this.#closing) await this.#pause.wait(ms);
  }
}
