/**
 * The `http` check: one request on a new connection, judged by status and, if configured, by body. It sees what a new
 * client of this server sees, under the configured name.
 *
 * @module
 */

import { destinationOf, request, withoutBrackets } from "../../http/request.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import type { HttpCheckConfig } from "../check_config.ts";
import { CertificateWatch } from "./certificate.ts";
import { failed, type Finding, type Probe } from "../probe.ts";

/** How far into a body the check searches for its text, in octets. */
const BODY_OCTETS = 64 * 1024;

/**
 * A GET request. It follows no redirects and judges a 3xx status like any other. It ends as soon as the verdict is
 * known: with a wrong status, or with the head if the check searches for no text in the body.
 *
 * With https the certificate must be valid for the check's `server_name`, or for the name in the Host header.
 */
export function httpProbe(check: HttpCheckConfig, shutDown?: ShutDown): Probe {
  const url = new URL(check.url);
  const hostHeader = check.hostHeader ?? url.host;
  const destination = destinationOf(url, {
    name: check.serverName ?? withoutBrackets(hostHeader.replace(/:\d+$/, "")),
    ...(check.ca !== undefined && { caCerts: [check.ca] }),
  });
  const certificate = check.expiresWithinMs === undefined || destination.kind !== "tcp"
    ? null
    : new CertificateWatch(destination, check.expiresWithinMs, shutDown);
  const wanted = {
    destination,
    path: `${url.pathname}${url.search}`,
    headers: { Host: hostHeader, Accept: "*/*" },
  };
  return {
    late: `no answer within ${check.timeoutMs} ms`,
    async run(signal) {
      const startedMs = performance.now();
      const search = new TextSearch(check.bodyContains ?? "");
      const finding = await request(wanted, (answer, text): Finding | null => {
        const { status, headComplete } = answer;
        if (status === null) return null;
        const { from, to } = check.status;
        if (status < from || status > to) return failed(`HTTP ${status}, expected ${from}-${to}`);
        if (headComplete && search.find(text)) {
          const tookMs = Math.round(performance.now() - startedMs);
          return { ok: true, detail: `HTTP ${status} in ${tookMs} ms` };
        }
        return answer.contentOctets > BODY_OCTETS ? missing(check) : null;
      }, { signal, shutDown });
      if (finding?.ok) certificate?.refresh();
      const certificateEndsMs = certificate?.endsMs;
      return {
        ...(finding ?? missing(check)),
        ...(certificateEndsMs !== undefined && { certificateEndsMs }),
      };
    },
  };
}

function missing({ bodyContains }: HttpCheckConfig): Finding {
  return failed(`body does not contain ${JSON.stringify(bodyContains)}`);
}

/** Searches for a text in pieces of another; it searches again only in what the border between pieces may have cut. */
class TextSearch {
  readonly #sought: string;
  /** The end of the last piece, which may be the beginning of the sought text. */
  #tail = "";

  constructor(sought: string) {
    this.#sought = sought;
  }

  /** Takes the next piece; true if it contains the sought text, or completes it. */
  find(piece: string): boolean {
    const text = this.#tail + piece;
    if (text.includes(this.#sought)) return true;
    this.#tail = text.slice(Math.max(0, text.length - this.#sought.length + 1));
    return false;
  }
}
