/**
 * The parts that vipd reads of a peer's `GET /v1/rehearsal`; a newer peer may say more.
 *
 * @module
 */

import {
  type Rehearsal,
  rehearsal,
  type RehearsedName,
  rehearsedName,
} from "../../status/rehearsal.ts";

/** More than any vipd asks for. */
const MAX_RESULTS = 20_000;

/** The rehearsal in `text`; `null` if it is none. Stops at the first problem: each element may have many. */
export function readPeerRehearsal(text: string): Rehearsal | null {
  const value = JSON.parse(text) as { readonly results?: unknown } | null;
  const head = rehearsal.safeParse({ ...value, results: [] });
  if (!head.success || !Array.isArray(value?.results)) return null;
  if (value.results.length > MAX_RESULTS) return null;
  const results: RehearsedName[] = [];
  for (const element of value.results) {
    const read = rehearsedName.safeParse(element);
    if (!read.success) return null;
    results.push(read.data);
  }
  return { ...head.data, results };
}
