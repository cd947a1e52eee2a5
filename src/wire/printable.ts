/**
 * Makes text from others safe to print: a terminal executes nothing in it, and a reader sees all of it in its order.
 *
 * @module
 */

/**
 * Characters that are not printed. Control characters, because escape sequences begin with one. Format characters,
 * because they are invisible or reverse the direction of the text that follows (U+202E). Separators of lines and
 * paragraphs. Halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Texts that need no look at the tables of Unicode: most of what is printed. */
const PLAIN = /^[ -~]*$/;

/** The text on one line: U+FFFD replaces each character that a terminal would execute. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNPRINTABLE, "\ufffd");
}

/** The same for a text of several lines, which may have tabs. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (found) => found === "\n" || found === "\t" ? found : "\ufffd");
}

/** A value of JSON with each of its texts as {@link printable} gives it, keys too. */
export function printableValue<T>(value: T): T {
  return inPlace(value) as T;
}

function inPlace(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(inPlace);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [printable(key), inPlace(inner)]),
  );
}

/** The text of a JSON document with the same meaning, with escapes for the characters that are not printed. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (found) => found === "\n" ? found : escapes(found));
}

/** RFC 8259 section 7: an escape for each UTF-16 unit. */
function escapes(character: string): string {
  return character.split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
