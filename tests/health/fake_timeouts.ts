/** The runtime's timeouts in the hands of a test, until it ends. */
export class FakeTimeouts implements Disposable {
  readonly #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  readonly #waiting = new Map<number, { readonly atMs: number; readonly fire: () => void }>();
  #nowMs = 0;
  #last = 0;

  constructor() {
    const set = (fire: () => void, afterMs = 0) => {
      this.#waiting.set(++this.#last, { atMs: this.#nowMs + afterMs, fire });
      return this.#last;
    };
    const clear = (id: number) => void this.#waiting.delete(id);
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }

  /** Fires what is due within so many milliseconds, in order. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#waiting].filter(([, { atMs }]) => atMs <= untilMs)
        .sort(([, a], [, b]) => a.atMs - b.atMs)[0];
      if (!due) break;
      const [id, { atMs, fire }] = due;
      this.#waiting.delete(id);
      this.#nowMs = atMs;
      fire();
    }
    this.#nowMs = untilMs;
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
  }
}
