/**
 * The messages between engine and front in each direction, and how the engine reads the front's.
 *
 * The engine trusts nothing that the front sends: it reads every message by a schema, and drops the connection of a
 * message that fits none.
 *
 * @module
 */

import * as z from "zod";
import type { ClientTarget } from "../config/client_target.ts";
import type { EffectiveConfig } from "../config/effective.ts";
import type {
  ListenAddress,
  PeerConfig,
  RehearseConfig,
  SyncGroupConfig,
} from "../config/model.ts";
import type { EmailNotifyConfig, WebhookNotifyConfig } from "../config/notify_model.ts";
import { commandClient, commandReason } from "../status/schemas/command_origin.ts";
import type { CommandResult, InstanceCommand } from "../status/commands/commands.ts";
import { type JournalEntry, SEVERITIES } from "../status/journal.ts";
import { JOURNAL_CODES } from "../status/codes/journal_codes.ts";
import type { MachineFacts } from "../status/node_config.ts";
import type { PeerAnswer } from "../status/reports/peer_answer.ts";
import { REHEARSAL_CODES } from "../status/codes/verdicts.ts";
import type { KeepOutcome, ReloadOutcome } from "../status/commands/reloading.ts";
import { PEER_ERROR_CAUSES } from "../status/codes/error_cause.ts";
import { peerInstance } from "../status/schemas/peer.ts";
import { boundedSchema } from "./bounded_schema.ts";

/** The version of these messages in this vipd. New fields do not change it; meanings never change. */
export const PROTOCOL = 1;

/** Longest frame that the engine accepts, in octets, because it reads a frame in one turn. */
export const MAX_FRONT_FRAME_OCTETS = 256 * 1024;
/** Longest frame that the front accepts, in octets. */
export const MAX_ENGINE_FRAME_OCTETS = 16 * 1024 * 1024;

/** The settings that the front serves, polls and notifies by. They contain no key of VRRP. */
export interface FrontSettings {
  readonly node: string;
  readonly listen: readonly ListenAddress[];
  /** Names of the API behind a reverse proxy; absent from an engine that does not know them. */
  readonly hosts?: readonly string[];
  /** Permissions of the unix sockets that the front creates. */
  readonly socketMode: number;
  /** True if reading needs a token on this machine too. */
  readonly readingNeedsToken: boolean;
  readonly peers: readonly PeerConfig[];
  /** How many instances this node has: it bounds a peer's answer. */
  readonly instances: number;
  /** The questions that the front asks as a client while the engine wants it. */
  readonly clients: readonly ClientTarget[];
  readonly notify: readonly (WebhookNotifyConfig | EmailNotifyConfig)[];
  readonly syncGroups: readonly SyncGroupConfig[];
  /** Absent from an engine that does not know it. */
  readonly rehearse?: RehearseConfig;
  /** For readers, without any secret; absent from an older engine. */
  readonly config?: EffectiveConfig | undefined;
}

/** The right of a token: everything, reading, or nothing; or why no token can be judged at the moment. */
export type TokenVerdict = "change" | "read" | "wrong" | { readonly unavailable: string };

/** The outcome of a command. `key_reused`: the key was used for another command. */
export type CommandOutcome =
  | { readonly kind: "command"; readonly result: CommandResult }
  | { readonly kind: "reload"; readonly outcome: ReloadOutcome }
  | { readonly kind: "keep"; readonly outcome: KeepOutcome }
  | { readonly kind: "token"; readonly verdict: Exclude<TokenVerdict, "change"> }
  | { readonly kind: "key_reused" }
  /** It was older than `command_age.ts` allows, and was not carried out. */
  | { readonly kind: "late" }
  | { readonly kind: "failed"; readonly message: string };

/** The engine's measurements of itself, for the metrics. */
export interface EngineFigures {
  readonly cpuSeconds: number;
  readonly residentOctets: number;
  /** The worst delay of its event loop in the last second and in the last minute, in milliseconds. */
  readonly lag: { readonly lastMs: number; readonly worstMs: number };
}

/** From the engine. */
export type EngineMessage =
  /**
   * The first answer; `firstEntryId`: of this run of the engine. Entries up to `notifiedId` have been notified before.
   */
  | {
    readonly type: "welcome";
    readonly protocol: number;
    readonly version: string;
    /** Differs from run to run. */
    readonly run: string;
    readonly firstEntryId: number;
    /** The newest entry of the journal; absent from an older engine. */
    readonly lastEntryId?: number;
    readonly notifiedId: number;
  }
  | { readonly type: "refused"; readonly reason: string }
  /** Open what these settings need; `commit` follows if they take effect. */
  | { readonly type: "prepare"; readonly id: number; readonly settings: FrontSettings }
  | { readonly type: "commit"; readonly id: number }
  /** Further entries of the journal, oldest first. */
  | { readonly type: "entries"; readonly entries: readonly JournalEntry[] }
  /** One changed part of the status: `head`, `instance NAME` or `peer NAME`. */
  | { readonly type: "part"; readonly key: string; readonly value: unknown }
  /** The answer to `refresh` is complete: it has these instances and peers, in this order. */
  | {
    readonly type: "refreshed";
    readonly instances: readonly string[];
    readonly peers: readonly string[];
    readonly figures: EngineFigures;
    /** Absent from an older engine. */
    readonly machine?: MachineFacts | undefined;
  }
  | { readonly type: "judged"; readonly id: number; readonly verdict: TokenVerdict }
  | { readonly type: "outcome"; readonly id: number; readonly outcome: CommandOutcome }
  | {
    readonly type: "secret";
    readonly id: number;
    readonly text: string | null;
    readonly error: string;
  }
  | { readonly type: "ask_again"; readonly name: string; readonly afterMs: number }
  /** Ask the addresses of these instances as a client, and no others. */
  | { readonly type: "ask_clients"; readonly instances: readonly string[] }
  /** A live front answers with `pong`. */
  | { readonly type: "ping" }
  /** The engine ends: the front delivers what waits and answers with `closed`. */
  | { readonly type: "closing"; readonly limitMs: number };

const id = z.int().min(0);
const name = z.string().max(256);
const text = z.string().max(4096);
const token = z.string().max(1024).nullable();

const reason = commandReason.optional();

const instanceCommand = z.discriminatedUnion("kind", [
  z.object({
    kind: z.enum(["promote", "demote"]),
    instance: name,
    forMs: z.int().min(0).optional(),
    reason,
  }),
  z.object({ kind: z.enum(["release", "clear_priority"]), instance: name, reason }),
  z.object({
    kind: z.literal("set_priority"),
    instance: name,
    priority: z.int().min(1).max(254),
    reason,
  }),
]) satisfies z.ZodType<InstanceCommand>;

const commandRequest = z.discriminatedUnion("kind", [
  instanceCommand,
  z.object({
    kind: z.literal("reload"),
    force: z.boolean().optional(),
    confirmMs: z.int().min(1).optional(),
  }),
  z.object({ kind: z.literal("keep") }),
]);

/** A command of an API client. */
export type CommandRequest = z.infer<typeof commandRequest>;

const peerInstances = z.array(boundedSchema(peerInstance)).max(4096).readonly();

const rehearsal = z.array(z.object({
  code: z.enum(REHEARSAL_CODES),
  node: name,
  message: text,
  hint: text,
})).max(2 * REHEARSAL_CODES.length).readonly().optional();

const rehearsed = z.object({ began: z.iso.datetime(), is_last: z.boolean() }).optional();

/** A peer's answer, as the front has read it. */
const peerReport = z.discriminatedUnion("ok", [
  z.object({
    ...{ rehearsal, rehearsed, ok: z.literal(true) },
    answer: z.object({
      node: name,
      version: name,
      engine: z.object({ startedAt: z.iso.datetime(), restarts: z.int().min(0) }).optional(),
      instances: peerInstances,
    }) satisfies z.ZodType<PeerAnswer>,
  }),
  z.object({
    ...{ rehearsal, rehearsed, ok: z.literal(false), error: text },
    cause: z.enum(PEER_ERROR_CAUSES).optional(),
  }),
]);

const JOURNALED = [
  "api_failed",
  "api_token_guessed",
  "notification_failed",
  "notification_lost",
  "notification_recovered",
] as const satisfies readonly (keyof typeof JOURNAL_CODES)[];

/** The codes of the entries that the front may record. */
export type FrontJournalCode = (typeof JOURNALED)[number];

const listenAddress = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("tcp"), host: name, port: z.int(), tls: z.boolean() }),
  z.object({ kind: z.literal("unix"), path: text }),
]);

/** An address that the front listens on, without any key. */
export type ServedAddress = z.infer<typeof listenAddress>;

const notification = z.object({
  name,
  type: z.enum(["webhook", "email"]),
  state: z.enum(["idle", "ok", "failing"]),
  waiting: z.int(),
  delivered: z.int(),
  failed: z.int(),
  lost: z.int(),
  last_success: name.nullable(),
  last_failure: z.object({ at: name, detail: text }).nullable(),
});

const frontMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: z.int(),
    version: name,
    pid: z.int().min(1),
    user: name,
    /** The folder for its own unix sockets. */
    folder: text,
    startedAt: z.iso.datetime(),
    /** The key that the engine gave only to the front that it started. */
    key: name.optional(),
  }),
  z.object({ type: z.literal("prepared"), id, problem: text.nullable() }),
  z.object({
    type: z.literal("serving"),
    addresses: z.array(listenAddress).max(64),
    /** Why it does not serve, or not everywhere; `null` if it does. */
    problem: text.nullable(),
  }),
  /** `look`: at the facts of the machine as well; an older engine has them as of a second ago. */
  z.object({ type: z.literal("refresh"), look: z.boolean().optional() }),
  z.object({ type: z.literal("judge"), id, token }),
  /** `key` identifies the command: the engine carries out each key once. */
  z.object({
    type: z.literal("command"),
    id,
    key: z.string().min(1).max(128),
    token,
    client: commandClient,
    command: commandRequest,
    /** When the front forwarded it, see `command_age.ts`. */
    forwardedAtS: z.number().min(0),
  }),
  z.object({
    type: z.literal("record"),
    severity: z.enum(SEVERITIES).exclude(["debug"]),
    code: z.enum(JOURNALED),
    message: text,
  }),
  /** Some instances of the report that follows, so that no message takes a long turn to read. */
  z.object({ type: z.literal("peer_instances"), name, instances: peerInstances }),
  /** `null`: the same as the last of this peer. */
  z.object({
    type: z.literal("peer"),
    name,
    report: peerReport.nullable(),
    clockOffsetMs: z.number().nullable().default(null),
  }),
  /** The outcome of a question to an address. */
  z.object({
    type: z.literal("client_check"),
    instance: name,
    target: text,
    ok: z.boolean(),
    detail: text,
  }),
  z.object({ type: z.literal("secret"), id, path: text }),
  /** The state of the targets of `notify`; entries up to `notifiedId` are in their queues or delivered. */
  z.object({
    type: z.literal("notifications"),
    notifications: z.array(notification).max(256),
    notifiedId: id,
    problem: text.nullable(),
  }),
  z.object({ type: z.literal("pong") }),
  // The front ends: by itself, or after `closing`.
  z.object({ type: z.literal("closed") }),
]);

/** From the front. */
export type FrontMessage = z.infer<typeof frontMessage>;

/** The message in a frame, or `null` if it is none. */
export function readFrontMessage(value: unknown): FrontMessage | null {
  const read = frontMessage.safeParse(value);
  return read.success ? read.data : null;
}
