/**
 * One question to a virtual address, as a client asks: answered or given up within its limit.
 *
 * @module
 */

import { type ClientTarget, targetText } from "../../config/client_target.ts";
import { request, withoutBrackets } from "../../http/request.ts";
import { Connection, type ShutDown } from "../../runtime/connection.ts";
import { untilAborted } from "../../runtime/waiting.ts";
import { CLIENT_TIMEOUT_MS, type ClientReport } from "../../status/reports/client_report.ts";

/** Longest detail, in characters: it may quote a server. */
const MAX_DETAIL_CHARS = 200;

/** Asks once. Never throws. */
export async function askAsClient(
  target: ClientTarget,
  signal: AbortSignal,
  shutDown?: ShutDown,
): Promise<ClientReport> {
  const about = { instance: target.instance, target: targetText(target) };
  try {
    // Nothing waits for a handshake that cannot be aborted.
    const detail = await untilAborted(answerOf(target, { signal, shutDown }), signal);
    return { ...about, ok: true, detail };
  } catch (error) {
    if (signal.aborted) {
      return { ...about, ok: false, detail: `no answer within ${CLIENT_TIMEOUT_MS / 1000} s` };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return { ...about, ...judged(reason) };
  }
}

async function answerOf(
  { type, address, port, path, host }: ClientTarget,
  options: { readonly signal: AbortSignal; readonly shutDown: ShutDown | undefined },
): Promise<string> {
  const place = { kind: "tcp", host: address, port } as const;
  if (type === "tcp") {
    using _connection = await Connection.open({ ...place, tls: null }, options);
    return "connected";
  }
  const header = host ?? (address.includes(":") ? `[${address}]` : address);
  const tls = type === "https" ? { name: withoutBrackets(header.replace(/:\d+$/, "")) } : null;
  const wanted = {
    destination: { ...place, tls },
    path,
    headers: { Host: header, Accept: "*/*" },
  };
  const status = await request(wanted, (answer) => answer.status, options);
  return `HTTP ${status}`;
}

/** A server whose TLS this node does not trust, or which refuses this client's, has answered. */
function judged(reason: string): Pick<ClientReport, "ok" | "detail"> {
  if (/invalid peer certificate/.test(reason)) {
    return { ok: true, detail: "a certificate that this node does not trust" };
  }
  if (/received fatal alert/.test(reason)) {
    return { ok: true, detail: "a TLS server that refuses the handshake" };
  }
  // errno(3): ECONNREFUSED 111, EHOSTUNREACH 113.
  const plain = /os error 111\)/.test(reason)
    ? "connection refused"
    : /os error 113\)/.test(reason)
    ? "no host has the address"
    : reason.slice(0, MAX_DETAIL_CHARS);
  return { ok: false, detail: plain };
}
