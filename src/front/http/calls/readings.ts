/**
 * The calls that read what this node is and was: status, metrics, journal, rehearsal.
 *
 * @module
 */

import { jsonResponse, jsonTextResponse, Problem } from "../../../api/problem.ts";
import type { EngineFigures } from "../../../ipc/messages.ts";
import type { Journal, JournalEntry } from "../../../status/journal.ts";
import type { NodeConfig } from "../../../status/node_config.ts";
import { pairOfNodes } from "../../../status/pair/answer.ts";
import { readiness } from "../../../status/readiness.ts";
import type { Rehearsal } from "../../../status/rehearsal.ts";
import type { InstanceStatus, NodeStatus } from "../../../status/status.ts";
import type { Right } from "../../../tokens/token_judge.ts";
import type { EventCounts } from "../../metrics/event_counts.ts";
import { EXPOSITION_TYPE } from "../../metrics/exposition.ts";
import { metricsText } from "../../metrics/metrics.ts";
import type { ApiBackend } from "../backend.ts";
import { tagged, taggedJson } from "../entity_tag.ts";
import type { EventStreams } from "../event_streams.ts";
import { fingerprintOf, type RenderedStatus } from "../rendered_status.ts";
import { type Requester, streamShareOf } from "../requester.ts";
import type { ApiContext, Calls } from "./call.ts";

/** The id of a journal entry in a query or header. */
const ENTRY_ID = /^\d{1,15}$/;

/** There if the id of the request belongs to another journal: the id of this one's newest entry. */
const RESET_HEADER = "vipd-journal-reset";

export interface ReadingParts {
  readonly backend: Pick<ApiBackend, "journal" | "rehearsal" | "peerEntries">;
  readonly rendered: RenderedStatus;
  readonly events: EventCounts;
  readonly streams: EventStreams;
  readonly requesterOf: (context: ApiContext) => Requester;
  readonly config: (() => Promise<NodeConfig | null>) | undefined;
  readonly figures: (() => EngineFigures | null) | undefined;
}

export function readingCalls(
  { backend, rendered, events, streams, requesterOf, config, figures }: ReadingParts,
): Calls {
  return {
    "/healthz": {
      // An API without its engine is no running vipd.
      GET: async () => {
        await rendered.status();
        return jsonResponse({ status: "ok" });
      },
    },
    "/readyz": { GET: async () => readinessResponse(await rendered.status()) },
    "/metrics": {
      GET: async () => {
        const openStreams = () => streams.open;
        const measured = figures?.() ?? null;
        const sources = { events, figures: measured, openStreams };
        const text = await metricsText(await rendered.status(), sources);
        return new Response(text, { headers: { "content-type": EXPOSITION_TYPE } });
      },
    },
    "/v1/status": {
      GET: async ({ req }) => {
        const response = jsonTextResponse(await rendered.text());
        return tagged(response, await rendered.tag(), req.header("if-none-match"));
      },
    },
    "/v1/pair": {
      GET: async (context) => partResponse(pairOfNodes(await rendered.status()), context),
    },
    "/v1/rehearsal": { GET: (context) => fixedResponse(rehearsed(backend.rehearsal()), context) },
    "/v1/config": {
      GET: async (context) => fixedResponse(known(await config?.() ?? null), context),
    },
    "/v1/events": {
      GET: (context, right) => {
        const share = streamShareOf(requesterOf(context));
        const reader = { right: context.env.isOwner ? "change" : right, share } as const;
        return eventsResponse(context, reader, backend.journal, streams);
      },
    },
    "/v1/peers/:peer/events": {
      GET: async (context) =>
        fixedResponse(await peerEntries(backend, context.req.param("peer") ?? ""), context),
    },
    "/v1/instances": {
      GET: async (context) => partResponse((await rendered.status()).instances, context),
    },
    "/v1/instances/:name": {
      GET: async (context) =>
        partResponse(instanceOf(await rendered.status(), context.req.param("name")), context),
    },
  };
}

async function peerEntries(
  backend: Pick<ApiBackend, "peerEntries">,
  name: string,
): Promise<readonly JournalEntry[]> {
  const answer = backend.peerEntries(name);
  if (answer === undefined) {
    throw new Problem(
      "peer_unknown",
      `No peer "${name}" is in "peers" of this node's configuration`,
    );
  }
  const entries = await answer;
  if (entries !== null) return entries;
  const detail =
    `The API of ${name} does not give its journal: GET /v1/status says under "peers" what it answers`;
  throw new Problem("peer_journal_unknown", detail);
}

/** An answer that stays as it is until there is another one. */
function fixedResponse(value: unknown, { req }: ApiContext): Response {
  return taggedJson(value, req.header("if-none-match"));
}

/** A part of the status: for a client that has it, counters and ages alone are nothing new. */
function partResponse(part: unknown, { req }: ApiContext): Response {
  return taggedJson(part, req.header("if-none-match"), fingerprintOf(part));
}

function rehearsed(rehearsal: Rehearsal | null): Rehearsal {
  if (rehearsal !== null) return rehearsal;
  throw new Problem("not_rehearsed", "This node has not rehearsed yet; POST /v1/rehearse does it");
}

function known(config: NodeConfig | null): NodeConfig {
  if (config !== null) return config;
  const detail =
    "The engine does not say its configuration: it is older than its front; restart vipd";
  throw new Problem("config_unknown", detail);
}

function readinessResponse(status: NodeStatus): Response {
  const answer = readiness(status);
  return jsonResponse(answer, answer.status === "ready" ? 200 : 503);
}

/** A client that asks for an event stream gets one; RFC 9110 section 12.5.1 allows it to name other types too. */
function eventsResponse(
  context: ApiContext,
  reader: { readonly right: Right; readonly share: string },
  journal: Journal,
  streams: EventStreams,
): Response {
  const since = sinceOf(context.req.queries());
  const accepts = context.req.header("accept")?.toLowerCase() ?? "";
  if (!accepts.includes("text/event-stream")) {
    return withReset(fixedResponse(entriesAfter(journal, since), context), journal, since);
  }
  // A browser that reconnects sends the id that it has reached, which is later than the one that the page asked for.
  const lastId = context.req.header("last-event-id");
  if (lastId !== undefined && !ENTRY_ID.test(lastId)) {
    throw new Problem("query_invalid", "Last-Event-ID takes the id of a journal entry, such as 42");
  }
  const reached = lastId === undefined ? since : Number(lastId);
  // A request for the headers only must not open a stream that nobody ends.
  const response = context.req.method === "HEAD"
    ? new Response(null, { headers: { "content-type": "text/event-stream" } })
    : streams.response(reached, reader);
  return withReset(response, journal, reached);
}

/** An id that the journal has not reached belongs to another one, so that every entry of this one is later. */
function entriesAfter(journal: Journal, since: number): readonly JournalEntry[] {
  return journal.since(since > journal.newestId ? 0 : since);
}

/** The response, with a word for a client whose id the journal has not reached. */
function withReset(response: Response, journal: Journal, since: number): Response {
  if (since > journal.newestId) response.headers.set(RESET_HEADER, String(journal.newestId));
  return response;
}

function instanceOf({ instances }: NodeStatus, name: string | undefined): InstanceStatus {
  const instance = instances.find((candidate) => candidate.name === name);
  if (instance) return instance;
  const names = instances.map((candidate) => candidate.name).join(", ");
  throw new Problem("instance_unknown", `No instance ${JSON.stringify(name)}; there is: ${names}`);
}

/** `?since=ID`: the journal's entries after that one; all stored entries if absent. */
function sinceOf(queries: Readonly<Record<string, readonly string[]>>): number {
  const { since = ["0"], ...others } = queries;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new Problem("query_invalid", `This call knows ?since=ID, not ${JSON.stringify(unknown)}`);
  }
  const text = since.length === 1 ? since[0]! : "";
  if (!ENTRY_ID.test(text)) {
    throw new Problem(
      "query_invalid",
      "?since= takes the id of a journal entry, such as ?since=42",
    );
  }
  return Number(text);
}
