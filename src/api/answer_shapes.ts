/**
 * The parts of an answer that the command line relies on. The other end may be a vipd of another version: unknown parts
 * are ignored, and parts that 0.1.0 does not send may be absent. Or it is any other program that answers at an address.
 *
 * @module
 */

import * as z from "zod";
import type { ConfigChange } from "../config/changes.ts";
import type { Diagnostic } from "../config/diagnostics.ts";
import type { JournalEntry } from "../status/journal.ts";
import type { NodeConfig } from "../status/node_config.ts";
import type { PeerView } from "../status/reports/peer_answer.ts";
import type { Rehearsal } from "../status/rehearsal.ts";
import type { ReloadVerdicts } from "../status/commands/reloading.ts";
import type { InstanceStatus, NodeStatus, ProbationStatus } from "../status/status.ts";

import type { ProblemDocument } from "./problem.ts";

/** The answer to promote, demote, release and the priority calls. */
export interface CommandAnswer {
  readonly took_ms: number;
  readonly instance: InstanceStatus;
  /** The reachable peers' last state of the same virtual router. */
  readonly peers: readonly AnsweredPeer[];
  /** Why a restart would forget the override; absent if it is on the disk. */
  readonly not_kept?: string | undefined;
}

/** `name` is the same as `peer`; 0.1.0 does not send it. */
export interface AnsweredPeer extends PeerView {
  readonly name?: string | undefined;
}

/** The answer to a reload. */
export interface ReloadAnswer {
  readonly took_ms: number;
  readonly changes: readonly ConfigChange[];
  readonly warnings: readonly Diagnostic[];
  /** The first verdicts; absent from a vipd that does not wait for them. */
  readonly verdicts?: ReloadVerdicts | undefined;
  /** Absent if the configuration is in force for good. */
  readonly probation?: ProbationStatus | undefined;
}

/** Reads a value as `T`, and checks its essential parts. */
export type Shape<T> = z.ZodType<unknown> & { readonly of?: T };

const text = z.string();
const many = z.array(z.unknown());
const anything = z.record(text, z.unknown());

const instance = z.looseObject({
  name: text,
  interface: text,
  vrid: z.int(),
  state: text,
  since: text,
  priority: z.looseObject({
    configured: z.number(),
    effective: z.number(),
    reasons: z.array(z.looseObject({ what: text, change: z.number() })),
  }),
  addresses: z.array(z.looseObject({ address: text, prefix_length: z.int(), held: z.boolean() })),
  routing: many,
  timers: anything,
  master: z.looseObject({ address: text, priority: z.number() }).nullable(),
  reason: z.looseObject({ code: text, message: text }),
  faults: z.array(text),
  override: z.looseObject({ kind: text, priority: z.number() }).nullable(),
  counters: z.looseObject({ dropped: anything }),
});

const diagnostic = z.looseObject({
  severity: z.enum(["error", "warning"]),
  code: text,
  file: text,
  line: z.int().nullable(),
  column: z.int().nullable(),
  message: text,
  hint: text,
  excerpt: text.nullable(),
});

export const statusShape: Shape<NodeStatus> = z.looseObject({
  node: text,
  version: text,
  started_at: text,
  uptime_seconds: z.number(),
  alarms: z.array(z.looseObject({ severity: text, message: text, hint: text })),
  instances: z.array(instance),
  checks: z.array(z.looseObject({ name: text, type: text, state: text })),
  notifications: z.array(z.looseObject({ name: text, type: text, state: text })),
  peers: z.array(z.looseObject({ name: text, url: text, instances: many })),
  dropped: anything,
});

const words = z.record(text, z.union([text, z.array(text)]));
const namedWords = z.record(text, words);

export const configShape: Shape<NodeConfig> = z.looseObject({
  node: text,
  version: text,
  config: z.looseObject({
    ...{ settings: words, interfaces: namedWords, checks: namedWords, instances: namedWords },
    ...{ sync_groups: namedWords, notify: namedWords, peers: namedWords },
  }),
  machine: z.looseObject({ kernel: text.nullable(), settings: z.record(text, text) }),
  certificates: z.array(z.looseObject({ use: text, subject: text, ends: text.nullable() })),
});

export const entryShape: Shape<JournalEntry> = z.looseObject({
  id: z.int(),
  time: text,
  severity: text,
  code: text,
  message: text,
});

export const entriesShape: Shape<JournalEntry[]> = z.array(entryShape);

export const commandShape: Shape<CommandAnswer> = z.looseObject({
  took_ms: z.number(),
  instance,
  peers: z.array(z.looseObject({ peer: text, state: text })),
});

export const reloadShape: Shape<ReloadAnswer> = z.looseObject({
  took_ms: z.number(),
  changes: z.array(z.looseObject({ subject: text, key: text, change: text })),
  warnings: z.array(diagnostic),
  verdicts: z.looseObject({
    checks: z.array(z.looseObject({ name: text, state: text, detail: text })),
    instances: z.array(z.looseObject({ name: text, state: text, faults: z.array(text) })),
  }).optional(),
  probation: z.looseObject({ until: text }).optional(),
});

export const rehearsalShape: Shape<Rehearsal> = z.looseObject({
  node: text,
  at: text,
  took_ms: z.number(),
  nginx: z.looseObject({ config: text, running: z.boolean().nullable(), unread: many }),
  results: z.array(z.looseObject({ name: text, port: z.int(), tls: z.boolean() })),
});

export const keepShape: Shape<{ readonly kept: true }> = z.looseObject({ kept: z.literal(true) });

export const problemShape: Shape<
  Pick<ProblemDocument, "status" | "code" | "detail" | "diagnostics">
> = z.looseObject({
  status: z.int(),
  code: text,
  detail: text,
  diagnostics: z.array(diagnostic).optional(),
});

/** The answer in `text`, unchanged; `null` if it does not have this shape. */
export function readAnswer<T>(text: string, shape: Shape<T>): T | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return shape.safeParse(value).success ? value as T : null;
}
