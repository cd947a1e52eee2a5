/**
 * A view that is drawn repeatedly on a terminal, without touching its earlier contents.
 *
 * @module
 */

/** ECMA-48, DEC private modes: the alternate screen without line wrap, and back. */
export const ENTER_SCREEN = "\x1b[?1049h\x1b[?7l";
export const LEAVE_SCREEN = "\x1b[?7h\x1b[?1049l";
const CLEAR_SCREEN = "\x1b[H\x1b[J";

/** All control sequences that drawing sends to the terminal. */
export const SCREEN_SEQUENCES: readonly string[] = [ENTER_SCREEN, LEAVE_SCREEN, CLEAR_SCREEN];

/** The text that draws the first `rows` lines. */
export function drawing(text: string, rows: number): string {
  return CLEAR_SCREEN + text.split("\n").slice(0, rows).join("\r\n");
}
