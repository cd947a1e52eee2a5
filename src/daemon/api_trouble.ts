/**
 * Combines the reasons why the API does not serve as it should into one alarm.
 *
 * @module
 */

/** The source of a reason: the process that serves, or the files with the tokens. */
type TroubleSource = "front" | "tokens";

export class ApiTrouble {
  readonly #changed: (problem: string | null) => void;
  readonly #problems = new Map<TroubleSource, string>();

  /** `changed` gets all reasons as one text, `null` if there is none; only when that changes. */
  constructor(changed: (problem: string | null) => void) {
    this.#changed = changed;
  }

  set(source: TroubleSource, problem: string | null): void {
    if (problem === (this.#problems.get(source) ?? null)) return;
    if (problem === null) this.#problems.delete(source);
    else this.#problems.set(source, problem);
    this.#changed(this.#problems.size === 0 ? null : [...this.#problems.values()].join("; "));
  }
}
