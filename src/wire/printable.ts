/**
 * Text that others wrote, such that a terminal obeys nothing in it and a reader sees all of it in its order.
 *
 * @module
 */

/**
 * What is not shown: control characters, escape sequences begin with one; format characters, which are invisible or
 * turn the direction of what follows (U+202E); separators of lines and paragraphs; halves of characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text on one line: U+FFFD in the place of each character that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\ufffd");
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

/** The text of a JSON document with the same meaning: what is not shown stands in escapes. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (found) => found === "\n" ? found : escapes(found));
}

/** RFC 8259 section 7: an escape for each UTF-16 unit. */
function escapes(character: string): string {
  return character.split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
