/**
 * One request to an API and its answer, over TCP or a unix socket.
 *
 * @module
 */

import { untilAborted } from "../runtime/waiting.ts";
/** An address that a daemon listens on. */
export type ApiTarget =
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "unix"; readonly path: string };

export interface ExchangeOptions {
  /** Certificates in PEM that are trusted in addition to those of the system. */
  readonly caCerts?: readonly string[];
  /** Ends the request, instead of the timeout. */
  readonly signal?: AbortSignal;
}

/** `unix:/run/vipd/api.sock`, `http://127.0.0.1:9112` or `https://lb02:9112`; `null` if it is none of them. */
export function parseTarget(text: string): ApiTarget | null {
  const path = /^unix:(?:\/\/)?(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "unix", path };
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  const http = url?.protocol === "http:" || url?.protocol === "https:";
  const plain = url && http && url.pathname === "/" && !url.search && !url.username;
  return plain ? { kind: "http", url: url.origin } : null;
}

/** A target as {@link parseTarget} reads it. */
export function formatTarget(target: ApiTarget): string {
  return target.kind === "unix" ? `unix:${target.path}` : target.url;
}

/**
 * The head of an answer; its body is to be read until `signal` aborts. fetch follows a signal of its own, which the
 * runtime forgets at a garbage collection once the head has come, so the body would not end with it.
 */
export function ask(
  target: ApiTarget,
  path: string,
  request: RequestInit & { readonly client: Deno.HttpClient; readonly signal: AbortSignal },
): Promise<Response> {
  // A redirect would carry the token elsewhere.
  return fetch(`${baseOf(target)}${path}`, { ...request, redirect: "manual" });
}

/** One request and its whole answer, from connecting to the last octet within `timeoutMs`. */
export async function exchange(
  target: ApiTarget,
  path: string,
  request: RequestInit,
  timeoutMs: number,
  options: ExchangeOptions = {},
): Promise<{ status: number; text: string }> {
  using client = openClient(target, options);
  const signal = options.signal ?? AbortSignal.timeout(timeoutMs);
  const response = await ask(target, path, { ...request, client, signal });
  return { status: response.status, text: await untilAborted(response.text(), signal) };
}

function baseOf(target: ApiTarget): string {
  return target.kind === "unix" ? "http://localhost" : target.url;
}

/**
 * The connection to a target. Plain TCP names its target explicitly, or the request would go to the environment's
 * proxy. A proxy for https forwards octets that it cannot read, so the environment may name one.
 */
export function openClient(
  target: ApiTarget,
  { caCerts = [] }: Pick<ExchangeOptions, "caCerts">,
): Deno.HttpClient {
  if (target.kind === "unix") {
    return Deno.createHttpClient({ proxy: { transport: "unix", path: target.path } });
  }
  const { hostname, port, protocol } = new URL(target.url);
  return protocol === "https:"
    ? Deno.createHttpClient({ caCerts: [...caCerts] })
    : Deno.createHttpClient({ proxy: { transport: "tcp", hostname, port: Number(port || 80) } });
}

/** The innermost message, because fetch wraps the system's. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
