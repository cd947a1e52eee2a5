/**
 * The kernel's files below /proc, as the front reads them. The runtime refuses them to a program without all
 * permissions, so the maker of a front gives it a reader.
 *
 * @module
 */

export interface ProcFiles {
  /** The text of a file; `null` if it cannot be read. */
  read(path: string): string | null;
  /** The ids of the processes that this user sees, unsorted; none if the kernel does not list them. */
  processes(): readonly number[];
}
