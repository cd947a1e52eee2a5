/**
 * Talks to a running vipd, over TCP or a unix socket.
 *
 * @module
 */

import { EventSourceParserStream } from "eventsource-parser/stream";
import type { ConfigChange } from "../config/changes.ts";
import type { Diagnostic } from "../config/diagnostics.ts";
import type { PeerView } from "../node/peers.ts";
import type { InstanceStatus, NodeStatus } from "../node/status.ts";
import type { JournalEntry } from "../node/journal.ts";
import {
  type ApiTarget,
  baseOf,
  exchange,
  formatTarget,
  openClient,
  reasonOf,
} from "./exchange.ts";
import type { ProblemDocument } from "./problem.ts";

/** Nothing there answers, or what answers is not vipd. */
export class DaemonUnreachableError extends Error {
  override readonly name = "DaemonUnreachableError";
}

/** The daemon answered with a problem. */
export class DaemonRefusedError extends Error {
  override readonly name = "DaemonRefusedError";
  readonly status: number;
  readonly code: string;
  /** What is wrong with a configuration that was to be reloaded. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(problem: Pick<ProblemDocument, "status" | "code" | "detail" | "diagnostics">) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.diagnostics = problem.diagnostics ?? [];
  }
}

/** What promote, demote, release and the priority calls answer. */
export interface OrderAnswer {
  readonly took_ms: number;
  readonly instance: InstanceStatus;
  /** What the reachable peers said last of the same virtual router. */
  readonly peers: readonly PeerView[];
}

/** What a reload answers. */
export interface ReloadAnswer {
  readonly took_ms: number;
  readonly changes: readonly ConfigChange[];
  readonly warnings: readonly Diagnostic[];
}

export type OrderName = "promote" | "demote" | "release";

export interface ClientOptions {
  /** Gives the bearer token; asked only for calls that change something. */
  readonly token?: () => Promise<string>;
  /** Gives a token that may read; asked only where reading needs one, or gets a place that is kept for one. */
  readonly readToken?: () => Promise<string>;
  /** Certificates in PEM that are trusted besides those of the system. */
  readonly caCerts?: readonly string[];
  /** How long a reading call may take, in milliseconds; default 5000. */
  readonly readTimeoutMs?: number;
  /** How long an order may take, in milliseconds; default 60000: the daemon answers when it is done. */
  readonly orderTimeoutMs?: number;
}

/** An event stream that is silent for so long is broken: vipd sends a comment every 15 seconds. */
const FOLLOW_SILENCE_MS = 40_000;

export class ApiClient {
  readonly #target: ApiTarget;
  readonly #options: ClientOptions;

  constructor(target: ApiTarget, options: ClientOptions = {}) {
    this.#target = target;
    this.#options = options;
  }

  status(): Promise<NodeStatus> {
    return this.#read("/v1/status");
  }

  /** The kept journal entries after the one with this id. */
  events(since = 0): Promise<JournalEntry[]> {
    return this.#read(`/v1/events?since=${since}`);
  }

  /**
   * The journal entries after the one with this id and then every further one, until the connection ends: throws
   * {@link DaemonUnreachableError} then, and when `signal` aborts.
   */
  async *follow(since = 0, signal?: AbortSignal): AsyncGenerator<JournalEntry> {
    const where = formatTarget(this.#target);
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), FOLLOW_SILENCE_MS);
    try {
      using client = openClient(this.#target, this.#options);
      const stream = await this.#reading(async (headers) => {
        const response = await fetch(`${baseOf(this.#target)}/v1/events?since=${since}`, {
          client,
          redirect: "manual",
          headers: { ...headers, accept: "text/event-stream" },
          signal: signal ? AbortSignal.any([silent.signal, signal]) : silent.signal,
        });
        if (response.ok && response.body !== null) return response.body;
        throw failureOf(where, response.status, await response.text());
      });
      const events = stream
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(passing(() => {
          clearTimeout(timer);
          timer = setTimeout(() => silent.abort(), FOLLOW_SILENCE_MS);
        }))
        .pipeThrough(new EventSourceParserStream());
      for await (const { event, data } of events) {
        if (event === "entry") yield JSON.parse(data) as JournalEntry;
      }
    } catch (error) {
      if (error instanceof DaemonRefusedError || error instanceof DaemonUnreachableError) {
        throw error;
      }
      throw new DaemonUnreachableError(unreachable(where, error, FOLLOW_SILENCE_MS));
    } finally {
      clearTimeout(timer);
    }
    throw new DaemonUnreachableError(`vipd at ${where} has ended the stream of events`);
  }

  /** `duration`: how long the order stands, such as `10m`; until released when absent. */
  order(instance: string, order: OrderName, duration?: string): Promise<OrderAnswer> {
    const body = duration === undefined ? {} : { for: duration };
    return this.#order("POST", `${instancePath(instance)}/${order}`, body);
  }

  setPriority(instance: string, priority: number): Promise<OrderAnswer> {
    return this.#order("PUT", `${instancePath(instance)}/priority`, { priority });
  }

  clearPriority(instance: string): Promise<OrderAnswer> {
    return this.#order("DELETE", `${instancePath(instance)}/priority`, {});
  }

  /** Throws {@link DaemonRefusedError} with the diagnostics when the configuration is not taken. */
  reload(): Promise<ReloadAnswer> {
    return this.#order("POST", "/v1/reload", {});
  }

  /** The text of `GET /metrics`. */
  async metrics(): Promise<string> {
    const where = formatTarget(this.#target);
    const timeoutMs = this.#options.readTimeoutMs ?? 5000;
    return await this.#reading(async (headers) => {
      const request = { method: "GET", headers };
      const { status, text } = await exchange(
        ...[this.#target, "/metrics", request, timeoutMs, this.#options] as const,
      ).catch((error) => {
        throw new DaemonUnreachableError(unreachable(where, error, timeoutMs));
      });
      if (status !== 200) throw failureOf(where, status, text);
      return text;
    });
  }

  #read<T>(path: string): Promise<T> {
    const timeoutMs = this.#options.readTimeoutMs ?? 5000;
    return this.#reading((headers) => this.#call<T>(path, { method: "GET", headers }, timeoutMs));
  }

  /** Without a token first: where reading needs none, nobody has to be able to read its file. */
  async #reading<T>(
    attempt: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    const { readToken } = this.#options;
    try {
      return await attempt({});
    } catch (error) {
      if (!(error instanceof DaemonRefusedError) || !readToken) throw error;
      if (error.code !== "token_missing" && error.code !== "too_many_streams") throw error;
      const token = await readToken().catch((unread) => {
        // That the file is for others to read is no news where reading needs no token.
        throw error.code === "token_missing" ? unread : error;
      });
      return await attempt({ authorization: `Bearer ${token}` });
    }
  }

  async #order<T>(method: string, path: string, body: unknown): Promise<T> {
    const token = await this.#options.token?.();
    const headers = {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const request = { method, headers, body: JSON.stringify(body) };
    return await this.#call(path, request, this.#options.orderTimeoutMs ?? 60_000);
  }

  async #call<T>(path: string, request: RequestInit, timeoutMs: number): Promise<T> {
    const where = formatTarget(this.#target);
    const { status, text } = await exchange(this.#target, path, request, timeoutMs, this.#options)
      .catch(
        (error) => {
          throw new DaemonUnreachableError(unreachable(where, error, timeoutMs));
        },
      );
    const value = parseAnswer(text);
    if (status === 200 && value !== null) return value as T;
    throw failureOf(where, status, text);
  }
}

/** What an answer means that is not the one asked for. */
function failureOf(where: string, status: number, text: string): Error {
  const value = parseAnswer(text);
  if (isProblem(value)) return new DaemonRefusedError(value);
  return new DaemonUnreachableError(
    `${where} answered ${status} and is not vipd; name vipd's own address with --api`,
  );
}

/** Hands everything on and tells that something came. */
function passing(came: () => void): TransformStream<string, string> {
  return new TransformStream({
    transform(text, controller) {
      came();
      controller.enqueue(text);
    },
  });
}

function instancePath(name: string): string {
  return `/v1/instances/${encodeURIComponent(name)}`;
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isProblem(value: unknown): value is ProblemDocument {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}

function unreachable(where: string, error: unknown, timeoutMs: number): string {
  const reason = reasonOf(error);
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `no answer from vipd at ${where} within ${timeoutMs / 1000} s; ` +
      "an order may still be carried out: see vipd status, and the log of vipd";
  }
  // errno(3): EPERM 1, ENOENT 2, EACCES 13, ECONNREFUSED 111.
  if (/os error (1|13)\)/.test(reason)) {
    return `not permitted to talk to ${where}; run as root or join the group of the socket`;
  }
  const plain = /os error (2|111)\)/.test(reason) ? "nobody listens there" : reason;
  return `cannot reach vipd at ${where}: ${plain}; ` +
    "is vipd running (systemctl status vipd), and is this its api.listen?";
}
