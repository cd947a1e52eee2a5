/**
 * Protocol 112 that a node's own firewall drops, by nft and by iptables, on its way in and out: each turns the verdict
 * within five seconds, and back. The sentences and remedies are in golden/vrrp_blocked.txt (`UPDATE_GOLDEN=1` writes it); all
 * combinations, in virtual time, in tests/node/pair/blocked_adverts_test.ts. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { INSTANCE } from "../../lab/cluster.ts";
import type { Vipd } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";
import type { PairReasonCode } from "../../src/status/codes/verdicts.ts";
import { goldenText, LIMIT_MS, openVerdictPair } from "./verdict_pair.ts";

type Way = "in" | "out";
type Tool = "nft" | "iptables";

/** Until both know each other, on a busy machine. */
const START_MS = 30_000;
/** Until a backup that hears nothing is master, or one that wants to be is again. */
const TAKEOVER_MS = 4700;

const CHAINS = { in: "INPUT", out: "OUTPUT" } as const;
const HOOKS = { in: "input", out: "output" } as const;

async function drop({ host }: Vipd, way: Way, tool: Tool): Promise<void> {
  const chain = `chain c { type filter hook ${HOOKS[way]} priority 0; ip protocol vrrp drop; }`;
  await host.run(
    tool === "nft"
      ? ["nft", `table inet cut_${way} { ${chain}; }`]
      : ["iptables", "-I", CHAINS[way], "-p", "112", "-j", "DROP"],
  );
}

async function pass({ host }: Vipd, way: Way, tool: Tool): Promise<void> {
  await host.run(
    tool === "nft"
      ? ["nft", `delete table inet cut_${way}`]
      : ["iptables", "-D", CHAINS[way], "-p", "112", "-j", "DROP"],
  );
}

interface Stage {
  readonly verdict: string;
  readonly code: PairReasonCode;
  /** Who serves, if that is certain. */
  readonly servedBy?: string;
  readonly afterMs?: number;
}

interface Cause {
  readonly node: "lb01" | "lb02";
  readonly ways: readonly Way[];
  readonly tools: readonly Tool[];
  /** lb02 serves meanwhile, because a person wants it. */
  readonly promoted?: true;
  readonly stages: readonly Stage[];
}

const TWO_HOLDERS: readonly Stage[] = [
  { verdict: "contested", code: "two_holders", afterMs: TAKEOVER_MS },
];

const CAUSES: readonly Cause[] = [
  {
    ...{ node: "lb01", ways: ["out"], tools: ["nft", "iptables"] },
    stages: [
      { verdict: "unprotected", code: "adverts_blocked" },
      { verdict: "unprotected", code: "adverts_blocked", servedBy: "lb02", afterMs: TAKEOVER_MS },
    ],
  },
  {
    ...{ node: "lb02", ways: ["out"], tools: ["nft", "iptables"] },
    stages: [{ verdict: "unprotected", code: "adverts_blocked", servedBy: "lb01" }],
  },
  {
    ...{ node: "lb02", ways: ["in", "out"], tools: ["nft", "iptables"] },
    stages: [{ verdict: "unprotected", code: "adverts_blocked", servedBy: "lb01" }],
  },
  // A deaf backup takes over so soon after it knows that the other node need not have seen that it is deaf.
  { node: "lb02", ways: ["in"], tools: ["nft", "iptables"], stages: TWO_HOLDERS },
  { node: "lb01", ways: ["in"], tools: ["nft", "iptables"], promoted: true, stages: TWO_HOLDERS },
];

/** What the alarm about a second master says that helps, once the other node has said which rule it is. */
function remedy(vipd: Vipd): Promise<string> {
  const look = async () => {
    const { alarms = [] } = await vipd.status() ?? {};
    return alarms.find(({ code, hint }) => code.startsWith("split_brain_") && RULE.test(hint))
      ?.hint ?? null;
  };
  return waitFor("the rule in the alarm", look, { timeoutMs: LIMIT_MS, everyMs: 100 });
}

/** A remedy that names a rule. */
const RULE = /lets them pass, ahead of what drops them/;
/** So many moves in so short a time are no flapping here. */
const UNDAMPED = "    damping: { moves: 0 }\n";
const SOUND = "VI_1 is served by lb01; lb02 is ready";
const SOUND_PROMOTED = "VI_1 is served by lb02; lb01 is ready";

Deno.test("protocol 112 that a node drops turns the verdict within five seconds, and back", async () => {
  await using pair = await openVerdictPair(UNDAMPED);
  const { lb02 } = pair;
  const sentence = (wanted: string, withinMs?: number) =>
    pair.says(wanted, (it) => it.sentence === wanted, withinMs);
  await sentence(SOUND, START_MS);
  const said: string[] = [];
  for (const { node, ways, tools, promoted, stages } of CAUSES) {
    for (const tool of tools) {
      const what = `${node} drops it on its way ${ways.join(" and ")}, by ${tool}`;
      if (promoted) {
        await lb02.send(INSTANCE, "promote");
        await sentence(SOUND_PROMOTED);
      }
      for (const way of ways) await drop(pair[node], way, tool);
      for (const { verdict, code, servedBy, afterMs = 0 } of stages) {
        const turned = await pair.says(
          `${what}: ${verdict}, ${code}`,
          (it) =>
            it.verdict === verdict && it.reasons[0]?.code === code &&
            (servedBy === undefined || it.served_by === servedBy),
          LIMIT_MS + afterMs,
        );
        const [reason] = turned.reasons;
        said.push(`${what}: ${verdict}: ${servedBy ? turned.sentence : reason!.message}`);
        if (verdict !== "contested") continue;
        const other = node === "lb01" ? "lb02" : "lb01";
        said.push(`${what}: remedy in the alarm of ${other}: ${await remedy(pair[other])}`);
      }
      for (const way of ways) await pass(pair[node], way, tool);
      // A node that was kept from serving does so again a little later.
      await pair.says(`the end of: ${what}`, (it) => it.verdict === "protected");
      if (promoted) await lb02.send(INSTANCE, "release");
      await sentence(SOUND, LIMIT_MS + 2 * TAKEOVER_MS);
    }
  }
  assert.equal(...await goldenText("vrrp_blocked.txt", said));
});
