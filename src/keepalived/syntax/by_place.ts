/**
 * Values by the line that they belong to.
 *
 * @module
 */

import type { Place } from "./statement.ts";

/** One value for each place. Without a key made of file and line, which takes a second for a file of ten megabytes. */
export class ByPlace<T> {
  readonly #files = new Map<string, Map<number, T>>();

  get({ file, line }: Place): T | undefined {
    return this.#files.get(file)?.get(line);
  }

  set({ file, line }: Place, value: T): void {
    const lines = this.#files.get(file);
    if (lines) lines.set(line, value);
    else this.#files.set(file, new Map([[line, value]]));
  }
}
