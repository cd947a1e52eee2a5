/**
 * What a keepalived.conf says, before anybody asks what it means: statements, words, places.
 *
 * @module
 */

/** Where something stands. */
export interface Place {
  /** As it was named on the command line or by `include`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** One line of a file, or of a parameter's value at the line that uses it. */
export interface SourceLine extends Place {
  readonly text: string;
}

/** `keyword argument argument { block }`. In lists (addresses, peers) the keyword is the entry's first word. */
export interface Statement extends Place {
  readonly keyword: string;
  /** Quotation marks removed. */
  readonly words: readonly string[];
  /** What follows the keyword, as written: scripts have quoting rules of their own. */
  readonly rest: string;
  /** `null` when no `{` follows. */
  readonly block: readonly Statement[] | null;
}
