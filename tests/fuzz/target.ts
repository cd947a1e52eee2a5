/**
 * A parser under fire: how its inputs are made, and what must hold for each of them.
 *
 * @module
 */

/** One input, made and ready. */
export interface Attempt {
  /** Gives it to the parser; resolves with what came of it in a word. Throws when what must hold does not. */
  run(): string | Promise<string>;
  /** The input, so that a person can repeat it. */
  show(): string;
}

/** A parser and the inputs that are thrown at it. */
export interface FuzzTarget {
  /** Chosen by `--target`. */
  readonly name: string;
  /** What the inputs are and what must hold, in one line. */
  readonly title: string;
  /**
   * Outcomes that must come up in any run of some length: inputs that all fail at the first check prove nothing.
   */
  readonly reaches: readonly string[];
  /** Inputs of a short run, among the tests of every change. */
  readonly shortInputs: number;
  /** The same numbers make the same input. */
  prepare(random: () => number): Attempt;
}

/** What a target is made of, where an input is of type `T`. */
export interface FuzzTargetParts<T> {
  readonly name: string;
  readonly title: string;
  readonly reaches: readonly string[];
  /** Fewer where an input takes a millisecond or more. @default {20000} */
  readonly shortInputs?: number;
  readonly make: (random: () => number) => T;
  readonly check: (input: T) => string | Promise<string>;
  readonly show: (input: T) => string;
}

export function fuzzTarget<T>({ make, check, show, ...rest }: FuzzTargetParts<T>): FuzzTarget {
  return {
    shortInputs: 20_000,
    ...rest,
    prepare(random) {
      const input = make(random);
      return { run: () => check(input), show: () => show(input) };
    },
  };
}

/** A whole number from 0 to below `limit`. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  const picked = from[below(random, from.length)];
  if (picked === undefined) throw new RangeError("There is nothing to pick from");
  return picked;
}

/** A thing that must hold. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
