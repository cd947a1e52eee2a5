/**
 * The syntax of a keepalived.conf, without its meaning: statements, words, places.
 *
 * @module
 */

/** A place in a file. */
export interface Place {
  /** As named on the command line or by `include`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** One line of a file, or of a parameter's value at the line that uses it. */
export interface SourceLine extends Place {
  readonly text: string;
  /** The part that keepalived reads, if that is not all; `null` for an `include`, whose files' lines follow. */
  readonly read?: string | null;
}

/** `keyword argument argument { block }`. In lists (addresses, peers) the keyword is the entry's first word. */
export interface Statement extends Place {
  readonly keyword: string;
  /** Quotation marks removed. */
  readonly words: readonly string[];
  /** The text after the keyword, as written, because scripts have their own quoting rules. */
  readonly rest: string;
  /** How many statements were read before it: keepalived knows only what stands above. */
  readonly order: number;
  /** `null` if no `{` follows. */
  readonly block: readonly Statement[] | null;
}
