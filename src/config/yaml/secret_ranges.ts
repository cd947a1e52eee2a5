/**
 * The places of secrets in the text of a configuration, found in the document as far as it can be read. With `source.ts`
 * the only file that knows the YAML library.
 *
 * @module
 */

import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq } from "yaml";
import type { Path } from "../path.ts";
import { MAX_DEPTH } from "./limits.ts";
import { isSecretPath, secretInKey } from "../secrets/secret_places.ts";

/** Offsets in the text: from the first character to behind the last. */
export type Range = readonly [from: number, to: number];

/** The secrets of a document: where they stand, also behind an alias, and what they are. */
export interface Secrets {
  readonly ranges: readonly Range[];
  /** Without quotes; those of a path too, as in the key `password:secret`. */
  readonly values: ReadonlySet<string>;
}

export function findSecrets(document: Document.Parsed): Secrets {
  const search = new Search(document);
  search.walk(document.contents, [], false);
  return search;
}

class Search implements Secrets {
  readonly ranges: Range[] = [];
  readonly values = new Set<string>();
  readonly #document: Document.Parsed;
  /** The nodes that aliases have led to, so that those that go round end. */
  readonly #followed = new Set<unknown>();

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  /** `secret`: whatever stands here is one. */
  walk(node: unknown, path: Path, secret: boolean): void {
    if (path.length > MAX_DEPTH) return;
    if (isMap(node)) {
      for (const pair of node.items) if (isPair(pair)) this.#pair(pair, path, secret);
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        if (isPair(item)) this.#pair(item, path, secret);
        else this.walk(item, [...path, index], secret || isSecretPath([...path, index]));
      }
    } else if (isAlias(node)) {
      if (!secret || this.#followed.has(node.source)) return;
      this.#followed.add(node.source);
      this.walk(node.resolve(this.#document), path, secret);
    } else if (isScalar(node) && secret) {
      this.#keep(node.range, 0, String(node.source ?? node.value ?? ""));
    }
  }

  #pair({ key, value }: { key: unknown; value: unknown }, path: Path, secret: boolean): void {
    const name = isScalar(key) ? String(key.value ?? "") : "";
    const begin = secret ? 0 : secretInKey(path, name);
    if (begin >= 0 && isNode(key)) this.#keep(key.range, begin, name.slice(begin));
    const below = [...path, name];
    this.walk(
      value,
      below,
      secret || begin === 0 || isSecretPath(below, textOf(value)) && !holdsMore(value, below),
    );
  }

  #keep(range: Range | readonly number[] | null | undefined, skip: number, value: string): void {
    if (range) this.ranges.push([range[0]! + skip, range[1]!]);
    if (value.trim() !== "") this.values.add(value.trim());
  }
}

/** `authentication` itself is no secret where it is a mapping, as it is to be. */
function holdsMore(value: unknown, path: Path): boolean {
  return path.at(-1) === "authentication" && (isMap(value) || isAlias(value));
}

function textOf(node: unknown): string | undefined {
  return isScalar(node) ? String(node.value ?? "") : undefined;
}
