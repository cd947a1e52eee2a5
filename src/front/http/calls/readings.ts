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
import type { NodeStatus } from "../../../status/status.ts";
import type { Right } from "../../../tokens/token_judge.ts";
import type { EventCounts } from "../../metrics/event_counts.ts";
import { EXPOSITION_TYPE } from "../../metrics/exposition.ts";
import { metricsText } from "../../metrics/metrics.ts";
import type { ApiBackend } from "../backend.ts";
import { tagged } from "../entity_tag.ts";
import type { EventStreams } from "../event_streams.ts";
import type { RenderedStatus } from "../rendered_status.ts";
import { type Requester, streamShareOf } from "../requester.ts";
import type { ApiContext, Calls } from "./call.ts";

/** The id of a journal entry in a query or header. */
const ENTRY_ID = /^\d{1,15}$/;

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
    "/v1/pair": { GET: async () => jsonResponse(pairOfNodes(await rendered.status())) },
    "/v1/rehearsal": { GET: () => rehearsalResponse(backend.rehearsal()) },
    "/v1/config": { GET: async () => configResponse(await config?.() ?? null) },
    "/v1/events": {
      GET: (context, right) => {
        const share = streamShareOf(requesterOf(context));
        const reader = { right: context.env.isOwner ? "change" : right, share } as const;
        return eventsResponse(context, reader, backend.journal, streams);
      },
    },
    "/v1/peers/:peer/events": {
      GET: async ({ req }) => jsonResponse(await peerEntries(backend, req.param("peer") ?? "")),
    },
    "/v1/instances": { GET: async () => jsonResponse((await rendered.status()).instances) },
    "/v1/instances/:name": {
      GET: async (context) => instanceResponse(await rendered.status(), context),
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

function rehearsalResponse(rehearsal: Rehearsal | null): Response {
  if (rehearsal !== null) return jsonResponse(rehearsal);
  throw new Problem("not_rehearsed", "This node has not rehearsed yet; POST /v1/rehearse does it");
}

function configResponse(config: NodeConfig | null): Response {
  if (config !== null) return jsonResponse(config);
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
  if (!accepts.includes("text/event-stream")) return jsonResponse(journal.since(since));
  // A browser that reconnects sends the id that it has reached, which is later than the one that the page asked for.
  const lastId = context.req.header("last-event-id");
  if (lastId !== undefined && !ENTRY_ID.test(lastId)) {
    throw new Problem("query_invalid", "Last-Event-ID takes the id of a journal entry, such as 42");
  }
  const reached = lastId === undefined ? since : Number(lastId);
  // A request for the headers only must not open a stream that nobody ends.
  if (context.req.method === "HEAD") {
    return new Response(null, { headers: { "content-type": "text/event-stream" } });
  }
  return streams.response(reached, reader);
}

function instanceResponse({ instances }: NodeStatus, context: ApiContext): Response {
  const name = context.req.param("name");
  const instance = instances.find((candidate) => candidate.name === name);
  if (instance) return jsonResponse(instance);
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
