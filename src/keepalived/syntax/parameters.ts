/**
 * Parameters of a keepalived.conf: `$NAME=value`, used as `$NAME` or `${NAME}`.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { folderOf } from "./glob.ts";
import { isSequence } from "./sequences.ts";
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

const USE = /\$(?:\{([A-Za-z0-9_ ]+)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[\s,)]|$))/g;
const DEFINITION = /^\s*\$([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/** The value of a variable of the environment, used at a place; `undefined` if it is not set. */
export type Environment = (name: string, place: Place) => string | undefined;

/** The parameters that are defined so far. */
export class Parameters {
  readonly #values = new Map<string, string>();
  readonly #environment: Environment;

  /** `id` is the configuration's, for `${_INSTANCE}`; `environment` is asked for `${_ENV NAME}`. */
  constructor(id: string, environment: Environment) {
    this.#environment = environment;
    this.#values.set("_INSTANCE", id);
    this.#values.set("_HASH", "#");
    this.#values.set("_BANG", "!");
  }

  /** Takes a definition; another line is none. A value of several lines contains line feeds. */
  define(line: string): void {
    const parts = DEFINITION.exec(line);
    if (parts) this.#values.set(parts[1]!, parts[2]!.trim());
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** The line with all parameters replaced, also those in their values. Unknown ones stay as they are. */
  expand(line: string, place: Place): Expanded {
    if (!line.includes("$")) return { ok: true, text: line };
    let text = line;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const next = text.replace(
        USE,
        (use, braced?: string, bare?: string) => this.#value(braced ?? bare!, place) ?? use,
      );
      if (next.length > MAX_LENGTH) break;
      if (next === text) return checked(text);
      // The parser reads each of several lines separately, because it may define what the next one uses; and a line
      // that is repeated gives its parameters their values.
      if (next.includes("\n") || isSequence(next)) return { ok: true, text: next };
      text = next;
    }
    return {
      ok: false,
      message: "a parameter uses itself, or its value has no end",
      remedy: "write the value instead and import again",
    };
  }

  #value(name: string, place: Place): string | undefined {
    if (name === "_PWD") return folderOf(place.file) || ".";
    const variable = /^_ENV\s+(\S+)\s*$/.exec(name)?.[1];
    return variable === undefined ? this.#values.get(name) : this.#environment(variable, place);
  }
}

/** Values that keepalived has of its own, in quotation marks too. */
const PREDEFINED = /\$\{_(RANDOM|ENV)\b([^{}]*)\}/;

/** Outside quotation marks, the parser would read the braces of an undefined `${NAME}` as those of a block. */
function checked(text: string): Expanded {
  const [use, kind, argument = ""] = PREDEFINED.exec(text) ?? [];
  if (kind === "RANDOM") {
    return {
      ok: false,
      message: `${use} is another number at each start of keepalived`,
      remedy: "write a number instead and import again",
    };
  }
  if (kind === "ENV") {
    const message = argument.trim() === ""
      ? `${use} names no variable`
      : `the environment has no variable ${quote(argument.trim())}`;
    const remedy = "set it to what keepalived's service has, or write the value, and import again";
    return { ok: false, message, remedy };
  }
  const unknown = /\$\{[^{}]*\}/.exec(text.replace(/"[^"]*"?/g, ""))?.[0];
  if (unknown === undefined) return { ok: true, text };
  return {
    ok: false,
    message: `${unknown} is not defined above this line`,
    remedy: "write the value; if a shell or envsubst fills it in, import what that writes",
  };
}
