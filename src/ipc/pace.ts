/**
 * Limits how much of its time a process spends on messages from others, all together: some work in one turn, then a
 * rest in proportion to it. The rest is waited for before the next work: one who seldom works has rested by then, and
 * needs no timer.
 *
 * @module
 */

export interface PaceLimits {
  /** The longest work in one turn, in milliseconds. A message that was begun is finished. */
  readonly turnMs: number;
  /** The share of the time that work may take, from 0 to 1. */
  readonly share: number;
  /** The shortest rest, in milliseconds. */
  readonly restMs: number;
}

/** The machine's monotonic clock, and a way to wait. */
export interface PaceClock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

export const REAL_CLOCK: PaceClock = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export class Pace {
  readonly #limits: PaceLimits;
  readonly #clock: PaceClock;
  /** No worker continues before this. */
  #freeMs = -Infinity;
  /** Resting workers continue in the order in which they came. */
  #resting: Promise<void> = Promise.resolve();

  constructor(limits: PaceLimits, clock: PaceClock = REAL_CLOCK) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** A worker at this pace. */
  worker(): PacedWorker {
    return new PacedWorker(this.#limits.turnMs, this.#clock, {
      worked: (workedMs) => this.#worked(workedMs),
      rested: () => this.#rested(),
    });
  }

  #worked(workedMs: number): void {
    const { share, restMs } = this.#limits;
    const dueMs = Math.max(restMs, workedMs * (1 / share - 1));
    this.#freeMs = Math.max(this.#freeMs, this.#clock.nowMs()) + dueMs;
  }

  #rested(): Promise<void> {
    this.#resting = this.#resting.then(async () => {
      for (let leftMs; (leftMs = this.#freeMs - this.#clock.nowMs()) > 0;) {
        await this.#clock.sleep(leftMs);
      }
    });
    return this.#resting;
  }
}

/** The state that the workers of one pace share. */
interface SharedPace {
  /** So much work is done, for which all rest. */
  worked(workedMs: number): void;
  /** Resolves when all work was rested for. */
  rested(): Promise<void>;
}

class PacedWorker {
  readonly #turnMs: number;
  readonly #clock: PaceClock;
  readonly #pace: SharedPace;
  #beganMs = 0;

  constructor(turnMs: number, clock: PaceClock, pace: SharedPace) {
    this.#turnMs = turnMs;
    this.#clock = clock;
    this.#pace = pace;
  }

  /** Resolves when the rest after earlier work is over: work begins. */
  async begin(): Promise<void> {
    await this.#pace.rested();
    this.#beganMs = this.#clock.nowMs();
  }

  /** True once the work since `begin` fills a turn. */
  get full(): boolean {
    return this.#clock.nowMs() - this.#beganMs >= this.#turnMs;
  }

  /** The work since `begin` is done. */
  end(): void {
    this.#pace.worked(this.#clock.nowMs() - this.#beganMs);
  }

  /** Rests for the work since `begin`; the next work begins when it resolves. */
  async rest(): Promise<void> {
    this.end();
    await this.begin();
  }
}
