/**
 * The daemon on the master is killed or stopped while its machine lives: for how long do two nodes hold the address?
 *
 * @module
 */

import { VipdDaemon } from "../../../lab/daemon.ts";
import { type Held, type Holding, overlaps, seen } from "../../../lab/holders.ts";
import { masterDownMs, ONE_SECOND, PRIORITIES, vipdConfig } from "../../../lab/pair_config.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { type NodeName, Pair, SETTLE_MS } from "../pair.ts";
import { atMost, never, type Scenario } from "../scenario.ts";

/** How long is watched after the takeover. */
const WATCHED_MS = 15_000;

/** The death of the engine, as systemd ends it: `ExecStopPost=vipd goodbye`; keepalived has nothing of the kind. */
const GOODBYE: Scenario = {
  name: "goodbye",
  title: "daemon killed, and what systemd runs then, version 2, 1 s: until the other node serves",
  brands: ["vipd", "keepalived"],
  figures: [{
    id: "goodbye_served",
    title: "daemon killed, then vipd goodbye: until the other node holds the address",
    unit: "ms",
    target: atMost(300, "300 ms"),
  }, {
    id: "goodbye_two",
    title: "daemon killed, then vipd goodbye: two holders",
    unit: "ms",
    watched: WATCHED_MS,
    target: never("0 ms"),
  }],
  async measure(brand, { binary, run, runs }) {
    const config = (node: NodeName) =>
      `${vipdConfig(ONE_SECOND, PRIORITIES[node])}    sole_backup: true\n`;
    await using pair = await Pair.open(brand, ONE_SECOND, binary, { config });
    const daemon = pair.daemon("lb01");
    await sleep(1000 + ONE_SECOND.advertIntervalMs * run / runs);
    const fromMs = clockMs();
    await daemon.signal("SIGKILL");
    if (daemon instanceof VipdDaemon) await daemon.vipd.command("goodbye");
    const taken = await waitFor(
      "the other node to take over",
      () => pair.holders.holdings().find((it) => it.host === "lb02" && it.fromMs > fromMs),
      { timeoutMs: SETTLE_MS, everyMs: 10 },
    );
    await sleep(1000);
    return {
      goodbye_served: taken.fromMs - fromMs,
      goodbye_two: twoHoldersMs(seen(pair.holders.holdings())),
    };
  },
};

export const DAEMON_DIES: readonly Scenario[] = [
  scenario("killed", "SIGKILL", "daemon killed"),
  scenario("hung", "SIGSTOP", "daemon stopped (SIGSTOP)"),
  GOODBYE,
];

function scenario(name: string, signal: Deno.Signal, title: string): Scenario {
  return {
    name,
    title: `${title}, version 2, 1 s: how long two nodes hold the address`,
    brands: ["vipd", "keepalived"],
    figures: [{
      id: `${name}_two`,
      title: `${title}: two holders`,
      unit: "ms",
      watched: WATCHED_MS,
      target: atMost(500, "0.5 s"),
    }, {
      id: `${name}_none`,
      title: `${title}: no holder`,
      unit: "ms",
      watched: WATCHED_MS,
    }],
    async measure(brand, { binary, run, runs }) {
      await using pair = await Pair.open(brand, ONE_SECOND, binary);
      // Within one interval the last advert, and where vipd renews its lease the last renewal, is longer ago each run.
      await sleep(1000 + ONE_SECOND.advertIntervalMs * run / runs);
      const fromMs = clockMs();
      await pair.daemon("lb01").signal(signal);
      await sleep(masterDownMs(ONE_SECOND, PRIORITIES.lb02) + WATCHED_MS);
      const holdings = pair.holders.holdings();
      return {
        [`${name}_two`]: twoHoldersMs(holdings),
        [`${name}_none`]: noHolderMs(holdings, fromMs),
      };
    },
  };
}

/** Of the takeover at the start, when lb02 may have been first, nothing is counted. */
function twoHoldersMs(holdings: readonly Held[]): number {
  const last = holdings.findLast((it) => it.host === "lb02");
  const both = overlaps(holdings).filter((it) => last !== undefined && it.fromMs >= last.fromMs);
  return both.reduce((sum, it) => sum + it.untilMs - it.fromMs, 0);
}

/** From the master's loss of the address to the backup's takeover, 0 when the latter came first. */
function noHolderMs(holdings: readonly Holding[], fromMs: number): number {
  const lost = holdings.find((it) => it.host === "lb01" && it.untilMs > fromMs)?.untilMs;
  const taken = holdings.find((it) => it.host === "lb02" && it.fromMs > fromMs)?.fromMs;
  return Math.max(0, (taken ?? Infinity) - (lost ?? Infinity) || 0);
}
