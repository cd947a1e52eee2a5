/**
 * The API's own HTTP server next to the runtime's, on the same machine, with the same answer to the same clients.
 *
 * @module
 */

import { ApiLoad } from "../../../lab/api_load.ts";
import { Lab } from "../../../lab/network.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import type { Scenario } from "../scenario.ts";
import type { ServerKind } from "../server_process.ts";

const CLIENTS = 64;
const WARM_UP_MS = 2000;
const LOAD_MS = 10_000;
const PLAN = { server: {} } as const;

const title = `a bare server and ${CLIENTS} clients of an answer of 2 KiB`;

export const HTTP_SERVER: Scenario = {
  name: "http-server",
  title,
  brands: ["vipd"],
  figures: [
    { id: "server_rate", title: `${title}: answers a second`, unit: "count" },
    { id: "server_rate_runtime", title: `${title}: answers a second by Deno.serve`, unit: "count" },
    {
      id: "server_rate_share",
      title: `${title}: answers, as a share of those by Deno.serve`,
      unit: "%",
    },
  ],
  async measure(_brand, { run }) {
    const kinds: readonly ServerKind[] = run % 2 === 0 ? ["vipd", "runtime"] : ["runtime", "vipd"];
    const rates: Partial<Record<ServerKind, number>> = {};
    for (const kind of kinds) rates[kind] = await answersASecond(kind);
    const { vipd, runtime } = rates as Record<ServerKind, number>;
    return {
      server_rate: vipd,
      server_rate_runtime: runtime,
      server_rate_share: 100 * vipd / runtime,
    };
  },
};

async function answersASecond(kind: ServerKind): Promise<number> {
  await using lab = await Lab.open(`bench-${Deno.pid}`, PLAN);
  const host = lab.host("server");
  const file = new URL("../server_process.ts", import.meta.url).pathname;
  const server = host.start("server", [Deno.execPath(), "run", "--quiet", "-A", file, kind]);
  const listens = Promise.withResolvers<void>();
  server.onLine(() => listens.resolve());
  await listens.promise;
  const load = await ApiLoad.start(host, CLIENTS, 0);
  await sleep(WARM_UP_MS);
  const [before, fromMs] = [load.counts.answered, clockMs()];
  await sleep(LOAD_MS);
  return (load.counts.answered - before) / (clockMs() - fromMs) * 1000;
}
