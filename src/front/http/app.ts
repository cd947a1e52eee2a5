/**
 * The HTTP API: who may call what. The handlers of `calls/` throw errors as {@link Problem}; this file renders them.
 *
 * @module
 */

import { Hono } from "hono";
import { checkHost, checkOrigin, isProxied } from "../../api/host_check.ts";
import { Problem, problemResponse } from "../../api/problem.ts";
import { isRemote } from "../../config/values/values.ts";
import type { EngineFigures } from "../../ipc/messages.ts";
import type { NodeConfig } from "../../status/node_config.ts";
import type { TokenJudge } from "../../tokens/token_judge.ts";
import { EventCounts } from "../metrics/event_counts.ts";
import { OPEN_PATHS } from "../openapi/requests.ts";
import { Access } from "./auth.ts";
import type { ApiBackend } from "./backend.ts";
import type { ApiBindings } from "../server/api_bindings.ts";
import type { ApiContext, Calls, Methods } from "./calls/call.ts";
import { changeCalls } from "./calls/changes.ts";
import { DOCUMENT_CALLS } from "./calls/documents.ts";
import { readingCalls } from "./calls/readings.ts";
import { EventStreams } from "./event_streams.ts";
import { RenderedStatus } from "./rendered_status.ts";
import type { Requester, UserName } from "./requester.ts";
import { TokenGuesses } from "./token_guesses.ts";

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

/** For every response: caches keep nothing, browsers guess no type, and other origins can neither frame nor read it. */
const SECURITY_HEADERS = [
  ["cache-control", "no-store"],
  ["x-content-type-options", "nosniff"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
] as const;

/** The API over one backend; `app.fetch(request, bindings)` answers a request. */
export function createApi(options: ApiOptions): Hono<{ Bindings: ApiBindings }> {
  const { backend, bodyTimeoutMs, userName, config, figures } = options;
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

  const calls: Calls = {
    ...DOCUMENT_CALLS,
    ...readingCalls({ backend, rendered, events, streams, requesterOf, config, figures }),
    ...changeCalls({ backend, rendered, access, requesterOf, bodyTimeoutMs, userName }),
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
  for (const [path, methods] of Object.entries(calls)) {
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

function methodProblem(method: string, methods: Methods): Problem {
  const known = Object.keys(methods).flatMap((name) => name === "GET" ? ["GET", "HEAD"] : [name]);
  const allow = known.join(", ");
  return new Problem("method_not_allowed", `This call takes ${allow}, not ${method}`, {
    headers: { allow },
  });
}
