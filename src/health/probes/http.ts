/**
 * The `http` check: one request on a new connection, judged by status and, where asked for, by body.
 *
 * HTTP is spoken here directly, because `fetch` obeys the environment's proxies, keeps connections and guards the
 * Host header: a check must see what a new client of this server sees, under the name that was configured.
 *
 * @module
 */

import type { HttpCheckConfig } from "../check_config.ts";
import { connectTo } from "./connect.ts";
import { HttpResponseReader } from "./http_response.ts";
import { failed, type Finding, type Probe } from "./probe.ts";

/** How far into a body its text is looked for, in characters. */
const BODY_LIMIT = 64 * 1024;
const READ_OCTETS = 16 * 1024;

/**
 * A GET request; redirects are not followed, a 3xx status is judged like any other.
 *
 * With https the certificate must be valid for the name in the Host header.
 */
export function httpProbe(check: HttpCheckConfig): Probe {
  const url = new URL(check.url);
  const secure = url.protocol === "https:";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const host = withoutBrackets(url.hostname);
  const hostHeader = check.hostHeader ?? url.host;
  const request = new TextEncoder().encode(
    [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${hostHeader}`,
      "User-Agent: vipd",
      "Accept: */*",
      "Accept-Encoding: identity",
      "Connection: close",
      "\r\n",
    ].join("\r\n"),
  );
  return {
    late: `no answer within ${check.timeoutMs} ms`,
    async run(signal) {
      const startedMs = performance.now();
      let connection: Deno.Conn = await connectTo(host, port, signal);
      const close = () => closeQuietly(connection);
      signal.addEventListener("abort", close, { once: true });
      try {
        if (secure) {
          const name = withoutBrackets(hostHeader.replace(/:\d+$/, ""));
          connection = await Deno.startTls(connection as Deno.TcpConn, { hostname: name });
          // An abort meanwhile closed a connection that was TLS's already.
          signal.throwIfAborted();
        }
        await writeAll(connection, request);
        return await judge(connection, check, startedMs);
      } finally {
        signal.removeEventListener("abort", close);
        close();
      }
    },
  };
}

async function judge(
  connection: Deno.Conn,
  check: HttpCheckConfig,
  startedMs: number,
): Promise<Finding> {
  const response = new HttpResponseReader();
  const wanted = check.bodyContains ?? "";
  const buffer = new Uint8Array(READ_OCTETS);
  let body = "";
  for (;;) {
    const count = await connection.read(buffer);
    if (count !== null) body += response.push(buffer.subarray(0, count));
    if (response.status === null) {
      if (count === null) return failed("connection closed without an answer");
      continue;
    }
    if (response.status < check.status.from || response.status > check.status.to) {
      return failed(`HTTP ${response.status}, expected ${check.status.from}-${check.status.to}`);
    }
    if (body.includes(wanted)) {
      const tookMs = Math.round(performance.now() - startedMs);
      return { ok: true, detail: `HTTP ${response.status} in ${tookMs} ms` };
    }
    if (count === null || response.complete || body.length > BODY_LIMIT) {
      return failed(`body does not contain ${JSON.stringify(wanted)}`);
    }
  }
}

async function writeAll(connection: Deno.Conn, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) at += await connection.write(octets.subarray(at));
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}

/** `[::1]` as the address that it is. */
function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
