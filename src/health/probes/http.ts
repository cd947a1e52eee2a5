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
const HANDSHAKE_LIMIT_MS = 60_000;

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
  const tlsName = withoutBrackets(hostHeader.replace(/:\d+$/, ""));
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
      const tcp = await connectTo(host, port, signal);
      const connection = secure ? await startTls(tcp, tlsName) : tcp;
      const close = () => closeQuietly(connection);
      signal.addEventListener("abort", close, { once: true });
      try {
        signal.throwIfAborted();
        await writeAll(connection, request);
        return await judge(connection, check, startedMs);
      } finally {
        signal.removeEventListener("abort", close);
        close();
      }
    },
  };
}

/**
 * TLS on a connection, once the handshake is done.
 *
 * The runtime does not let go of a socket that is closed during its handshake, so that a server which hangs there
 * would cost one descriptor a probe. The handshake is therefore never cut short, only given up after a while:
 * until then no other probe of this check runs.
 */
async function startTls(tcp: Deno.TcpConn, hostname: string): Promise<Deno.TlsConn> {
  const connection = await Deno.startTls(tcp, { hostname });
  const limit = setTimeout(() => closeQuietly(connection), HANDSHAKE_LIMIT_MS);
  try {
    await connection.handshake();
    return connection;
  } catch (error) {
    closeQuietly(connection);
    throw error;
  } finally {
    clearTimeout(limit);
  }
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
