/**
 * A signal that aborts as soon as one of several does.
 *
 * `AbortSignal.any` makes such a signal too, but Deno 2.6 forgets it with its listeners at a garbage collection; then it
 * aborts no more, and the wait for it lasts for ever.
 *
 * @module
 */

/** Aborts for the reason of the first of its sources that aborts, until it is disposed of. */
export class JoinedSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];

  constructor(...sources: readonly AbortSignal[]) {
    this.#sources = sources;
    for (const source of sources) {
      if (source.aborted) this.#controller.abort(source.reason);
      source.addEventListener("abort", this.#abort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A source that lives on keeps nothing of it. */
  [Symbol.dispose](): void {
    for (const source of this.#sources) source.removeEventListener("abort", this.#abort);
  }

  readonly #abort = ({ target }: Event): void => {
    this.#controller.abort((target as AbortSignal).reason);
  };
}
