/**
 * JSON of the other node, before a schema reads it.
 *
 * @module
 */

/** `null` for a text that is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
