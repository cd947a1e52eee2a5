/**
 * Clients that take the API's connections and do nothing with them.
 *
 * @module
 */

import { ApiWatch } from "../../../../lab/api_watch.ts";
import { type Achieved, Attack } from "../../../../lab/hostile/attack.ts";
import type { Lab } from "../../../../lab/network.ts";
import { httpLimits } from "../../../../src/front/server/limits.ts";
import { LOCAL_API, makeCertificate, REMOTE_API, TLS_CONFIG } from "../../hostile/nodes.ts";
import { every2s, slowestMs } from "../../hostile/operator.ts";
import { DESCRIPTOR_LIMIT, pairRow } from "../../hostile/pair_row.ts";
import type { HostileRow } from "../../hostile/row.ts";
import { atMost, type Figure } from "../../scenario.ts";

const BACK_LIMIT_MS = 15_000;
/** The node has places for fewer clients: it has to end the others. */
const PLACES = httpLimits(DESCRIPTOR_LIMIT).connections;

/** The token holder is served meanwhile, and everybody soon after. */
const BESIDES: readonly Figure[] = [
  {
    id: "status",
    title: "slowest `vipd status` and `vipd release` meanwhile",
    unit: "ms",
    watched: 15_000,
    target: atMost(1000, "1 s"),
  },
  {
    id: "back",
    title: "anybody is answered after",
    unit: "ms",
    watched: BACK_LIMIT_MS,
    target: atMost(5000, "5 s"),
  },
];

export const CONNECTIONS: readonly HostileRow[] = [
  connections("idle", "1,300 idle connections", "idle", 1300),
  connections("handshakes", "1,300 half TLS handshakes", "half_handshake", 1300),
  connections("half-heads", "900 half request heads", "half_head", 900),
  connections("unread", "4,000 clients that do not read", "unread", 4000, { answered: 1 }),
];

/** `more`: what the clients must have achieved besides being connected, each of them, and ended as too many. */
function connections(
  name: string,
  title: string,
  kind: string,
  count: number,
  more: Achieved<"connections"> = {},
): HostileRow {
  const overTls = kind === "half_handshake";
  const api = overTls ? REMOTE_API : LOCAL_API;
  const from = (lab: Lab) => lab.host(overTls ? "client" : "lb01");
  return pairRow({
    name,
    title,
    processes: 1,
    control: "connections",
    besides: BESIDES,
    config: TLS_CONFIG,
    async prepare(lab: Lab) {
      await makeCertificate(lab);
      return ApiWatch.start(from(lab), api);
    },
    async attack({ pair: { lab }, durationMs, note }) {
      const args = [kind, api.host, api.port, count] as const;
      const running = Attack.start(from(lab), "connections", durationMs, ...args);
      const least = { connected: count, ended: count - PLACES, ...more };
      note(`the connections: ${JSON.stringify(await running.ended(least))}`);
      return {};
    },
    async meanwhile({ vipd }, untilMs) {
      const asked = await Promise.all([
        every2s(vipd, untilMs, "status"),
        every2s(vipd, untilMs, "release"),
      ]);
      return { status: slowestMs(asked.flat()) };
    },
    async afterwards({ attackEndedAtMs }, watch) {
      return { back: await watch.backAfterMs(attackEndedAtMs, BACK_LIMIT_MS) };
    },
  });
}
