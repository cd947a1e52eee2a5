/**
 * Planned work on a pair, on one node after the other, for as long as one likes: none of it may raise an alarm or a
 * verdict that the service is in danger.
 *
 * @module
 */

import { INSTANCE } from "../../lab/cluster.ts";
import { LabError } from "../../lab/error.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import type { LabHost } from "../../lab/host.ts";
import { ONE_SECOND } from "../../lab/pair_config.ts";
import { type PairName, PEERS_PLAN, peersConfig, TOKEN, TOKEN_FILE } from "../../lab/peers_pair.ts";
import { type Order, Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { PAIR_REASONS } from "../../src/status/verdicts.ts";
import { pick } from "../fuzz/target.ts";
import type { SoakResult } from "./soak.ts";

export interface PlannedOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly binary: string | undefined;
  /** An executable of the version before this one: a node runs it for a while, and is upgraded then. */
  readonly previous: string | undefined;
  readonly tell: (line: string) => void;
}

interface PlannedNode {
  readonly name: PairName;
  readonly vipd: Vipd;
  /** The version before this one, with the same configuration without what it does not know. */
  readonly previous: Vipd;
  readonly nginx: Nginx;
  /** When its journal was last looked at, by its clock, in RFC 3339. */
  seen: string;
}

/** Some work from its begin to its end; resolves with how long no vipd ran, in milliseconds. */
type Work = (node: PlannedNode) => Promise<number>;

/** So much time lies between two works, and between a command and its release, in milliseconds. */
const REST_MS = [4000, 9000] as const;
const START_MS = 20_000;
const DANGEROUS: readonly unknown[] = ["unserved", "contested"];
/** A machine without time for vipd starts it so late that it is no restart any more: then an alarm is true. */
const RESTART_MS = PAIR_REASONS.standby_stopped.holdMs;

export async function plannedWork(options: PlannedOptions): Promise<SoakResult> {
  const { minutes, seed, previous, tell } = options;
  await using lab = await Lab.open(`planned-${Deno.pid}`, PEERS_PLAN);
  const nodes = await Promise.all(
    (["lb01", "lb02"] as const).map((name) => openNode(name, lab.host(name), options)),
  );
  await isProtected(nodes);
  for (const node of nodes) node.seen = new Date().toISOString();

  const random = seededRandom(seed);
  const restMs = () => REST_MS[0] + random() * (REST_MS[1] - REST_MS[0]);
  const works = worksOf(restMs, previous !== undefined);
  const counts = new Map<string, number>();
  const untilMs = performance.now() + minutes * 60_000;
  const problems: string[] = [];
  const trueAlarms: string[] = [];
  let longestMs = 0;
  while (performance.now() < untilMs && problems.length === 0) {
    const node = pick(random, nodes);
    const what = pick(random, Object.keys(works));
    tell(`${node.name}  ${what}`);
    const awayMs = await works[what]!(node);
    await sleep(restMs());
    counts.set(what, (counts.get(what) ?? 0) + 1);
    longestMs = Math.max(longestMs, awayMs);
    const said = (await Promise.all(nodes.map(complaints))).flat();
    if (awayMs <= RESTART_MS) problems.push(...said);
    else trueAlarms.push(...said.map((it) => `no vipd for ${seconds(awayMs)}: ${it}`));
  }
  if (problems.length === 0) await isProtected(nodes);
  return {
    report: [
      `Works: ${counts.values().reduce((sum, count) => sum + count, 0)}`,
      ...counts.entries().map(([what, count]) => `  ${what}: ${count}`),
      `Longest time without vipd on a node: ${seconds(longestMs)}`,
      `Alarms because a start took longer than ${seconds(RESTART_MS)}: ${trueAlarms.length}`,
      ...trueAlarms,
    ],
    problems,
    lastWords: problems.length === 0 ? [] : nodes.flatMap(({ name, vipd }) => [
      `--- vipd on ${name}`,
      ...vipd.lastLines.slice(-30),
    ]),
  };
}

async function openNode(
  name: PairName,
  host: LabHost,
  { binary, previous }: PlannedOptions,
): Promise<PlannedNode> {
  await host.write(TOKEN_FILE, `${TOKEN}\n`);
  const nginx = await Nginx.serve(host);
  const before = peersConfig(name, ONE_SECOND).replace(/ *client_check: .*\n/, "");
  // So many moves in so short a time are no flapping here.
  const config = `${peersConfig(name, ONE_SECOND)}    damping: { moves: 0 }\n`;
  const vipd = new Vipd(host, { config, binary, tokenFile: TOKEN_FILE });
  await vipd.start();
  return {
    ...{ name, vipd, nginx, seen: "" },
    previous: new Vipd(host, { config: before, binary: previous, tokenFile: TOKEN_FILE }),
  };
}

function worksOf(restMs: () => number, upgrades: boolean): Readonly<Record<string, Work>> {
  return {
    "demote and release": ({ vipd }) => ordered(vipd, "demote", restMs()),
    "promote and release": ({ vipd }) => ordered(vipd, "promote", restMs()),
    "reload of nginx": async ({ nginx }) => {
      await nginx.reload();
      return 0;
    },
    "reload of vipd": async ({ vipd }) => {
      await vipd.signal("SIGHUP");
      return 0;
    },
    "restart of vipd": ({ vipd }) => replaced(vipd, vipd),
    ...(upgrades && {
      "return to the version before and upgrade": async (node: PlannedNode) => {
        const downMs = await replaced(node.vipd, node.previous);
        await sleep(restMs());
        // What that version says of itself is not looked at.
        node.seen = new Date().toISOString();
        return Math.max(downMs, await replaced(node.previous, node.vipd));
      },
    }),
  };
}

/** Stops one and starts the other; resolves with how long no API answered, in milliseconds. */
async function replaced(one: Vipd, other: Vipd): Promise<number> {
  const fromMs = performance.now();
  await one.stop();
  await other.start();
  return performance.now() - fromMs;
}

async function ordered(vipd: Vipd, order: "demote" | "promote", lastsMs: number): Promise<number> {
  await accepted(vipd, order);
  await sleep(lastsMs);
  await accepted(vipd, "release");
  return 0;
}

/** @throws {LabError} If vipd refuses. */
async function accepted(vipd: Vipd, order: Order): Promise<void> {
  const { status, body } = await vipd.order(INSTANCE, order);
  if (status !== 200) throw new LabError(`${order}: ${status} ${JSON.stringify(body)}`);
}

/** What the journal says since it was looked at that nothing planned may bring. */
async function complaints(node: PlannedNode): Promise<string[]> {
  // Not by number: without a state directory a journal begins again with its vipd.
  const entries = (await node.vipd.events()).filter(({ time }) => time > node.seen);
  node.seen = entries.at(-1)?.time ?? node.seen;
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

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
