/**
 * A view that is drawn again and again on a terminal, beside what was there before.
 *
 * @module
 */

/** ECMA-48, DEC private modes: the alternate screen without line wrap, and back. */
export const ENTER_SCREEN = "\x1b[?1049h\x1b[?7l";
export const LEAVE_SCREEN = "\x1b[?7h\x1b[?1049l";
const CLEAR_SCREEN = "\x1b[H\x1b[J";

/** All that drawing says to the terminal. */
export const SCREEN_SEQUENCES: readonly string[] = [ENTER_SCREEN, LEAVE_SCREEN, CLEAR_SCREEN];

/** What draws the first so many lines of a text. */
export function drawing(text: string, rows: number): string {
  return CLEAR_SCREEN + text.split("\n").slice(0, rows).join("\r\n");
}
