/**
 * One pair in namespaces that goes through many causes, one after the other: each turns the verdict within five seconds,
 * and back. The sentences are in golden/verdicts.txt (`UPDATE_GOLDEN=1` writes it). Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { ONE_SECOND, PAIR_ADDRESS } from "../../lab/pair_config.ts";
import { type PairName, PEERS_PLAN, peersConfig, TOKEN, TOKEN_FILE } from "../../lab/peers_pair.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { WallClock } from "../../lab/wall_clock.ts";

const GOLDEN = new URL("./golden/verdicts.txt", import.meta.url);
const LIMIT_MS = 5000;
/** What a look at the status takes at most. */
const LOOK_MS = 500;
/** Until lb02, which hears nothing, is master. */
const MASTER_DOWN_MS = 3700;
/** Until a program notices that its clock was set. */
const CLOCK_MS = 1000;
const HOUR_S = 3600;

const configOf = (name: PairName, weight?: number) => peersConfig(name, ONE_SECOND, weight);

Deno.test("each cause turns the verdict within five seconds, and back", async () => {
  await using lab = await Lab.open(`verdict-${crypto.randomUUID()}`, PEERS_PLAN);
  const binary = Deno.env.get("VIPD_BINARY");
  const [nginx01, nginx] = await Promise.all(lab.hosts.map((host) => Nginx.serve(host)));
  const clock02 = await WallClock.on(lab.host("lb02"));
  const vipdOf = async (name: PairName) => {
    const host = lab.host(name);
    await host.write(TOKEN_FILE, `${TOKEN}\n`);
    const clock = name === "lb02" ? clock02 : null;
    const vipd = new Vipd(host, { config: configOf(name), binary, clock });
    await vipd.start();
    return vipd;
  };
  const lb01 = await vipdOf("lb01");
  await sleep(4000);
  const lb02 = await vipdOf("lb02");
  const { host } = lb02;
  const pairOf = async () => (await lb01.status())?.instances[0]?.pair;
  /** Waits until lb01 says so; what it says then. */
  const turned = async (what: string, verdict: string, withinMs = LIMIT_MS) => {
    const is = async () => (await pairOf())?.verdict === verdict;
    await waitFor(what, is, {
      timeoutMs: withinMs + LOOK_MS,
      everyMs: 100,
      explain: async () => JSON.stringify(await pairOf()),
    });
    return (await pairOf())!.sentence;
  };
  const drop = async (what: string) => {
    const rules =
      `table inet cut { chain in { type filter hook input priority 0; ${what} drop; }; }`;
    await host.run(["nft", rules]);
  };
  const heal = () => host.run(["nft", "delete table inet cut"]);
  const reload02 = (config: string) => lb02.reload(config);
  const both = `[${PAIR_ADDRESS}/24]`;
  const address = ["dev", "eth1"];

  const causes: readonly {
    readonly what: string;
    readonly verdict: string;
    readonly begin: () => Promise<unknown>;
    readonly end: () => Promise<unknown>;
    /** How much later than usual it can be known. */
    readonly afterMs?: number;
    /** What becomes of it, how much later. */
    readonly then?: { readonly verdict: string; readonly afterMs: number };
  }[] = [{
    what: "nginx of lb02 is killed",
    verdict: "unprotected",
    begin: () => nginx!.crash(),
    end: () => nginx!.start(),
  }, {
    what: "nginx of lb01 answers nothing",
    verdict: "unserved",
    begin: () => nginx01!.hang(),
    end: () => nginx01!.proceed(),
  }, {
    what: "the clock of lb02 is an hour ahead",
    verdict: "unverified",
    begin: () => clock02.setAhead(HOUR_S),
    end: () => clock02.setAhead(0),
    afterMs: CLOCK_MS,
  }, {
    what: "the API of lb02 is blocked",
    verdict: "unverified",
    begin: () => drop("tcp dport 9112"),
    end: heal,
  }, {
    what: "the addresses differ",
    verdict: "unprotected",
    begin: () => reload02(configOf("lb02").replace(both, `[${PAIR_ADDRESS}/24, 192.168.31.6/24]`)),
    end: () => reload02(configOf("lb02")),
  }, {
    what: "lb02 has another instance only",
    verdict: "unprotected",
    begin: () =>
      reload02(
        configOf("lb02").replace("vrid: 55", "vrid: 56").replace(both, "[192.168.31.9/24]"),
      ),
    end: () => reload02(configOf("lb02")),
  }, {
    what: "the weight of lb01 is too small",
    verdict: "unprotected",
    begin: () => lb01.reload(configOf("lb01", -10)),
    end: () => lb01.reload(configOf("lb01")),
  }, {
    what: "lb02 has the address on its own",
    verdict: "contested",
    begin: () => host.run(["ip", "address", "add", `${PAIR_ADDRESS}/24`, ...address]),
    end: () => host.run(["ip", "address", "del", `${PAIR_ADDRESS}/24`, ...address]),
  }, {
    what: "lb02 drops protocol 112",
    verdict: "unprotected",
    begin: () => drop("ip protocol vrrp"),
    end: heal,
    then: { verdict: "contested", afterMs: MASTER_DOWN_MS },
  }, {
    what: "vipd of lb02 is stopped",
    verdict: "unprotected",
    begin: () => lb02.stop(),
    end: () => lb02.start(),
  }];

  const said = [`sound: ${await turned("the start", "protected", 10_000)}`];
  for (const { what, verdict, begin, end, afterMs = 0, then } of causes) {
    await begin();
    said.push(`${what}: ${verdict}: ${await turned(what, verdict, LIMIT_MS + afterMs)}`);
    if (then) {
      const sentence = await turned(what, then.verdict, LIMIT_MS + then.afterMs);
      said.push(`${what}, later: ${then.verdict}: ${sentence}`);
    }
    await end();
    await turned(`the end of: ${what}`, "protected");
  }
  const text = `${said.join("\n")}\n`;
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(GOLDEN, text);
  assert.equal(text, await Deno.readTextFile(GOLDEN));
});
