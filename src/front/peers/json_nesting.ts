/**
 * How deep a JSON text nests, before it is parsed, because a parser builds what it reads, however deep.
 *
 * @module
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];

/** Takes a JSON text in pieces, each character once. */
export class JsonNesting {
  #depth = 0;
  #inString = false;
  /** The next character belongs to the backslash before it. */
  #escaped = false;

  /**
   * Takes the next piece.
   *
   * @returns the greatest depth within it; any number if it is no JSON.
   */
  add(piece: string): number {
    let deepest = this.#depth;
    for (let at = 0; at < piece.length; at++) {
      this.#take(piece.charCodeAt(at));
      if (this.#depth > deepest) deepest = this.#depth;
    }
    return deepest;
  }

  #take(character: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === QUOTE) this.#inString = !this.#inString;
    else if (this.#inString) this.#escaped = character === BACKSLASH;
    else if (OPENING.includes(character)) this.#depth++;
    else if (CLOSING.includes(character)) this.#depth--;
  }
}
