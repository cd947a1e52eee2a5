/**
 * The parts that vipd reads of a peer's answers: its status, journal and rehearsal. The peer may be a vipd of another version: unknown parts are
 * ignored, and parts that came with a later version may be missing; without the others it is no answer of vipd's. It may
 * also be any other program that answers at that address.
 *
 * @module
 */

import * as z from "zod";
import { type JournalEntry, SEVERITIES } from "../../status/journal.ts";
import { addressesMissing, loweredBy } from "../../status/peer/settings.ts";
import {
  type Rehearsal,
  rehearsal,
  type RehearsedName,
  rehearsedName,
} from "../../status/rehearsal.ts";
import type { PeerAnswer } from "../../status/reports/peer_answer.ts";
import {
  authentication,
  family,
  overrideKind,
  priority,
  routerState,
} from "../../status/schemas/terms.ts";
import type { PeerInstanceStatus } from "../../status/status.ts";

/** More than any node has. */
const MAX_INSTANCES = 4096;
const MAX_ADDRESSES = 4096;
const MAX_FAULTS = 64;
/** Longest text of a peer that vipd shows. */
const MAX_CHARS = 1000;

/** Any elements, at most this many. Counts them before it reads them, because each may be wrong in many ways. */
function few(most: number) {
  return z.custom<unknown[]>((value) => Array.isArray(value) && value.length <= most);
}

const text = z.string().transform((value) => value.slice(0, MAX_CHARS));
const name = z.string().max(64);
const priorityReason = z.object({ what: text, change: z.int() });

const moment = z.iso.datetime();
const clientCheck = z.object({ target: text, ok: z.boolean(), detail: text });

const address = z.object({
  address: name,
  prefix_length: z.int().min(0).max(128),
  held: z.boolean().optional().catch(undefined),
});

const conflict = z.object({ alarm: name, message: text, hint: text });

const instance = z.object({
  name,
  interface: name,
  vrid: z.int().min(1).max(255),
  family,
  version: z.int(),
  state: routerState,
  handing_over: z.boolean(),
  priority: z.object({
    configured: priority,
    effective: priority,
    reasons: few(MAX_FAULTS).pipe(z.array(priorityReason)).optional().catch(undefined),
  }),
  timers: z.object({ advert_interval_ms: z.number() }).optional(),
  preempt: z.boolean().optional(),
  authentication: authentication.optional().catch(undefined),
  addresses: few(MAX_ADDRESSES).pipe(z.array(address)),
  master: z.object({ address: name, priority }).nullable(),
  adverts_missing: z.literal(true).optional().catch(undefined),
  adverts_blocked: text.optional().catch(undefined),
  adverts_dropped_by: z.object({ rule: text, command: text }).optional().catch(undefined),
  faults: few(MAX_FAULTS).pipe(z.array(text)),
  override: z.object({ kind: overrideKind }).nullable(),
  address_on_backup: z.object({ address: name, device: name }).optional().catch(undefined),
  address_conflict: conflict.optional().catch(undefined),
  client_check_unknown: text.optional().catch(undefined),
  pair: z.unknown().optional(),
  since: moment.optional().catch(undefined),
  client_check: clientCheck.nullish().catch(undefined),
}).transform((
  {
    priority: { configured, effective, reasons = [] },
    timers,
    preempt,
    authentication,
    addresses,
    override,
    since,
    client_check: check,
    pair,
    ...same
  },
) =>
  ({
    ...same,
    priority: { configured, effective },
    ...loweredBy(reasons),
    ...addressesMissing(same.state, addresses),
    advert_interval_ms: timers?.advert_interval_ms ?? null,
    preempt: preempt ?? null,
    authentication: authentication ?? null,
    addresses: addresses.map(({ address, prefix_length }) => `${address}/${prefix_length}`),
    override: override?.kind ?? null,
    ...(since !== undefined && { since }),
    ...(check && { client_check: check }),
    ...(pair === undefined && { without_verdict: true as const }),
  }) satisfies PeerInstanceStatus
);

/** vipd reads only that the peer has alarms, and their kind. */
const alarm = z.object({ code: name, subject: name.nullable() });

const status = z.object({
  node: name,
  version: name,
  now: moment.optional().catch(undefined),
  rehearsal: z.object({ at: name }).optional().catch(undefined),
  processes: z.object({ engine: z.object({ started_at: moment, restarts: z.int().min(0) }) })
    .optional().catch(undefined),
  alarms: few(MAX_INSTANCES).pipe(z.array(alarm)).optional().catch(undefined),
  instances: few(MAX_INSTANCES),
});

/** A peer's status, and when its node made it by its own clock; `null` if its version does not say so. */
export interface ReadStatus extends PeerAnswer {
  readonly atMs: number | null;
}

/** The answer in `text` with its time, or why it is none of vipd's. Reports only the first problem. */
export function readPeerStatus(text: string): ReadStatus | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "it answers what is not JSON" };
  }
  const read = status.safeParse(value);
  if (!read.success) return { problem: otherwise(read.error.issues) };
  const { alarms = [], node, version, now } = read.data;
  const strays = new Set(
    alarms.flatMap(({ code, subject }) => code === "address_on_backup" ? subject ?? [] : []),
  );
  const instances: PeerInstanceStatus[] = [];
  for (const [index, element] of read.data.instances.entries()) {
    const one = instance.safeParse(element);
    if (!one.success) return { problem: otherwise(one.error.issues, ["instances", index]) };
    const isStray = strays.has(one.data.name);
    instances.push(isStray ? { address_on_backup: null, ...one.data } : one.data);
  }
  const rehearsedAt = read.data.rehearsal?.at;
  const engine = read.data.processes?.engine;
  return {
    ...{ node, version, instances, atMs: now === undefined ? null : Date.parse(now) },
    ...(rehearsedAt !== undefined && { rehearsedAt }),
    ...(engine && { engine: { startedAt: engine.started_at, restarts: engine.restarts } }),
  };
}

function otherwise(
  issues: readonly z.core.$ZodIssue[],
  place: readonly PropertyKey[] = [],
): string {
  const path = [...place, ...issues[0]?.path ?? []].join(".");
  return `its status lacks what vipd says, or says it otherwise: ${path}`;
}

/** Number of the newest entries that are taken. */
export const MAX_ENTRIES = 300;

const journalEntry = z.object({
  id: z.int().min(1),
  time: z.iso.datetime(),
  severity: z.enum(SEVERITIES),
  code: name,
  message: text,
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
    const read = journalEntry.safeParse(element);
    // Stops at the first problem: each element may have many.
    if (!read.success) return null;
    entries.push(read.data);
  }
  return entries;
}

/** More names than any vipd asks for. */
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
