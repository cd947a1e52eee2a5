/**
 * Elections as the wire shows them.
 *
 * @module
 */

import type { CapturedAdvert } from "../../lab/capture.ts";
import { NODE_ADDRESSES } from "../../lab/pair_config.ts";

/** How often another node than before was heard to be master; adverts of strangers do not count. */
export function elections(adverts: readonly CapturedAdvert[]): number {
  const nodes: readonly string[] = Object.values(NODE_ADDRESSES);
  const masters = adverts.filter(({ source }) => nodes.includes(source)).map((it) => it.source);
  return masters.filter((source, index) => index > 0 && source !== masters[index - 1]).length;
}
