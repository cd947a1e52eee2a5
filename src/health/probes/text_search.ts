/**
 * Looks for a text in one that comes in pieces; nothing is looked at again but what a piece may have cut.
 *
 * @module
 */

export class TextSearch {
  readonly #wanted: string;
  /** The end of what came, which may be the beginning of what is wanted. */
  #tail = "";

  constructor(wanted: string) {
    this.#wanted = wanted;
  }

  /** Takes the next piece; true when what is wanted is in it, or began in the pieces before. */
  find(piece: string): boolean {
    const text = this.#tail + piece;
    if (text.includes(this.#wanted)) return true;
    this.#tail = text.slice(Math.max(0, text.length - this.#wanted.length + 1));
    return false;
  }
}
