/**
 * A page of the manual, whatever it is printed as.
 *
 * @module
 */

export type ManualPart =
  | { readonly kind: "heading" | "subheading" | "paragraph"; readonly text: string }
  /** A program and, in capitals, the names of what is typed after it. */
  | { readonly kind: "synopsis"; readonly program: string; readonly operands: string }
  /** A term, the name of its value, and its meaning. */
  | { readonly kind: "item"; readonly term: string; readonly value: string; readonly text: string }
  /** Lines that are printed unchanged. */
  | { readonly kind: "verbatim"; readonly lines: readonly string[] };

export interface ManualPage {
  readonly name: string;
  /** As in vipd(8). */
  readonly section: number;
  readonly parts: readonly ManualPart[];
}

export function heading(text: string): ManualPart {
  return { kind: "heading", text };
}

export function subheading(text: string): ManualPart {
  return { kind: "subheading", text };
}

export function paragraph(text: string): ManualPart {
  return { kind: "paragraph", text };
}

export function item(term: string, value: string, text: string): ManualPart {
  return { kind: "item", term, value, text };
}
