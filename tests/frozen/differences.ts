/**
 * Where the present vipd says something else than 0.1.0 did, on purpose. CHANGELOG.md says each to those who use vipd.
 *
 * @module
 */

/** One difference, or several that one sentence explains. In `items` and `difference`, `*` stands for any text. */
export interface AcceptedDifference {
  /** The family and the item: `cli/help run`. */
  readonly items: string;
  /** As the failing test prints it: `+ /out |   --front   *`. */
  readonly difference: string;
  /** What CHANGELOG.md says of it, word for word, above its section about 0.1.0; line breaks do not count. */
  readonly changelog: string;
}

export const ACCEPTED_DIFFERENCES: readonly AcceptedDifference[] = [];
