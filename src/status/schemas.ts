/**
 * The status model as zod schemas: what it says, its bounds, and the words of the OpenAPI document. `status.ts` has its
 * types. Names are those of the HTTP API: snake_case, times in RFC 3339, durations in `_seconds` or `_ms`.
 *
 * @module
 */

import * as z from "zod";
import type { CheckVerdict } from "../health/check.ts";
import { CHECK_TYPES } from "../health/check_config.ts";
import type { RecoveryPhase } from "../health/check_machine.ts";
import type { DropReason } from "../vrrp/receive.ts";
import type { RouterState } from "../vrrp/router_events.ts";
import type { Family } from "../wire/address.ts";
import type { VrrpVersion } from "../wire/vrrp.ts";
import { type AlarmCode, ALARMS } from "./alarms.ts";
import { commandClient, commandReason } from "./command_origin.ts";
import { DROP_MESSAGES } from "./messages.ts";
import { PEER_ERROR_CAUSES } from "./peer/error_cause.ts";
import { PAIR_REASONS, type PairReasonCode, REHEARSAL_CODES, VERDICTS } from "./pair/verdicts.ts";

/** Schemas with a name in the document. */
export const named = z.registry<{ readonly id: string; readonly description: string }>();

/** The keys, for what is listed once and typed. */
export function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(record) as [K, ...K[]];
}

/** How many. */
export const count = z.int().min(0);
export const time = z.iso.datetime().describe("RFC 3339, in UTC");
export const severity = z.enum(["error", "warning"]);
export const routerState = z.enum(["init", "backup", "master", "fault"]) satisfies z.ZodType<
  RouterState
>;
const priority = z.int().min(0).max(255);
const family = z.enum(["ipv4", "ipv6"]) satisfies z.ZodType<Family>;
const authentication = z.enum(["none", "pass", "hmac"]);
const orderKind = z.enum(["promoted", "demoted", "priority"]);

export const dropCounters = z.partialRecord(
  z.enum(keysOf<DropReason>(DROP_MESSAGES)),
  count,
).register(named, {
  id: "DropCounters",
  description: "Discarded packets by reason; a reason that never occurred is absent.",
});

export const alarm = z.strictObject({
  /** Stable; docs/alarms.md says what to do about each. */
  code: z.enum(keysOf<AlarmCode>(ALARMS)),
  severity,
  subject: z.string().nullable().describe("The instance it is about; null for the node"),
  /** The cause, one sentence. */
  message: z.string(),
  hint: z.string().describe("What to do about it"),
  evidence: z.array(z.string()).describe(
    "What else shows the same cause, a sentence each; absent if nothing does",
  ).optional(),
  since: time,
}).register(named, { id: "Alarm", description: "Something that a person must act on." });

export const address = z.strictObject({
  address: z.string(),
  prefix_length: z.int().min(0).max(128),
  device: z.string(),
  label: z.string().nullable(),
  advertised: z.boolean().describe("Whether the adverts name the address"),
  held: z.boolean().describe("Whether this node has put the address on its device"),
}).register(named, { id: "Address", description: "An address that the master carries." });

commandClient.register(named, {
  id: "CommandClient",
  description:
    "Who gave a command: the user at the other end of a unix socket, or the address of a client over TCP, and what " +
    "the client calls itself.",
});

export const override = z.strictObject({
  kind: orderKind,
  priority,
  since: time,
  until: time.nullable().describe("When it ends by itself; null when it stands until released"),
  by: commandClient.optional().describe("Who gave it; absent where that is not known"),
  reason: commandReason.optional().describe("Why, in the words of whom gave it"),
}).register(named, { id: "Override", description: "An override in force." });

export const counters = z.strictObject({
  advertisements_sent: count,
  /** Those that did not leave: the kernel did not take them, or the interface had no carrier. */
  advertisements_failed: count,
  advertisements_received: count,
  priority_zero_sent: count,
  priority_zero_received: count,
  /** Accepted adverts whose checksum covers the message alone: all of version 2, RFC 9568 in version 3 over IPv4. */
  checksum_message: count,
  /** Accepted adverts whose checksum covers a pseudo-header too: RFC 5798 in version 3 over IPv4, all over IPv6. */
  checksum_pseudo_header: count,
  became_master: count,
  released_master: count,
  dropped: dropCounters,
}).register(named, { id: "Counters", description: "What the instance has counted." });

export const verdict = z.enum(VERDICTS);

export const pairReason = z.strictObject({
  /** Stable; docs/verdict.md says what each means. */
  code: z.enum(keysOf<PairReasonCode>(PAIR_REASONS)),
  /** The verdict on the instance for this reason alone. */
  verdict,
  node: z.string().nullable().describe("The node whose cause it is; null for the pair"),
  message: z.string().describe("One sentence that names the node and the cause"),
  hint: z.string().describe("What to do about it"),
  evidence: z.array(z.string()).describe(
    "What else shows the same cause, a sentence each; absent if nothing does",
  ).optional(),
  since: time,
}).register(named, {
  id: "PairReason",
  description: "Why the service of an instance is not safe.",
});

export const instancePair = z.strictObject({
  verdict,
  /** When this verdict began. */
  since: time,
  /** Such as `VI_1 is served by lb01; lb02 is ready`. */
  sentence: z.string(),
  served_by: z.string().nullable().describe("The node that serves; null when nobody is known to"),
  ready: z.array(z.string()).describe("The standby nodes that are ready to take over"),
  /** The gravest first; empty when the instance is protected. */
  reasons: z.array(pairReason),
}).register(named, {
  id: "InstancePair",
  description: "Whether the service survives the loss of the node that serves it.",
});

export const pairOfNodes = z.strictObject({
  node: z.string().describe("The node that answers"),
  verdict: verdict.describe("The gravest of all instances"),
  /** Such as `VI_1 is served by lb01; lb02 is ready`. */
  sentence: z.string(),
  instances: z.array(z.strictObject({
    name: z.string(),
    addresses: z.array(z.string()).describe("With prefix length"),
    ...instancePair.shape,
    nodes: z.array(z.strictObject({
      name: z.string(),
      state: routerState,
      priority: z.strictObject({ configured: priority, effective: priority }),
    })).describe("The nodes that are known to have it; this one first"),
  })),
  nodes: z.array(z.strictObject({
    name: z.string(),
    version: z.string().nullable(),
    reachable: z.boolean(),
    clock_offset_ms: z.number().nullable(),
  })).describe("This node first"),
}).register(named, { id: "PairOfNodes", description: "The pair, as this node knows it." });

export const clientCheck = z.strictObject({
  /** The target, such as `http://192.168.31.5:80/` or `tcp 192.168.31.5:443`. */
  target: z.string(),
  ok: z.boolean(),
  at: time,
  detail: z.string().describe("What was answered, or why nothing was"),
}).register(named, {
  id: "ClientCheck",
  description: "What a standby got from the virtual address when it last asked as a client.",
});

/** The part that stays the same from one question to the next one that is answered alike. */
const clientCheckOfPeer = clientCheck.omit({ at: true });

const strayAddress = z.strictObject({ address: z.string(), device: z.string() });

const addressConflict = z.strictObject({
  alarm: z.string().describe("The alarm that reports it"),
  message: z.string(),
  hint: z.string(),
}).register(named, {
  id: "AddressConflict",
  description:
    "What shows that another machine has an address of the instance too, though no node of the pair says so.",
});

export const instance = z.strictObject({
  name: z.string(),
  interface: z.string(),
  track_interface: z.boolean().describe("Whether a lost link of the interface is a fault"),
  vrid: z.int().min(1).max(255),
  version: z.literal([2, 3]) satisfies z.ZodType<VrrpVersion>,
  family,
  /** The sync group it moves with; `null` when it moves alone. */
  sync_group: z.string().nullable(),
  state: routerState,
  handing_over: z.boolean().describe("A master that waits for the next one"),
  priority: z.strictObject({
    configured: priority,
    effective: priority,
    /** The changes of the configured value, in order. */
    reasons: z.array(z.strictObject({ what: z.string(), change: z.int() })),
  }),
  preempt: z.boolean().describe("Whether it takes over from a master of lower priority"),
  sole_backup: z.strictObject({
    applies: z.boolean(),
    why: z.string().describe("Why it applies, or why not"),
  }).describe("Whether it takes over at once, as backup, when its master says goodbye"),
  /** The protection against foreign adverts. */
  authentication,
  addresses: z.array(address),
  accept: z.boolean().describe("Whether packets to the addresses are taken"),
  lease: z.strictObject({
    seconds: z.number(),
    renewed_ms_ago: z.number().nullable()
      .describe("null while this node does not hold the addresses"),
  }).nullable().describe("How long the addresses outlast vipd; null when they stay"),
  /** The MAC address of the addresses and the interface that has it; `null` when they have their device's own. */
  virtual_mac: z.strictObject({ mac: z.string(), interface: z.string() }).nullable(),
  /** Routes and policy rules in the words of ip(8), `route 10.1.0.0/16 via 192.168.31.1`, and whether the host has them. */
  routing: z.array(z.strictObject({ entry: z.string(), held: z.boolean() })),
  timers: z.strictObject({
    /** How often this node speaks as master. */
    advert_interval_ms: z.number(),
    /** Skew_Time and Master_Down_Interval as they are now (RFC 9568 section 6.1). */
    skew_time_ms: z.number(),
    master_down_interval_ms: z.number(),
    /** When a new master announces the addresses a second time; 0 for not at all. */
    announce_delay_ms: z.number(),
  }),
  master: z.strictObject({ address: z.string(), priority }).nullable()
    .describe("Who is master as far as this node knows; null when nobody was heard"),
  adverts_missing: z.literal(true).optional()
    .describe("Present on a backup that hears no master, for too long to be by chance"),
  adverts_blocked: z.string().optional()
    .describe("Present while this machine's firewall drops its adverts on their way out: why"),
  /** When the present state began. */
  since: time,
  /** Why it began: a stable code and one sentence for a person. */
  reason: z.strictObject({ code: z.string(), message: z.string() }),
  /** The reasons why the instance does not run, one sentence each; empty if there are none. */
  faults: z.array(z.string()),
  override: override.nullable(),
  counters,
  address_on_backup: strayAddress.optional()
    .describe("Present where an address is on this machine although it is not master: the first"),
  address_conflict: addressConflict.optional()
    .describe("Present while this node sees that another machine has an address of the instance"),
  /** Whether the service of this instance survives the loss of the node that serves it. */
  pair: instancePair,
  client_check: clientCheck.nullable()
    .describe("What this node last got as a client of the address; null while it does not ask"),
  client_check_unknown: z.string().optional().describe(
    "Present on a backup that is to ask the address and has no answer to judge by: why",
  ),
}).register(named, {
  id: "Instance",
  description: "One VRRP instance.",
});

export const check = z.strictObject({
  name: z.string(),
  type: z.enum(CHECK_TYPES),
  state: z.enum(["unknown", "up", "down"]) satisfies z.ZodType<CheckVerdict>,
  /** When the present state began; `null` before the first result. */
  since: time.nullable(),
  recovery: z.strictObject({
    /**
     * The command runs; or has ended well and the check must confirm it; or the check has; or no tries were left and the
     * check is down.
     */
    phase: z.enum(["running", "verifying", "recovered", "given_up"]) satisfies z.ZodType<
      RecoveryPhase
    >,
    /** Which of the tries within `on_fail`'s period this is, from 1; once given up, how many they were. */
    attempt: z.int(),
    attempts: z.int(),
    /** When this try, or its outcome, began. */
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
});

export const notification = z.strictObject({
  name: z.string(),
  type: z.enum(["exec", "fifo", "webhook", "email"]),
  /** `idle` until the first delivery; `failing` while the last one did not get through. */
  state: z.enum(["idle", "ok", "failing"]),
  waiting: count.describe("Events that are not sent yet"),
  delivered: count,
  failed: count.describe("Tries that did not get through, and programs that ended badly"),
  lost: count.describe("Events that were given up"),
  last_success: time.nullable(),
  last_failure: z.strictObject({ at: time, detail: z.string() }).nullable(),
}).register(named, {
  id: "Notification",
  description: "A receiver of this node's events.",
});

export const peerInstance = z.strictObject({
  name: z.string(),
  interface: z.string(),
  vrid: z.int(),
  family,
  version: z.int(),
  state: routerState,
  handing_over: z.boolean(),
  priority: z.strictObject({ configured: priority, effective: priority }),
  lowered_by: z.array(z.string()).optional()
    .describe("What lowers the priority there; absent if nothing does"),
  advert_interval_ms: z.number().nullable(),
  preempt: z.boolean().nullable(),
  authentication: authentication.nullable(),
  addresses: z.array(z.string()).describe("With prefix length"),
  /** The master as far as the peer knows. */
  master: z.strictObject({ address: z.string(), priority }).nullable(),
  adverts_missing: z.literal(true).optional()
    .describe("Present where the peer is backup and hears no master, for too long to be by chance"),
  adverts_blocked: z.string().optional()
    .describe("Present while the peer's firewall drops its adverts on their way out: why"),
  faults: z.array(z.string()),
  /** The override that stands there. */
  override: orderKind.nullable(),
  since: time.optional().describe("When its present state began, by the peer's clock"),
  client_check: clientCheckOfPeer.nullable().optional()
    .describe("What the peer last got as a client of the address; absent while it does not ask"),
  address_on_backup: strayAddress.nullable().optional()
    .describe(
      "Present where an address is on the peer's machine although the peer is not master; " +
        "null where its version does not say which",
    ),
  address_conflict: addressConflict.optional()
    .describe("Present while the peer sees that another machine has an address of the instance"),
  client_check_unknown: z.string().optional()
    .describe("Present while the peer has no answer of the address to judge by: why"),
  without_verdict: z.literal(true).optional().describe(
    "Present where the peer's version gives no verdict: it neither rehearses nor asks the address",
  ),
}).register(named, {
  id: "PeerInstance",
  description: "An instance as the peer says it is; null is what its version does not say.",
});

export const peer = z.strictObject({
  /** Its name in the configuration. */
  name: z.string(),
  url: z.string(),
  reachable: z.boolean().describe("Whether its last answer is no older than a few seconds"),
  error: z.string().nullable().describe("Why the last question was not answered"),
  error_cause: z.enum(PEER_ERROR_CAUSES).optional().describe(
    "What the error proves: the machine refuses connections (refused), the front answers that its engine does not " +
      "(engine_gone), this node could not ask (not_asked); absent for any other",
  ),
  /** When it last answered; `null` when it has not yet. */
  last_seen: time.nullable(),
  /** Its own name and the version of its vipd, by its last answer; `null` when there was none. */
  node: z.string().nullable(),
  version: z.string().nullable(),
  instances: z.array(peerInstance).describe("Empty while it is not reachable"),
  clock_offset_ms: z.number().nullable().optional()
    .describe("How far its clock is ahead of this node's; null until that is known"),
  rehearsal: z.array(z.strictObject({
    code: z.enum(REHEARSAL_CODES),
    node: z.string().describe("The node that would not serve"),
    message: z.string(),
    hint: z.string(),
  })).optional().describe(
    "What a comparison of both nodes' rehearsals found; absent until both have rehearsed",
  ),
}).register(named, {
  id: "Peer",
  description: "Another load balancer, as its API says.",
});

export const process = z.strictObject({
  realtime_priority: z.int().min(1).max(99).nullable().describe("Null for an ordinary process"),
  nice: z.int().min(-20).max(19).nullable().describe("Null where it stands as it was started"),
}).register(named, {
  id: "Process",
  description: "How the kernel treats the daemon in relation to other programs.",
});

const lifeOfProcess = {
  /** How often it was started again after an end that nobody asked for. */
  restarts: count,
  last_exit: z.strictObject({ at: time, reason: z.string() }).nullable()
    .describe("How it came to its last end; null when it never did"),
};

export const processes = z.strictObject({
  engine: z.strictObject({
    /** 0 for a node that is a part of another program, such as the simulator. */
    pid: count,
    /** The name of its user, or the number of one without a name. */
    user: z.string(),
    started_at: time,
    ...lifeOfProcess,
  }).describe("What speaks VRRP and holds the addresses"),
  front: z.strictObject({
    state: z.enum(["serving", "starting", "down"]),
    /** `null` while there is none. So are the next two. */
    pid: count.nullable(),
    user: z.string().nullable(),
    started_at: time.nullable(),
    ...lifeOfProcess,
    problem: z.string().nullable().describe("Why it does not serve; null while it does"),
  }).describe("What answers clients"),
}).register(named, {
  id: "Processes",
  description: "The two processes of the daemon, and how often and why each was started again.",
});

export const rehearsalHead = z.strictObject({
  at: time,
  took_ms: count,
  names: count.describe("How many names were rehearsed; GET /v1/rehearsal has each"),
  failed: count.describe("How many of them nginx did not answer for"),
  not_rehearsed: count.describe("How many could not be asked for"),
}).register(named, {
  id: "RehearsalHead",
  description: "The last rehearsal of this node in short.",
});

export const probation = z.strictObject({
  since: time,
  until: time.describe("When vipd goes back to the configuration before"),
}).register(named, {
  id: "Probation",
  description: "A configuration that is in force, and that nobody has kept yet.",
});

export const nodeStatus = z.strictObject({
  node: z.string(),
  /** vipd's version. */
  version: z.string(),
  started_at: time,
  uptime_seconds: count,
  now: time.describe("This node's clock when it made the answer"),
  /** How the kernel treats this daemon in relation to other programs. */
  process,
  /** The two processes of vipd on this node: which run, since when, and why they were started again. */
  processes,
  alarms: z.array(alarm).describe("The gravest first"),
  instances: z.array(instance),
  checks: z.array(check),
  notifications: z.array(notification).describe(
    "The receivers of this node's events, and how that goes",
  ),
  peers: z.array(peer).describe("The other load balancers whose APIs are configured"),
  rehearsal: rehearsalHead.optional().describe("Absent until this node has rehearsed"),
  probation: probation.optional().describe(
    "Present while the configuration is on probation (POST /v1/reload with `confirm`)",
  ),
  /** Packets that belong to no instance. */
  dropped: dropCounters,
}).register(named, {
  id: "NodeStatus",
  description: "The whole node.",
});
