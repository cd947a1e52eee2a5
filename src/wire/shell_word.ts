/**
 * A word of a command that a person pastes into a shell.
 *
 * @module
 */

/** As it stands if a shell reads nothing in it, else in single quotes. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
