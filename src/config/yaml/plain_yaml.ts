/**
 * YAML read in a hurry: its data, without the places where they stand. `limits.ts` says which reader decides what.
 *
 * @module
 */

import { CORE_SCHEMA, load, mapTag, YAMLException } from "js-yaml";
import { MAX_DEPTH } from "./limits.ts";

/** Mappings whose keys are texts: each library has its own idea of others. */
const textKeys: typeof mapTag = {
  ...mapTag,
  addPair: (mapping, key, value) =>
    typeof key === "string" ? mapTag.addPair(mapping, key, value) : "the key is no text",
};

/** An alias is not plain: what it stands for could be read many times. */
const PLAIN = {
  schema: CORE_SCHEMA.withTags(textKeys),
  maxAliases: 0,
  maxDepth: MAX_DEPTH,
} as const;

/**
 * Things that the two libraries could understand differently: a carriage return alone, a tab, a byte order mark inside, the
 * separators of other standards, and the marks of a document's begin and end, wherever on a line they begin.
 */
const IN_DISPUTE = /\r(?!\n)|[\t\u0085\u2028\u2029]|[^]\ufeff|^ *\.\.\.|^ +---/m;

/**
 * The data of a plain text, the same that `YamlSource` gives, in a quarter of the time; `undefined` for one that is not
 * plain, is no YAML, or has a key twice.
 */
export function plainYaml(text: string): unknown {
  if (IN_DISPUTE.test(text)) return undefined;
  try {
    return load(text, PLAIN);
  } catch {
    // The thorough reading says what is wrong with it, and where.
    return undefined;
  }
}

/** Aliases are followed, and of keys that stand twice the last one counts. */
const TOLERANT = {
  schema: CORE_SCHEMA,
  json: true,
  maxAliases: Infinity,
  maxDepth: MAX_DEPTH,
} as const;

/**
 * The facts that are quickly known of any text: its data, or the offset from which it is no YAML, with a nesting deeper than
 * {@link MAX_DEPTH} among the faults. Neither where the readers could think differently of it.
 */
export function lookAt(text: string): { readonly data: unknown; readonly faultAt: number | null } {
  try {
    return { data: load(text, TOLERANT), faultAt: null };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return { data: undefined, faultAt: error.mark?.position ?? null };
  }
}
