/**
 * Sends the calls of the API's client: with the token that each needs, again if no answer comes and that is safe, and an
 * error that says what a failure means.
 *
 * @module
 */

import { EventSourceParserStream } from "eventsource-parser/stream";
import { JoinedSignal } from "../runtime/joined_signal.ts";
import { atMost, untilAborted } from "../runtime/waiting.ts";
import type { JournalEntry } from "../status/journal.ts";
import { processesOf } from "../status/text/processes.ts";
import type { NodeStatus } from "../status/status.ts";
import { entryShape, problemShape, readAnswer, type Shape, statusShape } from "./answer_shapes.ts";
import { DaemonRefusedError, DaemonUnreachableError, unreachable } from "./client_errors.ts";
import { type ApiTarget, ask, exchange, formatTarget, openClient, reasonOf } from "./exchange.ts";
import type { ProblemCode } from "./problem.ts";
import {
  ASK_AGAIN_TIMES,
  AWAIT_FRONT_TIMES,
  COMMAND_ID_HEADER,
  isBroken,
  isCut,
  REPEAT_TIMES,
  type RepeatTimes,
  untilAnswered,
} from "./repeated_command.ts";

export interface ClientOptions {
  /** The client's name for itself with a command, such as `vipd/0.1.0`. */
  readonly agent?: string;
  /** Gives the bearer token; called only for calls that change something. */
  readonly token?: () => Promise<string>;
  /** Gives a token that may read; called only if reading needs one, or to get a reserved place. */
  readonly readToken?: () => Promise<string>;
  /**
   * Shows that token from the first request on, if it can be read, because the server reserves places for clients with
   * one.
   */
  readonly showsToken?: boolean;
  /** Certificates in PEM that are trusted in addition to those of the system. */
  readonly caCerts?: readonly string[];
  /** How long a reading call may take, in milliseconds; default 5000. */
  readonly readTimeoutMs?: number;
  /** How long a command may take, in milliseconds; default 60000. The daemon answers when it is done. */
  readonly commandTimeoutMs?: number;
  /** How long the client repeats a command that was not answered. */
  readonly repeat?: RepeatTimes;
  /** Says what a rejection by this daemon means, with the remedy; `null` leaves the daemon's own words. */
  readonly explainRefusal?: (code: string) => string | null;
  /** Whether the front of a daemon that does not answer is being started again; not given if that cannot be known. */
  readonly comesBack?: () => Promise<boolean>;
  /** Any other knowledge about a daemon that does not answer, with the remedy, by why it does not; `null` for none. */
  readonly explain?: (reason: string) => Promise<string | null>;
}

const UNKNOWN_CALL = "route_unknown" satisfies ProblemCode;

/** How long the client waits for the file of a token that it may not need, in milliseconds. */
const TOKEN_LIMIT_MS = 200;

/** An event stream that is silent for so long is broken: vipd sends a comment every 15 seconds. */
const FOLLOW_SILENCE_MS = 40_000;

/** How long a front that is back may take to say which engine it has, in milliseconds. */
const ENGINE_LIMIT_MS = 1000;

export class ApiSender {
  readonly #target: ApiTarget;
  readonly #options: ClientOptions;
  /**
   * The run of the engine that answered last; `null` if there was none, and for one that does not know ids of commands.
   */
  #engine: string | null = null;

  constructor(target: ApiTarget, options: ClientOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** The status, by which the run of the engine is known that a later command is meant for. */
  async status(timeoutMs?: number): Promise<NodeStatus> {
    const status = await this.read("/v1/status", statusShape, timeoutMs);
    this.#engine = engineOf(status);
    return status;
  }

  /** The status before a command, which waits for a front that is being started again. */
  async statusToCommand(): Promise<NodeStatus> {
    try {
      return await this.status();
    } catch (error) {
      if (!isBroken(error) || !await this.#options.comesBack?.()) throw error;
      return await untilAnswered(() => this.status(), AWAIT_FRONT_TIMES);
    }
  }

  /**
   * The entries of the event stream at `path`, until the connection ends. Throws {@link DaemonUnreachableError} then, and
   * if `signal` aborts.
   */
  async *follow(path: string, signal?: AbortSignal): AsyncGenerator<JournalEntry> {
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), FOLLOW_SILENCE_MS);
    try {
      using client = openClient(this.#target, this.#options);
      using ending = new JoinedSignal(silent.signal, ...signal ? [signal] : []);
      const stream = await this.#openStream(client, path, ending.signal);
      yield* this.#entries(stream, ending.signal, () => {
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), FOLLOW_SILENCE_MS);
      });
    } finally {
      clearTimeout(timer);
    }
    const where = formatTarget(this.#target);
    throw new DaemonUnreachableError(`vipd at ${where} has ended the stream of events`);
  }

  read<T>(
    path: string,
    shape: Shape<T>,
    timeoutMs = this.#options.readTimeoutMs ?? 5000,
  ): Promise<T> {
    return this.#reading((headers) =>
      this.#call(path, { method: "GET", headers }, shape, timeoutMs)
    );
  }

  /** The answer to a reading call of `path`, as a text. */
  async readText(path: string): Promise<string> {
    const timeoutMs = this.#options.readTimeoutMs ?? 5000;
    return await this.#reading(async (headers) => {
      const request = { method: "GET", headers };
      const { status, text } = await exchange(
        ...[this.#target, path, request, timeoutMs, this.#options] as const,
      ).catch(async (error) => {
        throw await this.#unreachable(error, timeoutMs);
      });
      if (status !== 200) throw this.#failureOf(text);
      return text;
    });
  }

  /** Repeats the command if no answer comes and the engine is known to carry it out once. */
  async send<T>(
    method: string,
    path: string,
    body: unknown,
    shape: Shape<T>,
    timeoutMs = this.#options.commandTimeoutMs ?? 60_000,
  ): Promise<T> {
    const id = crypto.randomUUID();
    const engine = this.#engine;
    const attempt = async () => {
      const token = await this.#options.token?.();
      const headers = {
        "content-type": "application/json",
        ...(this.#options.agent !== undefined && { "user-agent": this.#options.agent }),
        [COMMAND_ID_HEADER]: id,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const request = { method, headers, body: JSON.stringify(body) };
      return await this.#call(path, request, shape, timeoutMs);
    };
    if (engine === null) return await attempt();
    return await untilAnswered(async (repeated) => {
      if (repeated) await this.#requireEngine(engine);
      return await attempt();
    }, this.#options.repeat ?? REPEAT_TIMES).catch((error) => {
      if (!(error instanceof DaemonUnreachableError && error.broken)) throw error;
      throw new DaemonUnreachableError(
        `${error.message}; whether the command was carried out is not known: see vipd status`,
        error,
      );
    });
  }

  #openStream(
    client: Deno.HttpClient,
    path: string,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const broken = async (error: unknown) => {
      throw await this.#unreachable(error, FOLLOW_SILENCE_MS);
    };
    return this.#reading(async (headers) => {
      const response = await ask(this.#target, path, {
        ...{ client, signal },
        headers: { ...headers, accept: "text/event-stream" },
      }).catch(broken);
      const type = response.headers.get("content-type") ?? "";
      if (response.ok && response.body !== null && type.startsWith("text/event-stream")) {
        return response.body;
      }
      const text = await untilAborted(response.text(), signal).catch(broken);
      throw this.#failureOf(text);
    });
  }

  /** Calls `came` for everything that arrives, entries or not. */
  async *#entries(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    signal: AbortSignal,
    came: () => void,
  ): AsyncGenerator<JournalEntry> {
    const events = stream
      .pipeThrough(new TextDecoderStream(), { signal })
      .pipeThrough(passing(came))
      .pipeThrough(new EventSourceParserStream());
    try {
      for await (const { event, data } of events) {
        if (event !== "entry") continue;
        const entry = readAnswer(data, entryShape);
        if (entry === null) throw this.#failureOf(data);
        yield entry;
      }
    } catch (error) {
      if (error instanceof DaemonUnreachableError) throw error;
      throw await this.#unreachable(error, FOLLOW_SILENCE_MS);
    }
  }

  /** Tries without a token first, because the caller may not be able to read its file where reading needs none. */
  async #reading<T>(
    attempt: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    const { readToken, showsToken } = this.#options;
    const attempts = (token: string | null) =>
      untilAnswered(
        () => attempt(token === null ? {} : { authorization: `Bearer ${token}` }),
        ASK_AGAIN_TIMES,
        isCut,
      );
    const shown = showsToken && readToken
      ? await atMost(readToken().catch(() => null), TOKEN_LIMIT_MS, null)
      : null;
    try {
      return await attempts(shown);
    } catch (error) {
      if (!(error instanceof DaemonRefusedError) || !readToken) throw error;
      if (error.code !== "token_missing" && error.code !== "too_many_streams") throw error;
      const token = await readToken().catch((unread) => {
        // If reading needs no token, it is no problem that the caller cannot read its file.
        throw error.code === "token_missing" ? unread : error;
      });
      return await attempts(token);
    }
  }

  /** Another run of the engine does not know the ids of the previous one, and would carry out the command again. */
  async #requireEngine(engine: string): Promise<void> {
    await this.status(ENGINE_LIMIT_MS).catch((error) => {
      if (!(error instanceof DaemonUnreachableError)) throw error;
      throw new DaemonUnreachableError(error.message, { reason: error.reason, broken: true });
    });
    if (this.#engine === engine) return;
    throw new DaemonUnreachableError(
      "vipd was started again before it answered: vipd status shows whether the command took effect",
    );
  }

  async #call<T>(
    path: string,
    request: RequestInit,
    shape: Shape<T>,
    timeoutMs: number,
  ): Promise<T> {
    const { status, text } = await exchange(this.#target, path, request, timeoutMs, this.#options)
      .catch(async (error) => {
        throw await this.#unreachable(error, timeoutMs);
      });
    const value = status === 200 ? readAnswer(text, shape) : null;
    if (value !== null) return value;
    throw this.#failureOf(text);
  }

  /** The error for an answer other than the expected one. */
  #failureOf(text: string): Error {
    const where = formatTarget(this.#target);
    const problem = readAnswer(text, problemShape);
    if (problem === null) {
      return new DaemonUnreachableError(
        `what answers at ${where} is not vipd; name vipd's own address with --api`,
      );
    }
    const { code } = problem;
    const explained = this.#options.explainRefusal?.(code) ?? null;
    const older = `the vipd at ${where} is older than this command and does not know this call: ` +
      "upgrade it, or restart it if it has been upgraded";
    const detail = explained ?? (code === UNKNOWN_CALL ? older : problem.detail);
    return new DaemonRefusedError({ ...problem, detail });
  }

  async #unreachable(error: unknown, timeoutMs: number): Promise<DaemonUnreachableError> {
    const known = await this.#options.explain?.(reasonOf(error)) ?? null;
    return unreachable(formatTarget(this.#target), error, timeoutMs, known);
  }
}

/**
 * Identifies the run of the engine that sent this; `null` if it does not know ids of commands: vipd 0.1.0, which does
 * not report processes, and a node that is part of another program.
 */
function engineOf(status: NodeStatus): string | null {
  const engine = processesOf(status)?.engine;
  return engine === undefined || engine.pid === 0 ? null : `${engine.pid} ${engine.started_at}`;
}

/** Forwards everything and calls `came` each time. */
function passing(came: () => void): TransformStream<string, string> {
  return new TransformStream({
    transform(text, controller) {
      came();
      controller.enqueue(text);
    },
  });
}
