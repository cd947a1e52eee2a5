/**
 * Searches for a text in pieces of another; it searches again only in what the border between pieces may have cut.
 *
 * @module
 */

export class TextSearch {
  readonly #wanted: string;
  /** The end of the last piece, which may be the beginning of the wanted text. */
  #tail = "";

  constructor(wanted: string) {
    this.#wanted = wanted;
  }

  /** Takes the next piece; true if it contains the wanted text, or completes it. */
  find(piece: string): boolean {
    const text = this.#tail + piece;
    if (text.includes(this.#wanted)) return true;
    this.#tail = text.slice(Math.max(0, text.length - this.#wanted.length + 1));
    return false;
  }
}
