/**
 * Keeps passwords out of what is shown.
 *
 * @module
 */

const PASSWORD =
  /((?:password|\bkey)["']?[ \t]*:[ \t]*)("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,}#][^\n,}]*)/gi;

/** User name and password of a URL. */
const USER_INFO = /(?<=:\/\/)[^\s/?#@]*@/g;

const asterisks = (value: string) => "*".repeat(value.length);

/**
 * The text with each value of a key `password` or `key`, and what stands before the host of a URL, overwritten by as
 * many asterisks; works on broken YAML too.
 */
export function maskPasswords(text: string): string {
  return maskUserInfo(text)
    .replace(PASSWORD, (_, key: string, value: string) => key + asterisks(value));
}

/** The text without the user names and passwords of URLs. */
export function maskUserInfo(text: string): string {
  return text.replace(USER_INFO, asterisks);
}
