/**
 * Planned work on a pair, on one node after the other, for as long as one likes: none of it may raise an alarm or turn the
 * verdict, except that a demoted standby is not ready.
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
import { type CommandName, Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { pick } from "../fuzz/target.ts";
import { Pauses } from "./pauses.ts";
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
/** A busy machine is waited for: how long a start takes is not what this looks at. */
const PATIENCE_MS = 120_000;
const DEMOTE = "demote and release";
const RETURN = "return to the version before and upgrade";
/** What the verdict has to say: a standby that a person has demoted is not ready, one of 0.1.0 says too little. */
const TRUE_OF: Readonly<Record<string, RegExp>> = {
  [DEMOTE]: /-> unprotected: .* is demoted$/,
  [RETURN]: /-> unverified: .* with vipd 0\.1\.0, which does not say /,
};
/** A machine without time for vipd starts it so late that it is no restart any more: then an alarm is true. */
const RESTART_MS = 3000;
/** One on which a program waits so long for a processor has daemons that are late for each other. */
const PAUSE_MS = 500;

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
  const starved: string[] = [];
  let longestMs = 0;
  let longestPauseMs = 0;
  using pauses = new Pauses();
  while (performance.now() < untilMs && problems.length === 0) {
    const node = pick(random, nodes);
    const what = pick(random, Object.keys(works));
    tell(`${node.name}  ${what}`);
    const awayMs = await works[what]!(node);
    await sleep(restMs());
    counts.set(what, (counts.get(what) ?? 0) + 1);
    longestMs = Math.max(longestMs, awayMs);
    const said = (await Promise.all(nodes.map((it) => complaints(it, what)))).flat();
    const pauseMs = pauses.take();
    longestPauseMs = Math.max(longestPauseMs, pauseMs);
    if (awayMs <= RESTART_MS && pauseMs <= PAUSE_MS) problems.push(...said);
    const why = `no vipd for ${seconds(awayMs)}, no processor for ${seconds(pauseMs)}`;
    for (const it of said) tell(`${why}: ${it}`);
    if (problems.length === 0) starved.push(...said.map((it) => `  ${why}: ${it}`));
  }
  if (problems.length === 0) await isProtected(nodes);
  return {
    report: [
      `Works: ${counts.values().reduce((sum, count) => sum + count, 0)}`,
      ...counts.entries().map(([what, count]) => `  ${what}: ${count}`),
      `Longest time without vipd on a node: ${seconds(longestMs)}`,
      `Longest wait for a processor: ${seconds(longestPauseMs)}`,
      `Alarms on a machine without time: ${starved.length}`,
      ...starved,
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
    [DEMOTE]: ({ vipd }) => sent(vipd, "demote", restMs()),
    "promote and release": ({ vipd }) => sent(vipd, "promote", restMs()),
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
      [RETURN]: async (node: PlannedNode) => {
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
  await other.launch();
  await waitFor("the API of vipd", () => other.status(), { timeoutMs: PATIENCE_MS, everyMs: 100 });
  return performance.now() - fromMs;
}

async function sent(vipd: Vipd, command: "demote" | "promote", lastsMs: number): Promise<number> {
  await accepted(vipd, command);
  await sleep(lastsMs);
  await accepted(vipd, "release");
  return 0;
}

/** @throws {LabError} If vipd refuses. */
async function accepted(vipd: Vipd, command: CommandName): Promise<void> {
  const { status, body } = await vipd.send(INSTANCE, command);
  if (status !== 200) throw new LabError(`${command}: ${status} ${JSON.stringify(body)}`);
}

/** What the journal says since it was looked at that this work may not bring: an alarm, or another verdict. */
async function complaints(node: PlannedNode, work: string): Promise<string[]> {
  // Not by number: without a state directory a journal begins again with its vipd.
  const journal = await waitFor("the journal", () => node.vipd.events().catch(() => null), {
    timeoutMs: PATIENCE_MS,
    everyMs: 500,
  });
  const entries = journal.filter(({ time }) => time > node.seen);
  node.seen = entries.at(-1)?.time ?? node.seen;
  const expected = (message: string) => TRUE_OF[work]?.test(message) ?? false;
  return entries.filter(({ code, verdict, message }) =>
    code === "alarm_raised" ||
    code === "verdict_changed" && verdict?.to !== "protected" && !expected(message)
  ).map(({ time, message }) => `${node.name} said at ${time}: ${message}`);
}

async function isProtected(nodes: readonly PlannedNode[]): Promise<void> {
  for (const { name, vipd } of nodes) {
    const verdict = async () => (await vipd.status())?.instances[0]?.pair?.verdict;
    await waitFor(`protection, as ${name} says`, async () => await verdict() === "protected", {
      timeoutMs: PATIENCE_MS,
      everyMs: 200,
    });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
