/**
 * Asks another load balancer's API how it is: one question, answered or given up within a second.
 *
 * @module
 */

import type { PeerConfig } from "../config/model.ts";
import type { PeerReport } from "../node/peers.ts";
import { AnswerTooLongError, exchange, parseTarget, reasonOf } from "./exchange.ts";
import { readPeerAnswer } from "./peer_answer.ts";
import { readToken, TokenFileError } from "./token_file.ts";

type ReadFile = (path: string) => Promise<string>;

/** Connecting, TLS and the whole answer take no longer. */
export const PEER_TIMEOUT_MS = 1000;
/** A thousand instances need less. */
const MAX_OCTETS = 4 * 1024 * 1024;

/**
 * Never throws, and never tells the token.
 *
 * @param signal aborts when the time is over.
 * @param readFile gives the text of its token file.
 */
export async function askPeer(
  peer: PeerConfig,
  signal: AbortSignal,
  readFile: ReadFile,
): Promise<PeerReport> {
  try {
    return await ask(peer, signal, readFile);
  } catch (error) {
    return { ok: false, error: failureText(error) };
  }
}

async function ask(
  { url, tokenFile, ca }: PeerConfig,
  signal: AbortSignal,
  readFile: ReadFile,
): Promise<PeerReport> {
  const token = tokenFile === undefined ? null : await readToken(tokenFile, readFile);
  const headers = {
    accept: "application/json",
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  const options = {
    ...(ca !== undefined && { caCerts: [ca] }),
    maxOctets: MAX_OCTETS,
    signal,
  };
  // The configuration's own reader has accepted the URL.
  const target = parseTarget(url)!;
  const { status, text } = await exchange(
    target,
    "/v1/status",
    { headers },
    PEER_TIMEOUT_MS,
    options,
  );
  if (status !== 200) return { ok: false, error: statusText(status, token !== null) };
  const answer = readPeerAnswer(text);
  return "problem" in answer ? { ok: false, error: answer.problem } : { ok: true, answer };
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
  if (error instanceof AnswerTooLongError) return "its answer is too long for one of vipd's";
  if (error instanceof DOMException) return `no whole answer within ${PEER_TIMEOUT_MS / 1000} s`;
  const reason = reasonOf(error);
  // errno(3): ENOENT 2, ECONNREFUSED 111.
  if (/os error (2|111)\)/.test(reason)) return "nobody listens there";
  if (/UnknownIssuer/.test(reason)) {
    return "its certificate is signed by nobody that this machine trusts: name it in ca";
  }
  return reason;
}
