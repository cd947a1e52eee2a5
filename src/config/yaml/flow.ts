/**
 * Data as YAML in one line, for remedies that people copy into their file.
 *
 * @module
 */

import { plainYaml } from "./plain_yaml.ts";

/** `{ peers: [192.168.31.12] }`; a text is in quotes where it would not read back as itself. */
export function flowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) =>
      `${flowYaml(key)}: ${flowYaml(inner)}`
    );
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  return typeof value === "string" && !isPlain(value) ? JSON.stringify(value) : String(value);
}

/** A text with blanks, or of nothing but dots, is easier to read in quotes. */
function isPlain(text: string): boolean {
  if (/\s|^\.+$/.test(text)) return false;
  const read = plainYaml(`[${text}]`);
  return Array.isArray(read) && read.length === 1 && read[0] === text;
}
