/**
 * Parts of the result, each with the place that it comes from.
 *
 * @module
 */

import type { Statement } from "./syntax/statement.ts";

/** A key's value, and the statement that it comes from if a message about it should point there. */
export interface Entry {
  readonly value: unknown;
  readonly statement?: Statement;
}

/** The keys of one instance in the order of vipd's configuration; lists are lists of entries. */
export type InstanceEntries =
  & { readonly name: Entry }
  & Readonly<Record<string, Entry | readonly Entry[]>>;
