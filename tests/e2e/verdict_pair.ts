/**
 * A pair in namespaces whose nodes know each other's word, and what lb01 says of it.
 *
 * @module
 */

import type { LabHost } from "../../lab/host.ts";
import { Lab, type LabPlan } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { ONE_SECOND } from "../../lab/pair_config.ts";
import { type PairName, PEERS_PLAN, peersConfig, TOKEN, TOKEN_FILE } from "../../lab/peers_pair.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { WallClock } from "../../lab/wall_clock.ts";
import type { InstancePair } from "../../src/status/status.ts";

/** So soon a verdict turns. */
export const LIMIT_MS = 5000;
/** What a look at the status takes at most. */
const LOOK_MS = 500;

const PLAN = {
  ...PEERS_PLAN,
  stranger: { eth1: { network: "front", addresses: ["192.168.31.66/24"] } },
} as const satisfies LabPlan;

export const configOf = (name: PairName, weight?: number) => peersConfig(name, ONE_SECOND, weight);

export interface VerdictPair extends AsyncDisposable {
  readonly lb01: Vipd;
  readonly lb02: Vipd;
  readonly nginx01: Nginx;
  readonly nginx02: Nginx;
  readonly clock02: WallClock;
  /** A machine on the network of the address that is none of the pair. */
  readonly stranger: LabHost;
  /** Waits until `on`, usually lb01, says what `is` accepts; its words then. */
  says(
    what: string,
    is: (pair: InstancePair) => boolean,
    withinMs?: number,
    on?: Vipd,
  ): Promise<InstancePair>;
}

/** `more`: lines for the instance of both. */
export async function openVerdictPair(more = ""): Promise<VerdictPair> {
  const lab = await Lab.open(`verdict-${crypto.randomUUID()}`, PLAN);
  try {
    const binary = Deno.env.get("VIPD_BINARY");
    const serve = (name: PairName) => Nginx.serve(lab.host(name));
    const [nginx01, nginx02] = await Promise.all([serve("lb01"), serve("lb02")]);
    const clock02 = await WallClock.on(lab.host("lb02"));
    const vipdOf = async (name: PairName) => {
      const host = lab.host(name);
      await host.write(TOKEN_FILE, `${TOKEN}\n`);
      const clock = name === "lb02" ? clock02 : null;
      const config = `${configOf(name)}${more}`;
      const vipd = new Vipd(host, { config, binary, clock, tokenFile: TOKEN_FILE });
      await vipd.start();
      return vipd;
    };
    const lb01 = await vipdOf("lb01");
    await sleep(4000);
    const lb02 = await vipdOf("lb02");
    const pairOf = async (vipd: Vipd) => (await vipd.status())?.instances[0]?.pair;
    return {
      ...{ lb01, lb02, clock02, nginx01, nginx02 },
      stranger: lab.host("stranger"),
      says: (what, is, withinMs = LIMIT_MS, on = lb01) => {
        const look = async () => {
          const pair = await pairOf(on);
          return pair !== undefined && is(pair) ? pair : null;
        };
        const explain = async () =>
          [JSON.stringify(await pairOf(on)), ...on.lastLines.slice(-10)].join("\n");
        return waitFor(what, look, { timeoutMs: withinMs + LOOK_MS, everyMs: 100, explain });
      },
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** Compares what was said with a file in golden/, or writes it there if `UPDATE_GOLDEN=1`; the file's text. */
export async function goldenText(name: string, said: readonly string[]): Promise<[string, string]> {
  const file = new URL(`./golden/${name}`, import.meta.url);
  // A handle is the next number of its table.
  const text = `${said.join("\n")}\n`.replaceAll(/handle \d+/g, "handle N");
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(file, text);
  return [text, await Deno.readTextFile(file)];
}
