/**
 * The whole node as a zod schema, and its parts other than instances, peers and processes.
 *
 * The schemas of this folder are the status model: what it says, its bounds, and the words of the OpenAPI document.
 * `status.ts` has its types. Names are those of the HTTP API: snake_case, times in RFC 3339, durations in `_seconds` or
 * `_ms`.
 *
 * @module
 */

import * as z from "zod";
import type { CheckVerdict } from "../../health/check.ts";
import { CHECK_TYPES } from "../../health/check_config.ts";
import type { RecoveryPhase } from "../../health/check_machine.ts";
import { type AlarmCode, ALARMS } from "../codes/alarms.ts";
import { dropCounters, instance } from "./instance.ts";
import { peer } from "./peer.ts";
import { process, processes } from "./process.ts";
import { count, keysOf, named, severity, time } from "./terms.ts";

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

const rehearsalHead = z.strictObject({
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
