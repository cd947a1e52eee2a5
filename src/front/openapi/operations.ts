/**
 * Every call of the API, as the OpenAPI document describes it.
 *
 * @module
 */

import * as z from "zod";
import { explain } from "../../codes/explanation.ts";
import type { ProblemCode } from "../../api/problem.ts";
import { nodeConfig } from "../../status/node_config.ts";
import { rehearsal } from "../../status/rehearsal.ts";
import { instance } from "../../status/schemas/instance.ts";
import { nodeStatus } from "../../status/schemas/node.ts";
import { pairOfNodes } from "../../status/schemas/pair.ts";
import {
  commandBody,
  demoteBody,
  emptyBody,
  endBody,
  priorityBody,
  reloadBody,
} from "./requests.ts";
import { EXPOSITION_TYPE } from "../metrics/exposition.ts";
import {
  COMMAND_EXAMPLE,
  CONFIG_EXAMPLE,
  ENTRIES_EXAMPLE,
  INSTANCE_EXAMPLE,
  METRICS_EXAMPLE,
  NOT_READY_EXAMPLE,
  PAIR_EXAMPLE,
  READY_EXAMPLE,
  REHEARSAL_EXAMPLE,
  RELOAD_EXAMPLE,
  STATUS_EXAMPLE,
  STREAM_EXAMPLE,
} from "./examples.ts";
import {
  codeExplanation,
  commandAnswer,
  journalEntry,
  keepAnswer,
  liveness,
  readinessAnswer,
  reloadAnswer,
} from "./schemas.ts";

/** One kind of body in an answer. */
export interface Content {
  readonly type: string;
  /** Absent if it is no JSON. */
  readonly schema?: z.ZodType;
  readonly example?: unknown;
}

export interface Operation {
  readonly id: string;
  readonly method: "get" | "post" | "put" | "delete";
  /** With `{name}` for the instance, `{peer}` for a peer, `{code}` for a code. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: Readonly<Record<string, { readonly description: string; schema: z.ZodType }>>;
  readonly headers?: Readonly<Record<string, { readonly description: string; schema: z.ZodType }>>;
  /** The body of a call that changes something. */
  readonly body?: { readonly schema: z.ZodType; readonly required: boolean; example: unknown };
  readonly answers: Readonly<Record<number, readonly Content[]>>;
  /** The answer has an entity tag, and a client that has it already gets 304. */
  readonly conditional?: true;
  /** In addition to the problems that every call has. */
  readonly problems: readonly ProblemCode[];
}

const JSON_TYPE = "application/json";

function json(schema: z.ZodType, example: unknown): readonly Content[] {
  return [{ type: JSON_TYPE, schema, example }];
}

const COMMAND = {
  answers: { 200: json(commandAnswer, COMMAND_EXAMPLE) },
} as const;
const NO_BODY = { schema: emptyBody, required: false, example: {} };
const END_BODY = { schema: endBody, required: false, example: {} };
const ENTRY_ID = z.int().min(0);

export const OPERATIONS: readonly Operation[] = [
  {
    id: "page",
    method: "get",
    path: "/",
    summary: "The status page",
    answers: { 200: [{ type: "text/html; charset=utf-8" }] },
    problems: [],
  },
  {
    id: "liveness",
    method: "get",
    path: "/healthz",
    summary: "Whether the process answers",
    answers: { 200: json(liveness, { status: "ok" }) },
    problems: [],
  },
  {
    id: "readiness",
    method: "get",
    path: "/readyz",
    summary: "Whether the node can be counted on",
    description: "Ready: every instance is master, or is backup and hears a master.",
    answers: {
      200: json(readinessAnswer, READY_EXAMPLE),
      503: json(readinessAnswer, NOT_READY_EXAMPLE),
    },
    problems: [],
  },
  {
    id: "metrics",
    method: "get",
    path: "/metrics",
    summary: "Everything for Prometheus",
    answers: { 200: [{ type: EXPOSITION_TYPE, example: METRICS_EXAMPLE }] },
    problems: [],
  },
  {
    id: "openapi",
    method: "get",
    path: "/openapi.json",
    summary: "This document",
    answers: { 200: [{ type: JSON_TYPE }] },
    conditional: true,
    problems: [],
  },
  {
    id: "status",
    method: "get",
    path: "/v1/status",
    summary: "The whole node: alarms, instances, checks",
    answers: { 200: json(nodeStatus, STATUS_EXAMPLE) },
    conditional: true,
    problems: [],
  },
  {
    id: "pair",
    method: "get",
    path: "/v1/pair",
    summary: "Whether the service survives the loss of a node, and why not",
    answers: { 200: json(pairOfNodes, PAIR_EXAMPLE) },
    conditional: true,
    problems: [],
  },
  {
    id: "code",
    method: "get",
    path: "/v1/codes/{code}",
    summary: "What a code means and what to do about it",
    description: "Needs no token. A client that accepts text, such as a browser, gets text.",
    answers: {
      200: [
        ...json(codeExplanation, explain("peer_silent")),
        { type: "text/plain; charset=utf-8" },
      ],
    },
    conditional: true,
    problems: ["code_unknown"],
  },
  {
    id: "rehearsal",
    method: "get",
    path: "/v1/rehearsal",
    summary: "What this node's nginx would answer the clients of the virtual addresses",
    description: "The last rehearsal, name for name.",
    answers: { 200: json(rehearsal, REHEARSAL_EXAMPLE) },
    conditional: true,
    problems: ["not_rehearsed"],
  },
  {
    id: "rehearse",
    method: "post",
    path: "/v1/rehearse",
    summary: "Rehearse now",
    description:
      "Asks this node's nginx for every name, at most 50 a second, and answers with the results.",
    body: NO_BODY,
    answers: { 200: json(rehearsal, REHEARSAL_EXAMPLE) },
    problems: [],
  },
  {
    id: "config",
    method: "get",
    path: "/v1/config",
    summary: "The effective configuration without secrets, and what matters of the machine",
    description: "For a comparison of the two nodes, as `vipd diff` makes it.",
    answers: { 200: json(nodeConfig, CONFIG_EXAMPLE) },
    conditional: true,
    problems: ["config_unknown"],
  },
  {
    id: "events",
    method: "get",
    path: "/v1/events",
    summary: "What happened, oldest first; as a stream when asked for text/event-stream",
    description:
      "The stream goes on with what happens. Its events are `entry` (a JournalEntry), `changed` " +
      "(the status differs from before), `gap` (entries that are not kept any more) and `reset` " +
      "(the id is of another journal, so all entries follow); JSON says the latter by the header " +
      "Vipd-Journal-Reset.",
    query: { since: { description: "Only entries after the one with this id", schema: ENTRY_ID } },
    headers: {
      "Last-Event-ID": {
        description: "Of a stream: only entries after the one with this id; goes before `since`",
        schema: ENTRY_ID,
      },
    },
    answers: {
      200: [
        ...json(z.array(journalEntry), ENTRIES_EXAMPLE),
        { type: "text/event-stream", example: STREAM_EXAMPLE },
      ],
    },
    conditional: true,
    problems: ["query_invalid", "too_many_streams"],
  },
  {
    id: "peerEvents",
    method: "get",
    path: "/v1/peers/{peer}/events",
    summary: "What happened on the other node, oldest first, by its clock",
    description:
      "This node asks the peer for it, at most once in two seconds. At most 300 entries.",
    answers: { 200: json(z.array(journalEntry), ENTRIES_EXAMPLE) },
    conditional: true,
    problems: ["peer_unknown", "peer_journal_unknown"],
  },
  {
    id: "instances",
    method: "get",
    path: "/v1/instances",
    summary: "All instances",
    answers: { 200: json(z.array(instance), [INSTANCE_EXAMPLE]) },
    conditional: true,
    problems: [],
  },
  {
    id: "instance",
    method: "get",
    path: "/v1/instances/{name}",
    summary: "One instance",
    answers: { 200: json(instance, INSTANCE_EXAMPLE) },
    conditional: true,
    problems: ["instance_unknown"],
  },
  {
    id: "promote",
    method: "post",
    path: "/v1/instances/{name}/promote",
    summary: "Become master now and stay so",
    description: "Answers when the addresses are held.",
    body: { schema: commandBody, required: false, example: { for: "10m" } },
    ...COMMAND,
    problems: ["instance_unknown", "instance_not_ready", "master_not_outbid", "superseded"],
  },
  {
    id: "demote",
    method: "post",
    path: "/v1/instances/{name}/demote",
    summary: "Hand over to the other node and stay backup",
    description: "Answers when another node is master; without one this node stays master.",
    body: { schema: demoteBody, required: false, example: { for: "2h" } },
    ...COMMAND,
    problems: [
      ...["instance_unknown", "instance_not_ready", "no_other_master", "superseded"] as const,
      "rehearsal_failed",
    ],
  },
  {
    id: "release",
    method: "post",
    path: "/v1/instances/{name}/release",
    summary: "End a promote, demote or manual priority",
    body: END_BODY,
    ...COMMAND,
    problems: ["instance_unknown"],
  },
  {
    id: "setPriority",
    method: "put",
    path: "/v1/instances/{name}/priority",
    summary: "Set the priority",
    body: { schema: priorityBody, required: true, example: { priority: 120 } },
    ...COMMAND,
    problems: ["instance_unknown"],
  },
  {
    id: "clearPriority",
    method: "delete",
    path: "/v1/instances/{name}/priority",
    summary: "Put the configured priority back",
    body: END_BODY,
    ...COMMAND,
    problems: ["instance_unknown"],
  },
  {
    id: "reload",
    method: "post",
    path: "/v1/reload",
    summary: "Read the configuration again and make it the one that runs",
    description:
      "As SIGHUP. When anything is wrong with it, or it would put an instance in fault that no other " +
      "node is known to serve (unless `force`), the one before runs on.",
    body: { schema: reloadBody, required: false, example: { confirm: "60s" } },
    answers: { 200: json(reloadAnswer, RELOAD_EXAMPLE) },
    problems: ["reload_failed"],
  },
  {
    id: "keep",
    method: "post",
    path: "/v1/reload/keep",
    summary: "Keep the configuration that is on probation",
    description:
      "After a reload with `confirm`. Without this call vipd goes back to the configuration before " +
      "when the time is over, and also when it starts again meanwhile.",
    body: NO_BODY,
    answers: { 200: json(keepAnswer, { kept: true }) },
    problems: ["not_kept"],
  },
];
