/**
 * Few numbers out of many.
 *
 * @module
 */

/** What a figure's runs came to. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** NaN for no runs, as the others are. */
  readonly sum: number;
}

/** The value below which the share `share` (0 to 1) of the values lies, between the two nearest; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  // Equal ones first: Infinity - Infinity is not a number.
  return below === above ? below : below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function summary(values: readonly number[]): Summary {
  return {
    median: median(values),
    min: quantile(values, 0),
    max: quantile(values, 1),
    sum: values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0),
  };
}

/**
 * The time between each two of some moments, and from the last one to the end of the watch: what does not come any more
 * is a gap, too.
 */
export function gaps(moments: readonly number[], untilMs: number): number[] {
  return moments.map((atMs, index) => (moments[index + 1] ?? untilMs) - atMs);
}
