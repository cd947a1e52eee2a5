/**
 * Floods of HTTP/2 frames that cost the server more than the client.
 *
 * @module
 */

import { Attack } from "../../../../lab/hostile/attack.ts";
import type { Http2Flood } from "../../../../lab/hostile/http2_frames.ts";
import { anonymousOctets } from "../../../../lab/usage.ts";
import { clockMs, sleep } from "../../../../lab/wait.ts";
import { LOCAL_API, makeCertificate, REMOTE_API, TLS_CONFIG } from "../../hostile/nodes.ts";
import { type Field, type FieldAfter, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { atMost, never } from "../../scenario.ts";

const FLOODS: Readonly<Record<Http2Flood, string>> = {
  ping: "PING",
  settings: "SETTINGS",
  empty_data: "empty DATA",
  rapid_reset: "rapid reset",
};
const CONNECTIONS = [4, 20, 100] as const;
/** One for each processor of the machine that the figures are of. */
const PROCESSES = 2;
const MEBIBYTE = 1024 * 1024;
/** What the front may have; the engine ends it beyond. */
const FRONT_LIMIT_MEBIBYTES = 256;
/** So much more than before counts as given back: the young generation of an idle V8 keeps as much. */
const BACK_MEBIBYTES = 32;
const BACK_LIMIT_MS = 60_000;

export const HTTP2: readonly HostileRow[] = ["http", "https"].flatMap((scheme) =>
  Object.entries(FLOODS).flatMap(([flood, title]) =>
    CONNECTIONS.map((count) => http2(scheme, flood, title, count))
  )
);

function http2(scheme: string, flood: string, title: string, connections: number): HostileRow {
  const overTls = scheme === "https";
  const { host, port } = overTls ? REMOTE_API : LOCAL_API;
  const each = connections / PROCESSES;
  const place = overTls ? "TLS" : "clear text";
  return pairRow({
    name: `http2-${flood.replace("_", "-")}-${connections}-${overTls ? "tls" : "clear"}`,
    title: `HTTP/2 ${title}, ${connections} connections, ${place}`,
    processes: PROCESSES,
    control: "HTTP/2",
    config: TLS_CONFIG,
    prepare: makeCertificate,
    besides: [
      {
        id: "front_peak",
        title: "front's own memory at most",
        unit: "MB",
        target: atMost(FRONT_LIMIT_MEBIBYTES, `${FRONT_LIMIT_MEBIBYTES} MB`),
      },
      { id: "front_ended", title: "front ended", unit: "count", target: never() },
      {
        id: "front_back",
        title: "given back after",
        unit: "ms",
        watched: BACK_LIMIT_MS,
        target: atMost(BACK_LIMIT_MS, "60 s"),
      },
    ],
    async attack({ master, stranger, durationMs, note }: Field) {
      const from = overTls ? stranger : master;
      const args = [flood, scheme, host, port, each] as const;
      const attacks = Array.from(
        { length: PROCESSES },
        () => Attack.start(from, "http2", durationMs, ...args),
      );
      // It has no HTTP/2: what it does with each connection is to end it, at times before its answer is read.
      const least = { connected: each, ended: each / 2, kibibytes: 1 };
      const counts = await Promise.all(attacks.map((it) => it.ended(least)));
      note(`the first of ${PROCESSES} floods: ${JSON.stringify(counts[0])}`);
      return {};
    },
    async afterwards(field) {
      return {
        front_ended: field.frontsSeen - 1,
        front_peak: field.frontPeakOctets / MEBIBYTE,
        front_back: await givenBackMs(field),
      };
    },
  });
}

/** Until the front has about as much memory as before; `Infinity` when that takes too long or it does not run. */
async function givenBackMs(
  { vipd, apiPid, attackEndedAtMs, frontBeforeOctets }: FieldAfter,
): Promise<number> {
  while (true) {
    const passedMs = clockMs() - attackEndedAtMs;
    if (passedMs > BACK_LIMIT_MS || !vipd.running) return Infinity;
    const pid = await apiPid();
    const octets = pid === null ? NaN : await anonymousOctets(pid);
    if (octets - frontBeforeOctets <= BACK_MEBIBYTES * MEBIBYTE) return passedMs;
    await sleep(250);
  }
}
