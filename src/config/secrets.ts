/**
 * Keeps passwords out of what is shown.
 *
 * @module
 */

const PASSWORD = /(password["']?[ \t]*:[ \t]*)("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,}#][^\n,}]*)/gi;

/** The text with each value of a key `password` overwritten by as many asterisks; works on broken YAML too. */
export function maskPasswords(text: string): string {
  return text.replace(PASSWORD, (_, key: string, value: string) => key + "*".repeat(value.length));
}
