/**
 * Tells a web server, in JSON.
 *
 * @module
 */

import type { WebhookNotifyConfig } from "../config/notify_model.ts";
import { readHttpUrl } from "../config/values.ts";
import type { NotifyEvent } from "./event.ts";
import { secretOctets, signatureHeaders } from "./signature.ts";
import { type Delivery, notDelivered, type ReadFile, reasonText, type Target } from "./target.ts";

/** Says "not now" rather than "no" (RFC 9110 section 15.5, RFC 6585 section 4). */
const RETRIED_STATUS = [408, 425, 429];

/** `node` names this load balancer; `run` tells one run of the daemon from the next. */
export function webhookTarget(
  config: WebhookNotifyConfig,
  node: string,
  run: string,
  readFile: ReadFile,
): Target {
  return {
    batch: 1,
    gatherMs: 0,
    retryForMs: config.retryForMs,
    async deliver([event], signal): Promise<Delivery> {
      const body = JSON.stringify(payload(event!, node));
      // The same for every retry, so that a receiver knows what it has seen.
      const id = `${node}-${run}-${event!.entry.id}-${event!.scope}`;
      const request = await prepare(config, id, body, readFile);
      if ("why" in request) return notDelivered(request.why, { retry: true });
      const limit = AbortSignal.timeout(config.timeoutMs);
      using client = request.client;
      try {
        const response = await fetch(request.url, {
          method: "POST",
          body,
          headers: request.headers,
          redirect: "manual",
          signal: AbortSignal.any([signal, limit]),
          ...(client && { client }),
        });
        await response.body?.cancel();
        return judge(response.status);
      } catch (error) {
        const why = limit.aborted
          ? `no answer within ${config.timeoutMs} ms`
          : withoutUrl(reasonText(error), request.url);
        return notDelivered(why, { retry: true });
      }
    },
  };
}

/** What is posted. `text` is what chat systems show. */
export function payload(event: NotifyEvent, node: string) {
  const { kind, scope, name, priority, entry } = event;
  return { node, event: kind, scope, name, priority, text: `${node}: ${entry.message}`, entry };
}

interface Prepared {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly client: Deno.HttpClient | null;
}

/** Files are read each time, so that what they hold can change. */
async function prepare(
  { target, secretFile, caFile }: WebhookNotifyConfig,
  id: string,
  body: string,
  readFile: ReadFile,
): Promise<Prepared | { readonly why: string }> {
  try {
    const url = "secretUrl" in target
      ? target.secretUrl
      : readHttpUrl((await readFile(target.urlFile)).trim());
    if (typeof url !== "string" && !url.ok) return { why: "url_file holds no http or https URL" };
    const secret = secretFile === undefined
      ? null
      : secretOctets(await readFile(secretFile));
    if (secret?.length === 0) return { why: "secret_file is empty" };
    const certificates = caFile === undefined ? null : await readFile(caFile);
    return {
      url: typeof url === "string" ? url : url.value,
      headers: {
        "content-type": "application/json",
        "user-agent": "vipd",
        ...(secret && await signatureHeaders(secret, id, Date.now(), body)),
      },
      client: certificates === null ? null : Deno.createHttpClient({ caCerts: [certificates] }),
    };
  } catch (error) {
    return { why: reasonText(error) };
  }
}

function judge(status: number): Delivery {
  if (status >= 200 && status < 300) return { ok: true };
  const retry = status >= 500 || RETRIED_STATUS.includes(status);
  return notDelivered(`HTTP ${status}`, { retry });
}

/** Without what the runtime says about the URL, whose path is often a secret. */
function withoutUrl(text: string, url: string): string {
  const { host, href } = new URL(url);
  const detail = text.replace(
    /^error sending request for url \([^)]*\): (?:client error \(Connect\): )?/,
    "",
  );
  return `${host}: ${detail.replaceAll(href, host).replaceAll(url, host)}`;
}
