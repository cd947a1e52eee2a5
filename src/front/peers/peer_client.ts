/**
 * Asks another load balancer's API for its state: one question, answered or given up within a second. Whatever answers
 * there costs little: octets, nesting and time are bounded.
 *
 * @module
 */

import { certificateText, spokenScheme } from "../../api/certificate_text.ts";
import { parseTarget } from "../../api/exchange.ts";
import type { ProblemCode } from "../../api/problem.ts";
import type { PeerConfig } from "../../config/model.ts";
import { destinationOf, type HttpRequest, request } from "../../http/request.ts";
import { HttpSyntaxError } from "../../http/syntax_error.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import { PooledOperation } from "../../runtime/pooled_operation.ts";
import { untilAborted } from "../../runtime/waiting.ts";
import type { JournalEntry } from "../../status/journal.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import type { PeerReport } from "../../status/reports/peer_answer.ts";
import type { PeerErrorCause } from "../../status/codes/error_cause.ts";
import { readToken, TokenFileError } from "../../tokens/token_file.ts";
import { ClockOffset, sampleOfDate, sampleOfStatus } from "./clock_offset.ts";
import { JsonNesting } from "./json_nesting.ts";
import { readPeerJournal, readPeerRehearsal, readPeerStatus } from "./peer_answer.ts";

/** Limit for connecting, TLS and the whole answer. */
export const PEER_TIMEOUT_MS = 1000;
/** A real status nests a quarter as deep. */
export const NESTING_LIMIT = 24;
/** Five thousand names with long ones among them. */
const REHEARSAL_OCTETS = 8 * 1024 * 1024;
/** A thousand entries with long texts. */
const JOURNAL_OCTETS = 2 * 1024 * 1024;
/** Longest answer that is read of a front whose engine does not answer. */
const PROBLEM_OCTETS = 4096;
const UNAVAILABLE = 503;
const ENGINE_GONE = "engine_unreachable" satisfies ProblemCode;

export interface PeerClientOptions {
  /** Gives the text of a token file. */
  readonly readFile: (path: string) => Promise<string>;
  /** Ends the connection to a peer that hangs in its TLS handshake. */
  readonly shutDown?: ShutDown | undefined;
}

/** One peer, which vipd asks again and again. */
export class PeerClient {
  readonly #peer: PeerConfig;
  readonly #token: PooledOperation<string> | null;
  readonly #shutDown: ShutDown | undefined;
  readonly #clock = new ClockOffset();

  constructor(peer: PeerConfig, { readFile, shutDown }: PeerClientOptions) {
    const { tokenFile } = peer;
    this.#peer = peer;
    this.#shutDown = shutDown;
    this.#token = tokenFile === undefined
      ? null
      : new PooledOperation("file", () => readToken(tokenFile, readFile));
  }

  /** How far its clock is ahead of this node's, in milliseconds; `null` until that is known. */
  get clockOffsetMs(): number | null {
    return this.#clock.ms;
  }

  /**
   * Asks once. Never throws, and never reveals the token.
   *
   * @param limitOctets a longer answer is not read.
   * @param signal aborts when the time is over.
   */
  async ask(limitOctets: number, signal: AbortSignal): Promise<PeerReport> {
    try {
      const token = await this.#token?.run(signal) ?? null;
      if (token?.ok === false) {
        return faulty("the file system of its token_file does not answer", "not_asked");
      }
      // vipd does not wait for a handshake that nothing can abort.
      return await untilAborted(this.#ask(token?.value ?? null, limitOctets, signal), signal);
    } catch (error) {
      const late = `no whole answer within ${PEER_TIMEOUT_MS / 1000} s`;
      return faulty(
        signal.aborted ? late : failureText(error),
        signal.aborted ? undefined : causeOf(error),
      );
    }
  }

  /**
   * The peer's last rehearsal, or `null` if it has none that can be read. Never throws.
   *
   * @param signal aborts when the time is over.
   */
  rehearsal(signal: AbortSignal): Promise<Rehearsal | null> {
    const wanted = { path: "/v1/rehearsal", limitOctets: REHEARSAL_OCTETS };
    return this.#fetch(wanted, readPeerRehearsal, signal);
  }

  /**
   * The newest entries of the peer's journal, oldest first, or `null` if it gives none that can be read. Never throws.
   *
   * @param signal aborts when the time is over.
   */
  journal(signal: AbortSignal): Promise<readonly JournalEntry[] | null> {
    const wanted = { path: "/v1/events", limitOctets: JOURNAL_OCTETS };
    return this.#fetch(wanted, readPeerJournal, signal);
  }

  async #fetch<T>(
    wanted: { readonly path: string; readonly limitOctets: number },
    parse: (text: string) => T | null,
    signal: AbortSignal,
  ): Promise<T | null> {
    try {
      const token = await this.#token?.run(signal) ?? null;
      if (token?.ok === false) return null;
      const read = await untilAborted(this.#read(token?.value ?? null, wanted, signal), signal);
      return "text" in read ? parse(read.text) : null;
    } catch {
      return null;
    }
  }

  async #ask(token: string | null, limitOctets: number, signal: AbortSignal): Promise<PeerReport> {
    const fromMs = Date.now();
    const heard = await this.#read(token, { path: "/v1/status", limitOctets }, signal);
    if ("problem" in heard) return faulty(heard.problem, heard.cause);
    const asked = { fromMs, toMs: Date.now() };
    const read = readPeerStatus(heard.text);
    if ("problem" in read) return faulty(read.problem, "mismatch");
    const { atMs, ...answer } = read;
    const dateMs = Date.parse(heard.date ?? "");
    if (atMs !== null) this.#clock.add(sampleOfStatus(atMs, asked));
    else if (!Number.isNaN(dateMs)) this.#clock.add(sampleOfDate(dateMs, asked));
    return { ok: true, answer };
  }

  async #read(
    token: string | null,
    { path, limitOctets }: { readonly path: string; readonly limitOctets: number },
    signal: AbortSignal,
  ): Promise<
    | { readonly text: string; readonly date: string | null }
    | { readonly problem: string; readonly cause?: PeerErrorCause }
  > {
    const nesting = new JsonNesting();
    const texts: string[] = [];
    let date: string | null = null;
    let unavailable = false;
    let refusal: number | null = null;
    const problem = await request(questionOf(this.#peer, token, path), (answer, text) => {
      if (answer.status === null) return null;
      unavailable = answer.status === UNAVAILABLE && answer.contentOctets <= PROBLEM_OCTETS;
      if (answer.status !== 200 && !unavailable) {
        refusal = answer.status;
        return statusText(answer.status, token !== null);
      }
      if (answer.contentOctets > limitOctets) return "its answer is too long for one of vipd's";
      if (nesting.add(text) > NESTING_LIMIT) {
        return "its answer is nested deeper than any of vipd's";
      }
      texts.push(text);
      date = answer.date;
      return null;
    }, { signal, shutDown: this.#shutDown });
    if (problem !== null) return { problem, ...(fits(refusal) ? {} : { cause: "mismatch" }) };
    const text = texts.join("");
    if (!unavailable) return { text, date };
    return problemCode(text) === ENGINE_GONE
      ? { problem: "its front answers that its engine does not", cause: "engine_gone" }
      : { problem: statusText(UNAVAILABLE, token !== null) };
  }
}

function questionOf({ url, ca }: PeerConfig, token: string | null, path: string): HttpRequest {
  // The configuration's own reader has accepted the URL.
  const target = parseTarget(url)!;
  const authorization = token === null ? {} : { Authorization: `Bearer ${token}` };
  const common = { path, headers: { Accept: "application/json", ...authorization } };
  if (target.kind === "unix") {
    return { ...common, destination: target, headers: { ...common.headers, Host: "localhost" } };
  }
  const { host } = new URL(target.url);
  const tls = ca === undefined ? {} : { caCerts: [ca] };
  const destination = destinationOf(new URL(target.url), tls);
  return { ...common, destination, headers: { ...common.headers, Host: host } };
}

function faulty(error: string, cause?: PeerErrorCause): PeerReport {
  return { ok: false, error, ...(cause && { cause }) };
}

/** The code of an `application/problem+json` answer; `null` if it is none. */
function problemCode(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly code?: unknown } | null)?.code ?? null;
  } catch {
    return null;
  }
}

/** errno(3): ENOENT 2, ECONNREFUSED 111. */
const NOBODY_LISTENS = /os error (2|111)\)/;

function causeOf(error: unknown): PeerErrorCause | undefined {
  if (error instanceof TokenFileError) return "not_asked";
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  const isOtherTls = certificateText(message) !== null || spokenScheme(message) !== null;
  if (error instanceof HttpSyntaxError || isOtherTls) return "mismatch";
  return NOBODY_LISTENS.test(error.message) ? "refused" : undefined;
}

/** A server that has failed may still be vipd. */
function fits(refusal: number | null): boolean {
  return refusal === null || refusal >= 500;
}

function statusText(status: number, hasToken: boolean): string {
  if (status === 401 || status === 403) {
    return hasToken
      ? `it refuses the token in token_file (${status})`
      : `it wants a token (${status}): name a file with its read token in token_file`;
  }
  if (status === 429) return "it takes no more tokens for now (429): too many were wrong";
  if (status >= 300 && status < 400) return `it answers ${status}: vipd follows no redirect`;
  return `it answers ${status}, which is not vipd's status`;
}

function failureText(error: unknown): string {
  if (error instanceof TokenFileError) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  const scheme = spokenScheme(reason);
  if (scheme === "https") return "it speaks TLS: write https:// in its url";
  if (scheme === "http") {
    return "it does not speak TLS: vipd pair makes it, or write http:// in its url";
  }
  if (error instanceof HttpSyntaxError) return `its answer is none of vipd's: ${reason}`;
  if (NOBODY_LISTENS.test(reason)) return "nobody listens there";
  return certificateText(reason) ?? reason;
}
