/** What the process in which tests run is asked, and what it answers: one answer to each order. */

/** A test of a file: its place among those that the file registers, with what it is called. */
export interface TestName {
  readonly file: string;
  readonly at: number;
  readonly name: string;
}

export type Order =
  /** Loads a test file; what it registers is the answer. */
  | { readonly kind: "load"; readonly file: string }
  /** Runs a test of a loaded file with a break, or with none. */
  | { readonly kind: "test"; readonly test: TestName; readonly number: number | null };

export interface Answer {
  /** Why the test failed, or the file could not be loaded. */
  readonly problem: string | null;
  /** The breaks whose code was reached. */
  readonly reached: readonly number[];
  /** What a loaded file has registered. */
  readonly tests: readonly TestName[];
}

/** What the process is started with. */
export interface BenchStart {
  /** The socket on which it is asked. */
  readonly socket: string;
  /** How many breaks have a number. */
  readonly count: number;
  /** The break that is there while files are loaded; it stays for every test. */
  readonly number: number | null;
}
