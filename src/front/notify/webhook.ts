/**
 * Notifies a web server, in JSON.
 *
 * @module
 */

import type { WebhookNotifyConfig } from "../../config/notify_model.ts";
import { readHttpUrl } from "../../config/values/values.ts";
import { destinationOf, type HttpRequest, request } from "../../http/request.ts";
import type { HttpResponseReader } from "../../http/response.ts";
import type { NotifyEvent } from "../../notify/event.ts";
import {
  type Delivery,
  notDelivered,
  type ReadFile,
  reasonText,
  type Target,
  type TargetContext,
} from "../../notify/target.ts";
import { JoinedSignal } from "../../runtime/joined_signal.ts";
import { PooledOperation } from "../../runtime/pooled_operation.ts";
import { untilAborted } from "../../runtime/waiting.ts";
import { createHmac } from "node:crypto";

/** These statuses mean "not now" rather than "no" (RFC 9110 section 15.5, RFC 6585 section 4). */
const RETRIED_STATUS = [408, 425, 429];

/** `node` names this load balancer. */
export function webhookTarget(
  config: WebhookNotifyConfig,
  node: string,
  { run, readFile, shutDown }: TargetContext,
): Target {
  // Read each time, so that the files can change.
  const files = new PooledOperation("file", () => readFiles(config, readFile));
  return {
    batch: 1,
    gatherMs: 0,
    retryForMs: config.retryForMs,
    async deliver([event], signal): Promise<Delivery> {
      const limit = AbortSignal.timeout(config.timeoutMs);
      using joined = new JoinedSignal(signal, limit);
      const ends = joined.signal;
      const body = JSON.stringify(payload(event!, node));
      // The same for every retry, so that a receiver recognizes an event that it has seen.
      const id = `${node}-${run}-${event!.entry.id}-${event!.scope}`;
      const prepared = await prepare(files, id, body, ends);
      if ("why" in prepared) return notDelivered(prepared.why, { retry: true });
      try {
        const answer = request(prepared, statusOf, { signal: ends, shutDown });
        // vipd does not wait for a handshake that nothing can abort.
        const status = await untilAborted(answer, ends);
        if (status !== null) return judge(status);
        return notDelivered("connection closed without an answer", { retry: true });
      } catch (error) {
        const why = limit.aborted
          ? `no answer within ${config.timeoutMs} ms`
          : `${prepared.headers.Host}: ${reasonText(error)}`;
        return notDelivered(why, { retry: true });
      }
    },
  };
}

/** The head of the answer is enough. */
function statusOf({ headComplete, status }: HttpResponseReader): number | null {
  return headComplete ? status : null;
}

/** The body of the webhook. Chat systems show `text`. */
function payload(event: NotifyEvent, node: string) {
  const { kind, scope, name, priority, entry } = event;
  return { node, event: kind, scope, name, priority, text: `${node}: ${entry.message}`, entry };
}

async function prepare(
  files: PooledOperation<WebhookFiles>,
  id: string,
  body: string,
  signal: AbortSignal,
): Promise<HttpRequest | { readonly why: string }> {
  try {
    const read = await files.run(signal);
    if (!read.ok) return { why: "the file system of its files does not answer" };
    const { url, secret, caCerts } = read.value;
    if (url === null) return { why: "url_file holds no http or https URL" };
    if (secret?.length === 0) return { why: "secret_file is empty" };
    return {
      destination: destinationOf(url, { caCerts }),
      method: "POST",
      path: `${url.pathname}${url.search}`,
      headers: {
        Host: url.host,
        "Content-Type": "application/json",
        ...(secret && signatureHeaders(secret, id, Date.now(), body)),
      },
      body,
    };
  } catch (error) {
    return { why: reasonText(error) };
  }
}

interface WebhookFiles {
  /** `null` if the file contains none. */
  readonly url: URL | null;
  readonly secret: Uint8Array<ArrayBuffer> | null;
  readonly caCerts: readonly string[];
}

async function readFiles(
  { target, secretFile, caFile }: WebhookNotifyConfig,
  readFile: ReadFile,
): Promise<WebhookFiles> {
  const url = "secretUrl" in target
    ? target.secretUrl
    : readHttpUrl((await readFile(target.urlFile)).trim());
  return {
    url: typeof url === "string" ? new URL(url) : url.ok ? new URL(url.value) : null,
    secret: secretFile === undefined ? null : secretOctets(await readFile(secretFile)),
    caCerts: caFile === undefined ? [] : [await readFile(caFile)],
  };
}

function judge(status: number): Delivery {
  if (status >= 200 && status < 300) return { ok: true };
  const retry = status >= 500 || RETRIED_STATUS.includes(status);
  return notDelivered(`HTTP ${status}`, { retry });
}

/** The prefix of a secret that is written in base64. */
const BASE64_PREFIX = "whsec_";

/** The octets of a secret as a file contains it: `whsec_` and base64, or any text. */
function secretOctets(text: string): Uint8Array<ArrayBuffer> {
  const secret = text.trim();
  return secret.startsWith(BASE64_PREFIX)
    ? Uint8Array.fromBase64(secret.slice(BASE64_PREFIX.length))
    : new TextEncoder().encode(secret);
}

/** The headers that sign a body. `atMs`: wall clock, because a receiver refuses old messages. */
function signatureHeaders(
  secret: Uint8Array<ArrayBuffer>,
  id: string,
  atMs: number,
  body: string,
): Record<string, string> {
  const seconds = Math.floor(atMs / 1000);
  const digest = createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": `${seconds}`,
    "webhook-signature": `v1,${digest}`,
  };
}
