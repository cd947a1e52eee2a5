/**
 * The HTTP API: every call and its answer. Handlers throw errors as {@link Problem}; this file renders them.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type * as z from "zod";
import { checkHost, checkOrigin, isProxied } from "../../api/host_check.ts";
import { jsonResponse, jsonTextResponse, Problem, problemResponse } from "../../api/problem.ts";
import { RELOAD_ALONE } from "../../config/diagnostics.ts";
import type { ListenAddress } from "../../config/model.ts";
import { isRemote } from "../../config/values/values.ts";
import type { EngineFigures } from "../../ipc/messages.ts";
import type { InstanceCommand } from "../../status/commands.ts";
import type { Journal, JournalEntry } from "../../status/journal.ts";
import { pairOfNodes } from "../../status/pair/answer.ts";
import type { NodeConfig } from "../../status/node_config.ts";
import { readiness } from "../../status/readiness.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import type { KeepOutcome, ReloadOutcome } from "../../status/reloading.ts";
import type { NodeStatus } from "../../status/status.ts";
import type { Right, TokenJudge } from "../../tokens/token_judge.ts";
import { EventCounts } from "../metrics/event_counts.ts";
import { EXPOSITION_TYPE } from "../metrics/exposition.ts";
import { metricsText } from "../metrics/metrics.ts";
import { Access, bearerToken, OPEN_PATHS } from "./auth.ts";
import type { ApiBackend, CommandBy } from "./backend.ts";
import {
  commandBody,
  demoteBody,
  emptyBody,
  endBody,
  priorityBody,
  readBody,
  reloadBody,
} from "./bodies.ts";
import { commandClientOf, type UserName } from "./command_client.ts";
import { entityTag, tagged } from "./entity_tag.ts";
import { EventStreams } from "./event_streams.ts";
import { RenderedStatus } from "./rendered_status.ts";
import { type Requester, streamShareOf } from "./requester.ts";
import { TokenGuesses } from "./token_guesses.ts";

/** The server's information about each request. */
export interface ApiBindings {
  /** The listener that took the request. */
  readonly listener: ListenAddress;
  /** The client's address; absent if it has none, as on a unix socket. */
  readonly client?: string;
  /** The user at the other end of a unix socket; absent if it is not known. */
  readonly uid?: number;
  /** Whether the client has closed its side and waits for no answer; absent if the server cannot find out. */
  readonly hasGone?: () => Promise<boolean>;
  /**
   * The app calls this when the request has shown a valid token: the server then keeps its connection when places are
   * few.
   */
  readonly trusted?: () => void;
}

type ApiContext = Context<{ Bindings: ApiBindings }>;

export interface ApiOptions {
  readonly backend: ApiBackend;
  /** Gives the right of a shown token. */
  readonly judge: TokenJudge;
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs?: number;
  /** Monotonic milliseconds, to forgive wrong tokens. */
  readonly nowMs?: () => number;
  /** Gives the name of the user at the other end of a unix socket; only its number is known without it. */
  readonly userName?: UserName;
  /** Names of the API behind a reverse proxy, `api.hosts`; none without it. */
  readonly hosts?: () => readonly string[];
  /** The node's configuration without secrets; absent or `null` if the engine does not say it. */
  readonly config?: () => Promise<NodeConfig | null>;
  /** The engine's measurements of itself, for the metrics. */
  readonly figures?: () => EngineFigures | null;
  /** Ends what would never end by itself, the event streams, so that the server can close. */
  readonly closing?: AbortSignal;
}

/** `right`: the right of the requester, if the call needs no more than reading. */
type Handler = (context: ApiContext, right: Right) => Response | Promise<Response>;

/**
 * The handlers of one path by method. Every method except GET changes something and needs the token; see `OPEN_PATHS`.
 */
type Methods = Readonly<Partial<Record<"GET" | "POST" | "PUT" | "DELETE", Handler>>>;

/** The id of a journal entry in a query or header. */
const ENTRY_ID = /^\d{1,15}$/;
/** For every response: caches keep nothing, browsers guess no type, and other origins can neither frame nor read it. */
const SECURITY_HEADERS = [
  ["cache-control", "no-store"],
  ["x-content-type-options", "nosniff"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
] as const;

/** The API over one backend; `app.fetch(request, bindings)` answers a request. */
export function createApi(options: ApiOptions): Hono<{ Bindings: ApiBindings }> {
  const { backend } = options;
  const { journal } = backend;
  const rendered = new RenderedStatus(backend);
  const events = new EventCounts(journal);
  const streams = new EventStreams({ journal, fingerprint: () => rendered.fingerprint() });
  options.closing?.addEventListener("abort", () => streams.close());
  const nowMs = options.nowMs ?? (() => performance.now());
  const guesses = new TokenGuesses(
    nowMs,
    (message) => journal.record("warning", "api_token_guessed", message),
  );
  const access = new Access(options.judge, guesses);
  const hosts = options.hosts ?? (() => []);
  const requesterOf = (context: ApiContext) => requesterFrom(context, hosts());

  /** A call that changes something. */
  function change<T>(
    schema: z.ZodType<T>,
    act: (body: T, by: CommandBy, context: ApiContext) => Promise<Response>,
  ): Handler {
    return async (context) => {
      await access.toChange(requesterOf(context));
      const body = await readBody(context.req.raw, schema, options.bodyTimeoutMs);
      await requireClient(context);
      return await act(body, await commandedBy(context, options.userName), context);
    };
  }

  /** A call with a command for the instance in the path. */
  function order<T>(
    schema: z.ZodType<T>,
    commandOf: (instance: string, body: T) => InstanceCommand | Promise<InstanceCommand>,
  ): Handler {
    return change(schema, async (body, by, context) => {
      const command = await commandOf(context.req.param("name") ?? "", body);
      const result = await backend.command(command, by);
      if (!result.ok) throw new Problem(result.code, result.message);
      const { tookMs, instance, peers, notKept } = result;
      const unkept = notKept === undefined ? {} : { not_kept: notKept };
      // The key that the status has for a peer's name, next to the one of 0.1.0.
      const named = peers.map((view) => ({ name: view.peer, ...view }));
      return jsonResponse({ took_ms: Math.round(tookMs), instance, peers: named, ...unkept });
    });
  }

  const routes: Readonly<Record<string, Methods>> = {
    "/": { GET: async () => (await import("../page/response.ts")).pageResponse() },
    "/openapi.json": {
      GET: async ({ req }) => {
        const text = (await import("../openapi/document.ts")).openApiText();
        return tagged(jsonTextResponse(text), entityTag(text), req.header("if-none-match"));
      },
    },
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
        const figures = options.figures?.() ?? null;
        const text = await metricsText(await rendered.status(), { events, figures, openStreams });
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
    "/v1/codes/:code": {
      GET: async ({ req }) => {
        const { codeResponse } = await import("./codes.ts");
        return codeResponse(req.param("code") ?? "", req.header("accept"));
      },
    },
    "/v1/rehearsal": { GET: () => rehearsalResponse(backend.rehearsal()) },
    "/v1/rehearse": {
      POST: change(emptyBody, async () => jsonResponse(await backend.rehearse())),
    },
    "/v1/config": { GET: async () => configResponse(await options.config?.() ?? null) },
    "/v1/events": {
      GET: (context, right) => {
        const share = streamShareOf(requesterOf(context));
        return eventsResponse(context, { right, share }, journal, streams);
      },
    },
    "/v1/peers/:peer/events": {
      GET: async ({ req }) => jsonResponse(await peerEntries(backend, req.param("peer") ?? "")),
    },
    "/v1/instances": { GET: async () => jsonResponse((await rendered.status()).instances) },
    "/v1/instances/:name": {
      GET: async (context) => instanceResponse(await rendered.status(), context),
    },
    "/v1/instances/:name/promote": {
      POST: order(
        commandBody,
        (instance, body) => ({ kind: "promote", instance, ...commandTerms(body) }),
      ),
    },
    "/v1/instances/:name/demote": {
      POST: order(demoteBody, async (instance, { unless_worse: unlessWorse = false, ...body }) => {
        if (unlessWorse) requireNoneWorse(await rendered.status());
        return { kind: "demote", instance, ...commandTerms(body) };
      }),
    },
    "/v1/instances/:name/release": {
      POST: order(endBody, (instance, why) => ({ kind: "release", instance, ...why })),
    },
    "/v1/instances/:name/priority": {
      PUT: order(priorityBody, (instance, body) => ({ kind: "set_priority", instance, ...body })),
      DELETE: order(endBody, (instance, why) => ({ kind: "clear_priority", instance, ...why })),
    },
    "/v1/reload": {
      POST: change(reloadBody, async ({ confirm: confirmMs, force }, by) => {
        const confirm = confirmMs === undefined ? {} : { confirmMs };
        return reloadResponse(await backend.reload({ ...confirm, ...(force && { force }) }, by));
      }),
    },
    "/v1/reload/keep": {
      POST: change(emptyBody, async (_, by) => keepResponse(await backend.keep(by))),
    },
  };

  const app = new Hono<{ Bindings: ApiBindings }>();
  app.use(async (context, next) => {
    await next();
    // The page's policy allows its own script and style, and no more.
    for (const [name, value] of SECURITY_HEADERS) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  });
  app.use(async (context, next) => {
    const host = hostOf(context);
    checkHost(host, context.env.listener, hosts());
    checkOrigin(context.req.header("origin"), host, context.env.listener, hosts());
    await next();
  });
  for (const [path, methods] of Object.entries(routes)) {
    for (const [method, handler] of Object.entries(methods)) {
      const open = method !== "GET" || OPEN_PATHS.has(inBraces(path));
      app.on(method, path, async (context) => {
        const right = open ? "none" : await access.toRead(requesterOf(context));
        return await handler(context, right);
      });
    }
    app.all(path, (context) => {
      throw methodProblem(context.req.method, methods);
    });
  }
  app.notFound(() => {
    throw new Problem("route_unknown", "There is no such call; GET /v1/status shows this node");
  });
  app.onError((error, context) => {
    if (error instanceof Problem) return problemResponse(error, context.req.path);
    const call = `${context.req.method} ${context.req.path}`;
    backend.journal.record(
      "error",
      "api_failed",
      `${call} failed: ${error.stack ?? error.message}`,
    );
    const detail = "The call failed by a defect of vipd; its log has the details";
    return problemResponse(new Problem("internal", detail), context.req.path);
  });
  return app;
}

/** A path of the router as the documents write it. */
function inBraces(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

function reloadResponse(outcome: ReloadOutcome): Response {
  if (outcome.ok) {
    const { tookMs, changes, warnings, verdicts, probation } = outcome;
    const took_ms = Math.round(tookMs);
    return jsonResponse({ took_ms, changes, warnings, verdicts, probation });
  }
  const { diagnostics } = outcome;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const isAlone = first !== undefined && RELOAD_ALONE.has(first.code);
  const count = `${errors.length} ${errors.length === 1 ? "error" : "errors"}`;
  const detail = `The configuration is not taken, the one before runs on: ${count}; ` +
    (isAlone ? first.hint : "vipd check shows what a file has");
  throw new Problem("reload_failed", detail, { diagnostics });
}

async function peerEntries(backend: ApiBackend, name: string): Promise<readonly JournalEntry[]> {
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

function keepResponse(outcome: KeepOutcome): Response {
  if (outcome.ok) return jsonResponse({ kept: true });
  throw new Problem("not_kept", outcome.message);
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

/** An HTTP/1.0 request may lack the header; the URL then has the listener's own address. */
function hostOf({ req }: ApiContext): string {
  return req.header("host") ?? new URL(req.url).host;
}

/** A request through a reverse proxy is one from another machine, wherever the proxy runs. */
function requesterFrom(context: ApiContext, hosts: readonly string[]): Requester {
  const { req, env: { listener, client, trusted } } = context;
  const proxied = isProxied(hostOf(context), hosts);
  return {
    authorization: req.header("authorization"),
    client,
    proxied,
    remote: proxied || isRemote(listener),
    trusted,
  };
}

/**
 * A client that has given up waiting does not expect vipd to carry out the command later, as after this process was
 * stopped.
 */
async function requireClient({ env: { hasGone } }: ApiContext): Promise<void> {
  if (!await hasGone?.()) return;
  throw new Problem(
    "client_gone",
    "The client has closed its side of the connection before the answer, so the order is not " +
      "carried out: keep the connection open until then",
  );
}

/** A client that names its command learns its outcome by the same key (draft-ietf-httpapi-idempotency-key-header). */
async function commandedBy(
  { req, env }: ApiContext,
  userName: UserName | undefined,
): Promise<CommandBy> {
  const key = req.header("idempotency-key") ?? crypto.randomUUID();
  if (!/^[\x21-\x7e]{1,128}$/.test(key)) {
    throw new Problem("order_id_invalid", "Idempotency-Key takes 1 to 128 printable characters");
  }
  const client = await commandClientOf(env, req.header("user-agent"), userName);
  return { key, token: bearerToken(req.header("authorization")), client };
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

/** The last rehearsals count: to rehearse now would take as long as nginx takes. */
function requireNoneWorse({ node, peers }: NodeStatus): void {
  const faults = peers.flatMap(({ rehearsal = [] }) => rehearsal).filter((reason) =>
    reason.code === "rehearsal_failed" && reason.node !== node
  );
  if (faults.length === 0) return;
  const texts = faults.map(({ message }) => message).join("; ");
  throw new Problem("rehearsal_failed", `The demote is not carried out: ${texts}`);
}

function commandTerms(
  { for: forMs, ...why }: z.infer<typeof commandBody>,
): { readonly forMs?: number; readonly reason?: string | undefined } {
  return forMs === undefined ? why : { forMs, ...why };
}

function methodProblem(method: string, methods: Methods): Problem {
  const known = Object.keys(methods).flatMap((name) => name === "GET" ? ["GET", "HEAD"] : [name]);
  const allow = known.join(", ");
  return new Problem("method_not_allowed", `This call takes ${allow}, not ${method}`, {
    headers: { allow },
  });
}
