/**
 * Virtual time: a queue of what will happen, and a clock that jumps from one to the next.
 *
 * @module
 */

interface Planned {
  readonly atMs: number;
  /** Among things due at one time, what was planned first happens first. */
  readonly order: number;
  run: (() => void) | null;
}

export class VirtualTime {
  /** A binary heap, earliest first. */
  readonly #heap: Planned[] = [];
  #nowMs = 0;
  #order = 0;

  /** Milliseconds since the simulation began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Plans `run` for `atMs`, or for now if that is past; returns how to call it off. */
  schedule(atMs: number, run: () => void): () => void {
    const planned: Planned = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run };
    this.#heap.push(planned);
    this.#rise(this.#heap.length - 1);
    return () => {
      planned.run = null;
    };
  }

  /** Lets everything happen that is due until `untilMs`; `afterEach` is called after each thing that happened. */
  runUntil(untilMs: number, afterEach?: () => void): void {
    for (let next = this.#heap[0]; next && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#removeFirst();
      if (!next.run) continue;
      this.#nowMs = next.atMs;
      next.run();
      afterEach?.();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /**
   * Runs until the promise has settled, for ten seconds at most. Promises settle between the events; `turns`: how many
   * that follow from each other.
   */
  async settle<T>(promise: Promise<T>, afterEach?: () => void, turns = 2): Promise<T> {
    let done = false;
    const watched = promise.finally(() => {
      done = true;
    });
    for (let step = 0; step < 10_000 && !done; step++) {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      if (!done) this.runUntil(this.#nowMs + 1, afterEach);
    }
    return await watched;
  }

  #removeFirst(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(start: number): void {
    const heap = this.#heap;
    for (let at = start; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!earlier(heap[at]!, heap[parent]!)) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && earlier(heap[right]!, heap[left]!) ? right : left;
      if (!earlier(heap[child]!, heap[at]!)) return;
      [heap[at], heap[child]] = [heap[child]!, heap[at]!];
      at = child;
    }
  }
}

function earlier(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
