/**
 * The parts that vipd reads of a peer's `GET /v1/events`; a vipd of another version may say more.
 *
 * @module
 */

import * as z from "zod";
import { type JournalEntry, SEVERITIES } from "../../status/journal.ts";

/** Number of the newest entries that are taken. */
export const MAX_ENTRIES = 300;
/** Longest text of a peer that vipd shows. */
const MAX_CHARS = 1000;

const name = z.string().max(64);

const entry = z.object({
  id: z.int().min(1),
  time: z.iso.datetime(),
  severity: z.enum(SEVERITIES),
  code: name,
  message: z.string().transform((text) => text.slice(0, MAX_CHARS)),
  subject: name.optional().catch(undefined),
  transition: z.object({ from: name, to: name, reason: name }).optional().catch(undefined),
}).transform(({ subject, transition, ...same }) => ({
  ...same,
  ...(subject !== undefined && { subject }),
  ...(transition !== undefined && { transition }),
}));

/** The newest entries in `text`, oldest first, by the peer's clock; `null` if it is no journal. */
export function readPeerJournal(text: string): JournalEntry[] | null {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return null;
  const entries: JournalEntry[] = [];
  for (const element of value.slice(-MAX_ENTRIES)) {
    const read = entry.safeParse(element);
    // Stops at the first problem: each element may have many.
    if (!read.success) return null;
    entries.push(read.data);
  }
  return entries;
}
