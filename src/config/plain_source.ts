/**
 * The source of a configuration as its checks see it: a file, or data that no file holds yet.
 *
 * @module
 */

import type { Path } from "./path.ts";
import { isSecretPath } from "./secrets/secret_places.ts";

/** From 1 each; columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A configuration's data, and where its parts stand. */
export interface ConfigSource {
  /** Plain values: mappings, lists, texts, numbers, booleans, null. */
  readonly data: unknown;
  /** The texts in the places of secrets, for messages that quote the text. */
  readonly secrets: ReadonlySet<string>;
  /** The place of a value; `null` where there is no text. */
  valuePosition(path: Path): Position | null;
  /** The place of the key that ends `path`; `null` where there is no text. */
  keyPosition(path: Path): Position | null;
  /** A scalar as it is written, without quotes; `null` where that is not known. */
  written(path: Path): string | null;
  /** One line of the text, passwords masked. */
  excerpt(line: number): string;
}

/** Data without a text. */
export class PlainSource implements ConfigSource {
  readonly data: unknown;
  #secrets: ReadonlySet<string> | null = null;

  constructor(data: unknown) {
    this.data = data;
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets ??= new Set(secretsIn(this.data, [], false));
  }

  valuePosition(): null {
    return null;
  }

  keyPosition(): null {
    return null;
  }

  written(): null {
    return null;
  }

  excerpt(): string {
    return "";
  }
}

/** The secrets of data whose keys are right; `secret`: whatever stands here is one. */
function* secretsIn(data: unknown, path: Path, secret: boolean): Generator<string> {
  if (typeof data === "object" && data !== null) {
    const inList = Array.isArray(data);
    for (const [key, value] of Object.entries(data)) {
      const below = [...path, inList ? Number(key) : key];
      const text = typeof value === "object" ? undefined : String(value);
      const inside = secret || isSecretPath(below, text) && below.at(-1) !== "authentication";
      yield* secretsIn(value, below, inside);
    }
    return;
  }
  const text = String(data).trim();
  if (secret && text !== "") yield text;
}
