/**
 * The order of answers if there is more to answer than the program can do: first requests that show a token, right or
 * wrong, then one request of each source after the other. The server accepts newcomers and reads requests in between.
 *
 * @module
 */

/** How long requests may begin before everything else has its turn, in milliseconds. */
export const TURN_MS = 2;

export interface TurnsClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls `act` after everything else that is due. */
  later(act: () => void): void;
}

const SYSTEM_CLOCK: TurnsClock = {
  nowMs: () => performance.now(),
  later: (act) => void setTimeout(act, 0),
};

export class RequestTurns {
  readonly #clock: TurnsClock;
  /** Waiting requests that have shown a token. */
  readonly #first = new Queues();
  readonly #others = new Queues();
  #beganMs: number | null = null;

  constructor(clock: TurnsClock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  /**
   * Resolves when a request may begin; `null`: at once.
   *
   * @param source the source that it counts for.
   * @param withToken whether it shows a token, which is not judged yet.
   */
  begin(source: string, withToken: boolean): Promise<void> | null {
    const queues = withToken ? this.#first : this.#others;
    if (queues.isEmpty && this.#hasTime()) return null;
    return new Promise((resolve) => queues.add(source, resolve));
  }

  #hasTime(): boolean {
    const nowMs = this.#clock.nowMs();
    if (this.#beganMs === null) this.#beginTurn(nowMs);
    return nowMs - this.#beganMs! < TURN_MS;
  }

  #beginTurn(nowMs: number): void {
    this.#beganMs = nowMs;
    this.#clock.later(() => void this.#nextTurn());
  }

  /** At least one begins, however late it is. */
  async #nextTurn(): Promise<void> {
    this.#beganMs = null;
    while (!(this.#first.isEmpty && this.#others.isEmpty) && this.#hasTime()) {
      if (!this.#first.release()) this.#others.release();
      // Counts the work that it does before it waits for something.
      for (let step = 0; step < STEPS; step++) await null;
    }
  }
}

/** Turns of the microtask queue in which most requests are answered, if they wait for nothing. */
const STEPS = 30;

/** Waiting requests, by source. */
class Queues {
  /** The source whose turn it is comes first. */
  readonly #sources = new Map<string, (() => void)[]>();

  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  add(source: string, begin: () => void): void {
    const queue = this.#sources.get(source);
    if (queue) queue.push(begin);
    else this.#sources.set(source, [begin]);
  }

  /** Lets the next request of the next source begin; false if none waits. */
  release(): boolean {
    for (const [source, queue] of this.#sources) {
      this.#sources.delete(source);
      queue.shift()!();
      if (queue.length > 0) this.#sources.set(source, queue);
      return true;
    }
    return false;
  }
}
