/**
 * Values by the line that they belong to.
 *
 * @module
 */

import type { Place } from "./statement.ts";

/**
 * One value for each place. A file of ten megabytes has half a million lines, so there is no key made of file and line,
 * nor a map of the lines.
 */
export class ByPlace<T> {
  readonly #files = new Map<string, (T | undefined)[]>();
  /** The file that was asked for last, as the next one mostly is. */
  #file = "";
  #lines: (T | undefined)[] | undefined;

  get({ file, line }: Place): T | undefined {
    return this.#linesOf(file)?.[line];
  }

  set({ file, line }: Place, value: T): void {
    let lines = this.#linesOf(file);
    if (lines === undefined) {
      lines = [];
      this.#files.set(file, lines);
      this.#lines = lines;
    }
    lines[line] = value;
  }

  #linesOf(file: string): (T | undefined)[] | undefined {
    if (file !== this.#file) {
      this.#file = file;
      this.#lines = this.#files.get(file);
    }
    return this.#lines;
  }
}
