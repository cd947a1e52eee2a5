/**
 * Colours of a terminal (ECMA-48 SGR), or none.
 *
 * @module
 */

/** Dresses a text; the text itself where colours are off. */
export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warning: Paint;
  readonly bad: Paint;
}

const plain: Paint = (text) => text;

function sgr(codes: string): Paint {
  return (text) => `\x1b[${codes}m${text}\x1b[0m`;
}

const COLOURED: Style = {
  bold: sgr("1"),
  dim: sgr("2"),
  good: sgr("1;32"),
  warning: sgr("33"),
  bad: sgr("1;31"),
};

const PLAIN: Style = { bold: plain, dim: plain, good: plain, warning: plain, bad: plain };

export function styleFor(colour: boolean): Style {
  return colour ? COLOURED : PLAIN;
}

/** What others wrote (a check's output, a peer's name) without what a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "\ufffd");
}
