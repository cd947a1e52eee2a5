/**
 * Parameters of a keepalived.conf: `$NAME=value`, used as `$NAME` or `${NAME}`.
 *
 * @module
 */

import { folderOf } from "./glob.ts";
import type { Place } from "./statement.ts";

/** A text with its parameters replaced. */
export type Expanded =
  | { readonly ok: true; readonly text: string }
  /** The problem, and its remedy. */
  | { readonly ok: false; readonly message: string; readonly remedy: string };

/** Replacement continues in the replaced text. Only a parameter that uses itself needs more rounds than this. */
const MAX_ROUNDS = 32;

/** Longer than any reasonable line. */
const MAX_LENGTH = 256 * 1024;

const USE = /\$(?:\{([A-Za-z0-9_ ]+)\}|([A-Za-z_][A-Za-z0-9_]*)(?=\s|$))/g;
const DEFINITION = /^\s*\$([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/** The parameters that are defined so far. */
export class Parameters {
  readonly #values = new Map<string, string>();

  /** `id` is the configuration's, for `${_INSTANCE}`. */
  constructor(id: string) {
    this.#values.set("_INSTANCE", id);
    this.#values.set("_HASH", "#");
    this.#values.set("_BANG", "!");
  }

  /** Takes a definition; returns false if the line is none. A value of several lines contains line feeds. */
  define(line: string): boolean {
    const parts = DEFINITION.exec(line);
    if (parts) this.#values.set(parts[1]!, parts[2]!.trim());
    return parts !== null;
  }

  /** The line with all parameters replaced, also those in their values. Unknown ones stay as they are. */
  expand(line: string, { file }: Place): Expanded {
    let text = line;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const next = text.replace(
        USE,
        (use, braced?: string, bare?: string) => this.#value(braced ?? bare!, file) ?? use,
      );
      if (next.length > MAX_LENGTH) break;
      if (next === text) return checked(text);
      // The parser reads each of several lines separately, because it may define what the next one uses.
      if (next.includes("\n")) return { ok: true, text: next };
      text = next;
    }
    return {
      ok: false,
      message: "a parameter uses itself, or its value has no end",
      remedy: "write the value instead and import again",
    };
  }

  #value(name: string, file: string): string | undefined {
    return name === "_PWD" ? folderOf(file) || "." : this.#values.get(name);
  }
}

/** Outside quotation marks, the parser would read the braces of an undefined `${NAME}` as those of a block. */
function checked(text: string): Expanded {
  const unknown = /\$\{[^{}]*\}/.exec(text.replace(/"[^"]*"?/g, ""))?.[0];
  if (unknown === undefined) return { ok: true, text };
  const predefined = /^\$\{_(RANDOM|ENV)\b/.test(unknown);
  return {
    ok: false,
    message: predefined
      ? `${unknown} has no fixed value`
      : `${unknown} is not defined above this line`,
    remedy: "write the value instead and import again",
  };
}
