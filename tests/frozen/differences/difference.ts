/**
 * What an accepted difference is.
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
  /** It depends on how fast the machine is whether it is there. @default {false} */
  readonly byChance?: boolean;
}

/** Differences of the same items, each text with what explains it. */
export function of(
  items: string,
  ...explained: readonly (readonly [difference: string, changelog: string])[]
): AcceptedDifference[] {
  return explained.map(([difference, changelog]) => ({ items, difference, changelog }));
}
