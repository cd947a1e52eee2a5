/**
 * Passwords among the arguments of scripts, which stay in the result and are shown nowhere else.
 *
 * @module
 */

import { maskPasswords } from "../config/masking.ts";

/** Between an option and its value: blanks, or the marks of a list. */
const NEXT = String.raw`(?:\s+|=|["'],\s*["'])`;
const VALUE = String.raw`[^\s"',|;&]+`;

/** Arguments of the usual clients: the part to keep, and the secret. */
const ARGUMENTS: readonly RegExp[] = [
  new RegExp(String.raw`(\b(?:mysql|mariadb)\w*\b[^|;&]*?[\s"']-p)(${VALUE})`, "g"),
  new RegExp(String.raw`(\bredis-cli\b[^|;&]*?[\s"']-a${NEXT})(${VALUE})`, "g"),
  new RegExp(String.raw`([\s"'](?:-u|--user|--proxy-user)${NEXT}[^\s"':|;&]+:)(${VALUE})`, "g"),
  new RegExp(
    String.raw`([\s"']--?(?:password|passwd|pass|pwd|token|secret)${NEXT})(${VALUE})`,
    "g",
  ),
  /(\bAuthorization:\s*(?:\w+\s+)?)([^\s"',|;&]+)/gi,
];

/** In each text that one of them matches. */
const SUSPECT =
  /\b(?:mysql|mariadb|redis-cli)|[\s"']--?u|pass|pwd|token|secret|authorization|:\/\//i;

/** The text with asterisks instead of such secrets. */
export function withoutSecretArguments(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const masked = ARGUMENTS.reduce((left, pattern) => left.replace(pattern, "$1***"), text);
  return maskPasswords(masked);
}
