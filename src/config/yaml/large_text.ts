/**
 * The part of a large text that is read thoroughly. The thorough reading takes seconds for a mebibyte, gigabytes of memory for one
 * of opening brackets, and finds thousands of faults that all come from the first.
 *
 * @module
 */

import { lookAt } from "./plain_yaml.ts";

/** More than this is large, in UTF-16 units: some four hundred instances. */
export const LARGE_CHARS = 64 * 1024;
/** How much of a broken text is read behind the place of its first fault. */
const BEHIND_CHARS = 4096;

/** A text as far as it is worth reading. */
export interface ReadablePart {
  readonly text: string;
  /** The offset at which it ceases to be YAML for the quick reader, if it was cut for that. */
  readonly faultAt: number | null;
  /** The data of a large text without a fault, aliases followed; `undefined` if it is not known. */
  readonly data: unknown;
}

export function readablePart(text: string): ReadablePart {
  if (text.length <= LARGE_CHARS) return { text, faultAt: null, data: undefined };
  const { data, faultAt } = lookAt(text);
  if (faultAt === null || faultAt + BEHIND_CHARS >= text.length) {
    return { text, faultAt: null, data };
  }
  return { text: text.slice(0, faultAt + BEHIND_CHARS), faultAt, data };
}
