/**
 * One pair in namespaces that goes through many causes, one after the other: each turns the verdict within five seconds,
 * and back. The sentences are in golden/verdicts.txt (`UPDATE_GOLDEN=1` writes it). Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PAIR_ADDRESS } from "../../lab/pair_config.ts";
import type { Vipd } from "../../lab/vipd.ts";
import type { PairReason } from "../../src/status/status.ts";
import { configOf, goldenText, LIMIT_MS, openVerdictPair } from "./verdict_pair.ts";

/** Until lb02, which hears nothing, is master. */
const MASTER_DOWN_MS = 3700;
/** Until a program notices that its clock was set. */
const CLOCK_MS = 1000;
const HOUR_S = 3600;
/** What lb01 knows, lb02 knows so much later. */
const LOOK_MS = 2000;
const STRANGER_MAC = "02:00:00:00:00:4d";

Deno.test("each cause turns the verdict within five seconds, and back", async () => {
  await using pair = await openVerdictPair();
  const { lb01, lb02, nginx01, nginx02, clock02, stranger } = pair;
  const { host } = lb02;
  const turned = async (what: string, verdict: string, withinMs?: number, on?: Vipd) =>
    (await pair.says(what, (it) => it.verdict === verdict, withinMs, on)).sentence;
  const drop = async (what: string) => {
    const rules =
      `table inet cut { chain in { type filter hook input priority 0; ${what} drop; }; }`;
    await host.run(["nft", rules]);
  };
  const heal = () => host.run(["nft", "delete table inet cut"]);
  const reload02 = (config: string) => lb02.reload(config);
  const both = `[${PAIR_ADDRESS}/24]`;
  const onLoopback = [`${PAIR_ADDRESS}/32`, "dev", "lo"];
  const onStranger = [`${PAIR_ADDRESS}/24`, "dev", "eth1"];
  await stranger.run(["ip", "link", "set", "eth1", "address", STRANGER_MAC]);

  const causes: readonly {
    readonly what: string;
    readonly verdict: string;
    /** The reason, if it is not the first one with that verdict. */
    readonly code?: PairReason["code"];
    /** lb02 says the same. */
    readonly both?: true;
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
    // That lb02 answers for it is known on the link before lb02 has looked.
    code: "stray_address",
    begin: () => host.run(["ip", "address", "add", ...onLoopback]),
    end: () => host.run(["ip", "address", "del", ...onLoopback]),
  }, {
    what: "lb02 has the address on its own, and answers nobody for it",
    verdict: "unverified",
    begin: async () => {
      await host.run(["sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1"]);
      await host.run(["ip", "address", "add", ...onLoopback]);
    },
    end: async () => {
      await host.run(["ip", "address", "del", ...onLoopback]);
      await host.run(["sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=0"]);
    },
  }, {
    what: "a third machine has the address",
    verdict: "contested",
    both: true,
    begin: () => stranger.run(["ip", "address", "add", ...onStranger]),
    end: () => stranger.run(["ip", "address", "del", ...onStranger]),
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
  for (const { what, verdict, code, both, begin, end, afterMs = 0, then } of causes) {
    await begin();
    const { sentence } = await pair.says(
      what,
      (it) => it.verdict === verdict && (code === undefined || it.reasons[0]?.code === code),
      LIMIT_MS + afterMs,
    );
    said.push(`${what}: ${verdict}: ${sentence}`);
    if (both) assert.equal(await turned(`${what}: lb02`, verdict, LOOK_MS, lb02), sentence);
    if (then) {
      const sentence = await turned(what, then.verdict, LIMIT_MS + then.afterMs);
      said.push(`${what}, later: ${then.verdict}: ${sentence}`);
    }
    await end();
    await turned(`the end of: ${what}`, "protected");
    if (both) await turned(`the end of: ${what}: lb02`, "protected", LOOK_MS, lb02);
  }
  assert.equal(...await goldenText("verdicts.txt", said));
});
