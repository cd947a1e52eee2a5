/**
 * One pair in namespaces that goes through many causes, one after the other: each turns the verdict within five seconds,
 * and back. The sentences are in golden/verdicts.txt (`UPDATE_GOLDEN=1` writes it). Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PAIR_ADDRESS } from "../../lab/pair_config.ts";
import { configOf, goldenText, LIMIT_MS, openVerdictPair } from "./verdict_pair.ts";

/** Until lb02, which hears nothing, is master. */
const MASTER_DOWN_MS = 3700;
/** Until a program notices that its clock was set. */
const CLOCK_MS = 1000;
const HOUR_S = 3600;

Deno.test("each cause turns the verdict within five seconds, and back", async () => {
  await using pair = await openVerdictPair();
  const { lb01, lb02, nginx01, nginx02, clock02 } = pair;
  const { host } = lb02;
  const turned = async (what: string, verdict: string, withinMs?: number) =>
    (await pair.says(what, (it) => it.verdict === verdict, withinMs)).sentence;
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
    begin: () => nginx02.crash(),
    end: () => nginx02.start(),
  }, {
    what: "nginx of lb01 answers nothing",
    verdict: "unserved",
    begin: () => nginx01.hang(),
    end: () => nginx01.proceed(),
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
  assert.equal(...await goldenText("verdicts.txt", said));
});
