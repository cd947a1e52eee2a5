/**
 * A rehearsal of as many names as a busy load balancer has: how long does it take, and how hard is nginx asked meanwhile?
 *
 * @module
 */

import { LabError } from "../../../lab/error.ts";
import { Lab } from "../../../lab/network.ts";
import { Nginx } from "../../../lab/nginx.ts";
import { ONE_SECOND, PAIR_PLAN, PRIORITIES, vipdConfig } from "../../../lab/pair_config.ts";
import { Vipd } from "../../../lab/vipd.ts";
import type { Rehearsal } from "../../../src/status/rehearsal.ts";
import { atMost, type Scenario } from "../scenario.ts";

const NAMES = 500;
const A_SECOND = 50;
const CERTIFICATE = "/run/lab/names.pem";
const KEY = "/run/lab/names.key";
const REQUESTS = "/run/nginx/requests.log";

export const REHEARSAL: Scenario = {
  name: "rehearsal",
  title: `\`vipd rehearse\`, ${NAMES} names with TLS`,
  brands: ["vipd"],
  figures: [{
    id: "rehearsal_took",
    title: `a rehearsal of ${NAMES} names with TLS`,
    unit: "ms",
    target: atMost(12_000, "12 s"),
  }, {
    id: "rehearsal_pace",
    title: "its requests in the busiest second, as nginx counts them",
    unit: "count",
    target: { ...atMost(A_SECOND, String(A_SECOND)), judged: "max" },
  }],
  async measure(_, { binary }) {
    await using lab = await Lab.open(`bench-${Deno.pid}`, PAIR_PLAN);
    const host = lab.host("lb01");
    await host.write(CERTIFICATE, "");
    await host.run([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-nodes", "-days", "90", "-subj", "/CN=*.example.com", "-keyout", KEY],
      ...["-addext", "subjectAltName=DNS:*.example.com", "-out", CERTIFICATE],
    ]);
    await Nginx.configured(host, servers());
    const vipd = new Vipd(host, { config: vipdConfig(ONE_SECOND, PRIORITIES.lb01), binary });
    await vipd.start();
    // Each start makes one, which is abandoned for one that somebody wants.
    const { results, took_ms } = await rehearsed(vipd);
    const failed = results.find(({ status }) => status !== 200 && status !== 404);
    if (failed) throw new LabError(`${failed.name} was not answered: ${failed.error}`);
    const { stdout } = await host.run(["cat", REQUESTS]);
    const atMs = stdout.trim().split("\n").map((second) => 1000 * Number(second));
    if (atMs.length < NAMES) throw new LabError(`nginx was asked ${atMs.length} times only`);
    return { rehearsal_took: took_ms, rehearsal_pace: busiestSecond(atMs) };
  },
};

async function rehearsed(vipd: Vipd): Promise<Rehearsal> {
  const { code, stdout, stderr } = await vipd.command("rehearse", "--json");
  if (code !== 0) throw new LabError(`vipd rehearse ends with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

function servers(): string {
  const named = Array.from({ length: NAMES }, (_, number) =>
    `server {
        listen 443 ssl;
        server_name n${number}.example.com;
        access_log ${REQUESTS} moment;
        return 200 "${number}\\n";
    }`);
  return `    log_format moment $msec;
    server_names_hash_max_size 4096;
    ssl_certificate ${CERTIFICATE};
    ssl_certificate_key ${KEY};
    server { listen 80; return 404; }
${named.join("\n")}`;
}

/** The most requests within any second. */
function busiestSecond(atMs: readonly number[]): number {
  const sorted = atMs.toSorted((a, b) => a - b);
  return Math.max(
    ...sorted.map((from, first) => sorted.findLastIndex((at) => at < from + 1000) - first + 1),
  );
}
