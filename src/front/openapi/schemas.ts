/**
 * The API's answers as zod schemas: the source of the OpenAPI document. The compiler compares each with the type of the
 * status model, so that neither can contain more than the other.
 *
 * @module
 */

import * as z from "zod";
import type { CommandAnswer } from "../../api/answer_shapes.ts";
import { PROBLEM_STATUS, type ProblemCode, type ProblemDocument } from "../../api/problem.ts";
import { DIAGNOSTIC_CODES, type DiagnosticCode } from "../../config/diagnostics.ts";
import { type AlarmCode, ALARMS } from "../../status/alarms.ts";
import type { JournalEntry } from "../../status/journal.ts";
import { DROP_MESSAGES } from "../../status/messages.ts";
import type { Readiness } from "../../status/readiness.ts";
import type {
  CheckStatus,
  DropReason,
  InstanceStatus,
  NodeStatus,
  NotificationStatus,
  PeerInstanceStatus,
  PeerStatus,
  ProcessesStatus,
  ProcessStatus,
} from "../../status/status.ts";

/** Schemas with a name in the document. */
export const named = z.registry<{ readonly id: string; readonly description: string }>();

/** The keys of a record that lists them once, with their type. */
export function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(record) as [K, ...K[]];
}

const count = z.int().min(0);
const time = z.iso.datetime().describe("RFC 3339, in UTC");
const priority = z.int().min(0).max(255);
const severity = z.enum(["error", "warning"]);

const dropCounters = z.partialRecord(
  z.enum(keysOf<DropReason>(DROP_MESSAGES)),
  count,
).register(named, {
  id: "DropCounters",
  description: "Discarded packets by reason; a reason that never occurred is absent.",
});

const alarm = z.strictObject({
  code: z.enum(keysOf<AlarmCode>(ALARMS)),
  severity,
  subject: z.string().nullable().describe("The instance it is about; null for the node"),
  message: z.string(),
  hint: z.string().describe("What to do about it"),
  since: time,
}).register(named, { id: "Alarm", description: "Something that a person must act on." });

const address = z.strictObject({
  address: z.string(),
  prefix_length: z.int().min(0).max(128),
  device: z.string(),
  label: z.string().nullable(),
  advertised: z.boolean().describe("Whether the adverts name the address"),
  held: z.boolean().describe("Whether this node has put the address on its device"),
}).register(named, { id: "Address", description: "An address that the master carries." });

const override = z.strictObject({
  kind: z.enum(["promoted", "demoted", "priority"]),
  priority,
  since: time,
  until: time.nullable().describe("When it ends by itself; null when it stands until released"),
}).register(named, { id: "Override", description: "An order by hand that stands." });

const counters = z.strictObject({
  advertisements_sent: count,
  advertisements_failed: count,
  advertisements_received: count,
  priority_zero_sent: count,
  priority_zero_received: count,
  checksum_message: count,
  checksum_pseudo_header: count,
  became_master: count,
  released_master: count,
  dropped: dropCounters,
}).register(named, { id: "Counters", description: "What the instance has counted." });

export const instance = z.strictObject({
  name: z.string(),
  interface: z.string(),
  track_interface: z.boolean().describe("Whether a lost link of the interface is a fault"),
  vrid: z.int().min(1).max(255),
  version: z.literal([2, 3]),
  family: z.enum(["ipv4", "ipv6"]),
  sync_group: z.string().nullable(),
  state: z.enum(["init", "backup", "master", "fault"]),
  handing_over: z.boolean().describe("A master that waits for the next one"),
  priority: z.strictObject({
    configured: priority,
    effective: priority,
    reasons: z.array(z.strictObject({ what: z.string(), change: z.int() })),
  }),
  preempt: z.boolean().describe("Whether it takes over from a master of lower priority"),
  sole_backup: z.object({
    applies: z.boolean(),
    why: z.string().describe("Why it applies, or why not"),
  }).describe("Whether it takes over at once, as backup, when its master says goodbye"),
  authentication: z.enum(["none", "pass", "hmac"]),
  addresses: z.array(address),
  accept: z.boolean().describe("Whether packets to the addresses are taken"),
  lease: z.strictObject({
    seconds: z.number(),
    renewed_ms_ago: z.number().nullable()
      .describe("null while this node does not hold the addresses"),
  }).nullable().describe("How long the addresses outlast vipd; null when they stay"),
  virtual_mac: z.strictObject({ mac: z.string(), interface: z.string() }).nullable(),
  routing: z.array(z.strictObject({ entry: z.string(), held: z.boolean() })),
  timers: z.strictObject({
    advert_interval_ms: z.number(),
    skew_time_ms: z.number(),
    master_down_interval_ms: z.number(),
    announce_delay_ms: z.number(),
  }),
  master: z.strictObject({ address: z.string(), priority }).nullable()
    .describe("Who is master as far as this node knows; null when nobody was heard"),
  since: time,
  reason: z.strictObject({ code: z.string(), message: z.string() }),
  faults: z.array(z.string()),
  override: override.nullable(),
  counters,
}).register(named, {
  id: "Instance",
  description: "One VRRP instance.",
}) satisfies z.ZodType<InstanceStatus>;

const check = z.strictObject({
  name: z.string(),
  type: z.enum(["http", "tcp", "ping", "process", "exec", "file"]),
  state: z.enum(["unknown", "up", "down"]),
  since: time.nullable(),
  recovery: z.strictObject({
    phase: z.enum(["running", "verifying", "recovered", "given_up"]),
    attempt: z.int(),
    attempts: z.int(),
    since: time,
  }).nullable().describe(
    "What on_fail tries before the check turns down, or what came of it; null when nothing was tried",
  ),
  last: z.strictObject({
    ok: z.boolean(),
    at: time,
    detail: z.string(),
    took_ms: z.number(),
  }).nullable(),
  number: z.int().optional().describe(
    "What the file of a file check holds; 0 while it cannot be read",
  ),
  certificate_ends: time.optional().describe(
    "When the certificate that an https check with expires_within sees ends, once that is known",
  ),
}).register(named, {
  id: "Check",
  description: "A check with its last result.",
}) satisfies z.ZodType<CheckStatus>;

const notification = z.strictObject({
  name: z.string(),
  type: z.enum(["exec", "webhook", "email"]),
  state: z.enum(["idle", "ok", "failing"]),
  waiting: count.describe("Events that are not told yet"),
  delivered: count,
  failed: count.describe("Tries that did not get through, and programs that ended badly"),
  lost: count.describe("Events that were given up"),
  last_success: time.nullable(),
  last_failure: z.strictObject({ at: time, detail: z.string() }).nullable(),
}).register(named, {
  id: "Notification",
  description: "Somebody who is told what happens.",
}) satisfies z.ZodType<NotificationStatus>;

const peerInstance = z.strictObject({
  name: z.string(),
  interface: z.string(),
  vrid: z.int(),
  family: z.enum(["ipv4", "ipv6"]),
  version: z.int(),
  state: z.enum(["init", "backup", "master", "fault"]),
  handing_over: z.boolean(),
  priority: z.strictObject({ configured: priority, effective: priority }),
  advert_interval_ms: z.number().nullable(),
  preempt: z.boolean().nullable(),
  authentication: z.enum(["none", "pass", "hmac"]).nullable(),
  addresses: z.array(z.string()).describe("With prefix length"),
  master: z.strictObject({ address: z.string(), priority }).nullable(),
  faults: z.array(z.string()),
  override: z.enum(["promoted", "demoted", "priority"]).nullable(),
  address_on_backup: z.literal(true).optional()
    .describe(
      "Present where an address is on the peer's interface although the peer is not master",
    ),
}).register(named, {
  id: "PeerInstance",
  description: "An instance as the peer says it is; null is what its version does not say.",
}) satisfies z.ZodType<PeerInstanceStatus>;

const peer = z.strictObject({
  name: z.string(),
  url: z.string(),
  reachable: z.boolean().describe("Whether its last answer is no older than a few seconds"),
  error: z.string().nullable().describe("Why the last question was not answered"),
  last_seen: time.nullable(),
  node: z.string().nullable(),
  version: z.string().nullable(),
  instances: z.array(peerInstance).describe("Empty while it is not reachable"),
}).register(named, {
  id: "Peer",
  description: "Another load balancer, as its API says.",
}) satisfies z.ZodType<PeerStatus>;

const process = z.strictObject({
  realtime_priority: z.int().min(1).max(99).nullable().describe("Null for an ordinary process"),
  nice: z.int().min(-20).max(19).nullable().describe("Null where it stands as it was started"),
}).register(named, {
  id: "Process",
  description: "How the kernel treats the daemon beside other programs.",
}) satisfies z.ZodType<ProcessStatus>;

const lifeOfProcess = {
  restarts: count,
  last_exit: z.strictObject({ at: time, reason: z.string() }).nullable()
    .describe("How it came to its last end; null when it never did"),
};

const processes = z.strictObject({
  engine: z.strictObject({
    pid: count,
    user: z.string(),
    started_at: time,
    ...lifeOfProcess,
  }).describe("What speaks VRRP and holds the addresses"),
  front: z.strictObject({
    state: z.enum(["serving", "starting", "down"]),
    pid: count.nullable(),
    user: z.string().nullable(),
    started_at: time.nullable(),
    ...lifeOfProcess,
    problem: z.string().nullable().describe("Why it does not serve; null while it does"),
  }).describe("What answers clients"),
}).register(named, {
  id: "Processes",
  description: "The two processes of the daemon, and how often and why each was started again.",
}) satisfies z.ZodType<ProcessesStatus>;

export const nodeStatus = z.strictObject({
  node: z.string(),
  version: z.string(),
  started_at: time,
  uptime_seconds: count,
  process,
  processes,
  alarms: z.array(alarm).describe("The gravest first"),
  instances: z.array(instance),
  checks: z.array(check),
  notifications: z.array(notification).describe("Whom this node tells, and how that goes"),
  peers: z.array(peer).describe("The other load balancers whose APIs are configured"),
  dropped: dropCounters,
}).register(named, {
  id: "NodeStatus",
  description: "The whole node.",
}) satisfies z.ZodType<NodeStatus>;

export const journalEntry = z.strictObject({
  id: z.int().min(1),
  time,
  severity: z.enum(["error", "warning", "notice", "info", "debug"]),
  code: z.string(),
  message: z.string(),
  subject: z.string().optional().describe("The instance or check it is about"),
  alarm: z.string().optional(),
  transition: z.strictObject({ from: z.string(), to: z.string(), reason: z.string() }).optional(),
  priority: z.int().optional().describe("The effective priority, with a transition"),
  trial: z.literal(true).optional().describe(
    "The mastership that ends with this transition only tried out what the kernel still refuses",
  ),
}).register(named, { id: "JournalEntry", description: "Something that happened." });

export const commandAnswer = z.strictObject({
  took_ms: count,
  instance,
  peers: z.array(z.strictObject({
    peer: z.string(),
    state: z.enum(["init", "backup", "master", "fault"]),
  })).describe("What the reachable peers said last of the same virtual router"),
  not_kept: z.string().optional().describe(
    "Why a restart would forget the order, which is in force; absent where it is on the disk",
  ),
}).register(named, {
  id: "OrderAnswer",
  description: "What came of an order.",
}) satisfies z.ZodType<CommandAnswer>;

export const liveness = z.strictObject({ status: z.literal("ok") }).register(named, {
  id: "Liveness",
  description: "The process answers.",
});

export const readinessAnswer = z.strictObject({
  status: z.enum(["ready", "not_ready"]),
  reasons: z.array(z.string()),
}).register(named, {
  id: "Readiness",
  description: "Whether the node can be counted on, and why not.",
}) satisfies z.ZodType<Readiness>;

const diagnostic = z.strictObject({
  severity,
  code: z.enum(keysOf<DiagnosticCode>(DIAGNOSTIC_CODES)),
  file: z.string(),
  line: z.int().min(1).nullable(),
  column: z.int().min(1).nullable(),
  key: z.string().nullable().describe("Where in the file: instances[0].vrid"),
  message: z.string(),
  hint: z.string().describe("What to do about it"),
  excerpt: z.string().nullable().describe("The file's line, passwords masked"),
}).register(named, {
  id: "Diagnostic",
  description: "What is wrong with a configuration, or odd about it.",
});

export const reloadAnswer = z.strictObject({
  took_ms: count,
  changes: z.array(z.strictObject({ subject: z.string(), key: z.string(), change: z.string() })),
  warnings: z.array(diagnostic),
}).register(named, { id: "ReloadAnswer", description: "What a reload has changed." });

export const problemDocument = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What is wrong and what to do about it"),
  instance: z.string().describe("Path of the request"),
  code: z.enum(keysOf<ProblemCode>(PROBLEM_STATUS)),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional()
    .describe("Each wrong value of the body, by JSON pointer (RFC 6901)"),
  diagnostics: z.array(diagnostic).optional()
    .describe("With `reload_failed`: all that is wrong with the configuration"),
}).register(named, { id: "Problem", description: "An error (RFC 9457)." });

/** The compiler checks that optional keys agree too: zod says `T | undefined` where the types say absent. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
const _entry = (entry: Defined<z.infer<typeof journalEntry>>): JournalEntry => entry;
const _problem = (problem: Defined<z.infer<typeof problemDocument>>): ProblemDocument => problem;
