/** Helpers of the probe tests: one result, a check's common part, servers on loopback. */

import assert from "node:assert/strict";
import type { Prober, ProbeResult } from "../../src/health/check.ts";
import type { CheckConfig } from "../../src/health/check_config.ts";
import { openProber, type ProbePorts } from "../../src/health/probers.ts";

/** What every check has, with values that suit a test. */
export const COMMON = {
  name: "test",
  intervalMs: 1000,
  timeoutMs: 2000,
  rise: 2,
  fall: 2,
} as const;

/** A machine without processes, without files that can be read, on which nobody answers. */
export const NOTHING_THERE: ProbePorts = {
  processes: { find: () => [], owner: () => null, executable: () => null, watchExit: () => null },
  pinger: { open: () => ({ ask: () => "nobody answers", close: () => {} }) },
  files: { read: () => Promise.resolve(null) },
};

/** Opens a prober whose results are queued. */
export function openQueued(check: CheckConfig, ports = NOTHING_THERE): {
  readonly prober: Prober;
  readonly results: ProbeResult[];
  /** The next result that was not yet taken. */
  readonly next: () => Promise<ProbeResult>;
} {
  const results: ProbeResult[] = [];
  let taken = 0;
  let wake = () => {};
  const prober = openProber(check, ports, (result) => {
    results.push(result);
    wake();
  });
  const next = async () => {
    while (results.length === taken) await new Promise<void>((resolve) => wake = resolve);
    return results[taken++]!;
  };
  return { prober, results, next };
}

/** Probes once. */
export async function probeOnce(
  check: CheckConfig,
  ports = NOTHING_THERE,
): Promise<ProbeResult> {
  const { prober, results, next } = openQueued(check, ports);
  prober.probe();
  const result = await next();
  prober.close();
  assert.equal(results.length, 1);
  return result;
}

/** A server on 127.0.0.1 that hands every connection to `serve` and closes it afterwards. */
export function listen(
  serve: (connection: Deno.TcpConn) => Promise<void>,
  hostname = "127.0.0.1",
): AsyncDisposable & {
  readonly port: number;
  /** How many there were. */
  readonly connections: number;
  /** How many are being served. */
  readonly open: number;
} {
  const listener = Deno.listen({ hostname, port: 0 });
  const served: Promise<void>[] = [];
  const open = new Set<Deno.TcpConn>();
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      served.push(serve(connection).catch(() => {}).then(() => close(connection)));
    }
  })();
  const close = (connection: Deno.TcpConn) => {
    if (open.delete(connection)) connection.close();
  };
  return {
    port: listener.addr.port,
    get connections() {
      return served.length;
    },
    get open() {
      return open.size;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const connection of open) close(connection);
      await Promise.all(served);
    },
  };
}

/** Resolves after `ms` milliseconds. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
