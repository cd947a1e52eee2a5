/**
 * Colours of a terminal (ECMA-48 SGR), or none.
 *
 * @module
 */

/** Styles a text; returns the text itself if colours are off. */
export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warning: Paint;
  readonly bad: Paint;
}

const plain: Paint = (text) => text;

/** Ends every style. */
export const STYLE_END = "\x1b[0m";

function from(sequence: string): Paint {
  return (text) => `${sequence}${text}${STYLE_END}`;
}

const SEQUENCES = {
  bold: "\x1b[1m",
  dim: "\x1b[2m",
  good: "\x1b[1;32m",
  warning: "\x1b[33m",
  bad: "\x1b[1;31m",
} as const satisfies Record<keyof Style, string>;

/** All control sequences that a style sends to the terminal. */
export const STYLE_SEQUENCES: readonly string[] = [...Object.values(SEQUENCES), STYLE_END];

const COLOURED: Style = {
  bold: from(SEQUENCES.bold),
  dim: from(SEQUENCES.dim),
  good: from(SEQUENCES.good),
  warning: from(SEQUENCES.warning),
  bad: from(SEQUENCES.bad),
};

const PLAIN: Style = { bold: plain, dim: plain, good: plain, warning: plain, bad: plain };

export function styleFor(colour: boolean): Style {
  return colour ? COLOURED : PLAIN;
}
