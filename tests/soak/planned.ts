/**
 * Planned work on a pair, on one node after the other, for as long as one likes: none of it may raise an alarm or a
 * verdict that the service is in danger.
 *
 * @module
 */

import { INSTANCE } from "../../lab/cluster.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { ONE_SECOND } from "../../lab/pair_config.ts";
import { type PairName, PEERS_PLAN, peersConfig, TOKEN, TOKEN_FILE } from "../../lab/peers_pair.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { pick } from "../fuzz/target.ts";
import type { SoakResult } from "./soak.ts";

export interface PlannedOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly binary: string | undefined;
  readonly tell: (line: string) => void;
}

interface PlannedNode {
  readonly name: PairName;
  readonly vipd: Vipd;
  readonly nginx: Nginx;
  /** The journal's last entry that was looked at. */
  seen: number;
}

/** Some work from its begin to its end. */
type Work = (node: PlannedNode) => Promise<void>;

/** So much time lies between two works, and between a command and its release, in milliseconds. */
const REST_MS = [4000, 9000] as const;
const START_MS = 20_000;
const DANGEROUS: readonly unknown[] = ["unserved", "contested"];

export async function plannedWork(options: PlannedOptions): Promise<SoakResult> {
  const { minutes, seed, binary, tell } = options;
  await using lab = await Lab.open(`planned-${Deno.pid}`, PEERS_PLAN);
  const nodes = await Promise.all((["lb01", "lb02"] as const).map(async (name) => {
    const host = lab.host(name);
    await host.write(TOKEN_FILE, `${TOKEN}\n`);
    const nginx = await Nginx.serve(host);
    // So many moves in so short a time are no flapping here.
    const config = `${peersConfig(name, ONE_SECOND)}    damping: { moves: 0 }\n`;
    const vipd = new Vipd(host, { config, binary, tokenFile: TOKEN_FILE });
    await vipd.start();
    return { name, vipd, nginx, seen: 0 };
  }));
  await isProtected(nodes);
  for (const node of nodes) node.seen = (await node.vipd.events()).at(-1)?.id ?? 0;

  const random = seededRandom(seed);
  const restMs = () => REST_MS[0] + random() * (REST_MS[1] - REST_MS[0]);
  const works: Readonly<Record<string, Work>> = {
    "demote and release": ({ vipd }) => ordered(vipd, "demote", restMs()),
    "promote and release": ({ vipd }) => ordered(vipd, "promote", restMs()),
    "reload of nginx": ({ nginx }) => nginx.reload(),
    "reload of vipd": ({ vipd }) => vipd.signal("SIGHUP"),
    "restart of vipd": async ({ vipd }) => {
      await vipd.stop();
      await vipd.start();
    },
  };
  const untilMs = performance.now() + minutes * 60_000;
  const problems: string[] = [];
  let done = 0;
  while (performance.now() < untilMs && problems.length === 0) {
    const node = pick(random, nodes);
    const what = pick(random, Object.keys(works));
    tell(`${node.name}  ${what}`);
    await works[what]!(node);
    await sleep(restMs());
    done++;
    for (const each of nodes) problems.push(...(await complaints(each)));
  }
  if (problems.length === 0) await isProtected(nodes);
  return {
    report: [`Works: ${done}`],
    problems,
    lastWords: problems.length === 0 ? [] : nodes.flatMap(({ name, vipd }) => [
      `--- vipd on ${name}`,
      ...vipd.lastLines.slice(-30),
    ]),
  };
}

async function ordered(vipd: Vipd, order: "demote" | "promote", lastsMs: number): Promise<void> {
  await vipd.order(INSTANCE, order);
  await sleep(lastsMs);
  await vipd.order(INSTANCE, "release");
}

/** What the journal says since it was looked at that nothing planned may bring. */
async function complaints(node: PlannedNode): Promise<string[]> {
  const entries = (await node.vipd.events()).filter(({ id }) => id > node.seen);
  node.seen = entries.at(-1)?.id ?? node.seen;
  return entries.filter(({ code, verdict }) =>
    code === "alarm_raised" || code === "verdict_changed" && DANGEROUS.includes(verdict?.to)
  ).map(({ time, message }) => `${node.name} said at ${time}: ${message}`);
}

async function isProtected(nodes: readonly PlannedNode[]): Promise<void> {
  for (const { name, vipd } of nodes) {
    const verdict = async () => (await vipd.status())?.instances[0]?.pair?.verdict;
    await waitFor(`protection, as ${name} says`, async () => await verdict() === "protected", {
      timeoutMs: START_MS,
      everyMs: 200,
    });
  }
}
