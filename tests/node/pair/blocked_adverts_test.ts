/**
 * Protocol 112 dropped by the firewall of a node, on its way in or out, one way or both: the verdict that both nodes come
 * to within five seconds, what becomes of it, and that it ends. Whether nft or iptables drops it makes no difference to
 * the kernel's answers; tests/doctor/ has the remedies of both.
 */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { SimNode } from "../../../src/sim/cluster.ts";
import type { PairReasonCode } from "../../../src/status/codes/verdicts.ts";
import { knownPair } from "./known_pair.ts";

const LIMIT_MS = 5000;
const LOOK_MS = 250;
/** Until a backup that hears nothing is master, and both know it. */
const TAKEOVER_MS = 6000;
/** Until both know of two masters one of whose firewalls is known to drop VRRP, which is evidence of its own. */
const DROPPING_KNOWN_MS = 5500;
/** A preferred node that was kept from serving wants to hear nobody for Master_Down_Interval first. */
const BACK_MS = 12_000;

const DROPPED = {
  code: "EPERM",
  message: "Cannot send VRRP on eth1: sendto: EPERM, a firewall drops it on its way out",
};

type Way = "in" | "out";
type Name = "lb01" | "lb02";
type Blocked = Readonly<Partial<Record<Name, readonly Way[]>>>;

interface Outcome {
  readonly verdict: string;
  readonly code?: PairReasonCode;
  readonly says?: RegExp;
}

const SAFE: Outcome = { verdict: "protected", says: /served by lb01; lb02 is ready$/ };
const CONTESTED: Outcome = {
  verdict: "contested",
  code: "two_holders",
  says: /lb0. and lb0. are master/,
};
const MUTE = (by: Name | "lb0.", name: Name): Outcome => ({
  verdict: "unprotected",
  code: "adverts_blocked",
  says: new RegExp(`served by ${by}; the adverts of ${name} do not leave it: Cannot send VRRP`),
});
/** When lb02 has taken over, it is no standby that hears nothing, and nothing else has lasted yet. */
const NOT_KNOWN = /by lb02; whether another node is ready is not known yet$/;
const DEAF: Outcome = {
  verdict: "unprotected",
  code: "standby_deaf",
  says: new RegExp(`by lb01; lb02 hears no adverts of lb01$|${NOT_KNOWN.source}`),
};

/** What is dropped; the verdict within five seconds; and after a takeover that it may bring. */
const CASES: readonly (readonly [Blocked, Outcome, Outcome])[] = [
  // lb02 sends nothing that lb01 would miss, and takes over when lb01 is gone.
  [{ lb01: ["in"] }, SAFE, SAFE],
  [{ lb02: ["in"] }, DEAF, CONTESTED],
  [{ lb01: ["in"], lb02: ["in"] }, DEAF, CONTESTED],
  [{ lb01: ["out"] }, MUTE("lb02", "lb01"), MUTE("lb02", "lb01")],
  [{ lb02: ["out"] }, MUTE("lb01", "lb02"), MUTE("lb01", "lb02")],
  [{ lb01: ["in", "out"] }, MUTE("lb02", "lb01"), MUTE("lb02", "lb01")],
  [{ lb01: ["out"], lb02: ["in"] }, MUTE("lb02", "lb01"), MUTE("lb02", "lb01")],
  // lb02 is master for as long as its lease lasts; then an advert must leave first.
  [{ lb02: ["in", "out"] }, MUTE("lb0.", "lb02"), MUTE("lb01", "lb02")],
  [{ lb01: ["in"], lb02: ["out"] }, MUTE("lb01", "lb02"), MUTE("lb01", "lb02")],
  [{ lb01: ["out"], lb02: ["out"] }, { verdict: "unprotected", code: "adverts_blocked" }, {
    verdict: "unserved",
    code: "nobody_serves",
  }],
];

function blockedPair(blocked: Blocked, settings: Partial<InstanceConfig> = {}) {
  const pair = knownPair(settings);
  const nodes: Readonly<Record<Name, SimNode>> = { lb01: pair.lb01, lb02: pair.lb02 };
  for (const name of ["lb01", "lb02"] as const) {
    const ways = blocked[name] ?? [];
    if (ways.includes("out")) nodes[name].host.sendError = DROPPED;
    if (ways.includes("in")) {
      pair.cluster.network.filterVrrp(name === "lb01" ? "lb02" : "lb01", name);
    }
  }
  const heal = () => {
    for (const { host } of [pair.lb01, pair.lb02]) host.sendError = null;
    pair.cluster.network.heal();
  };
  return { ...pair, heal };
}

function assertSaid(pair: ReturnType<typeof knownPair>, { verdict, code, says = /./ }: Outcome) {
  for (const node of [pair.lb01, pair.lb02]) {
    const said = pair.pairOf(node);
    const isKnown = !NOT_KNOWN.test(said.sentence);
    const right = isKnown ? verdict : "unverified";
    assert.equal(said.verdict, right, `${node.name}: ${JSON.stringify(said)}`);
    assert.equal(said.reasons[0]?.code, isKnown ? code : undefined, node.name);
    assert.match(said.sentence, says);
  }
}

for (const [blocked, soon, later] of CASES) {
  const what = Object.entries(blocked).map(([name, ways]) => `${ways.join(" and ")} at ${name}`);
  Deno.test(`VRRP is dropped ${what.join(", ")}: ${soon.verdict}, then ${later.verdict}, and back`, () => {
    const pair = blockedPair(blocked);
    pair.run(LIMIT_MS);
    assertSaid(pair, soon);
    pair.run(TAKEOVER_MS);
    assertSaid(pair, later);
    pair.heal();
    for (let ms = 0; ms < BACK_MS; ms += LOOK_MS) {
      pair.run(LOOK_MS);
      for (const node of [pair.lb01, pair.lb02]) {
        const { verdict, served_by: server, sentence } = pair.pairOf(node);
        assert.ok(verdict !== "protected" || server !== null, `${node.name}: ${sentence}`);
      }
    }
    assertSaid(pair, SAFE);
    for (const { daemon } of [pair.lb01, pair.lb02]) {
      const raised = daemon!.journal.since().filter(({ code }) => code === "alarm_raised");
      // What is over raises nothing.
      assert.deepEqual(raised.filter(({ alarm }) => alarm === "fault"), []);
    }
  });
}

const RULE = {
  place: "nft, table inet cut, chain c, rule with handle 2",
  command: "nft insert rule inet cut c meta l4proto 112 accept",
};
const REMEDY = "`nft insert rule inet cut c meta l4proto 112 accept` lets them pass, ahead of " +
  "what drops them (nft, table inet cut, chain c, rule with handle 2)";

Deno.test("the rule that drops adverts is in the verdict of both nodes, with the command that helps", () => {
  const unicast = { peers: ["192.168.31.11", "192.168.31.12"], ttl: 255, minTtl: 1 };
  const cases = [
    [{ lb01: ["out"] }, "lb01", "out", "adverts_blocked", LIMIT_MS, {}],
    [{ lb02: ["out"] }, "lb02", "out", "adverts_blocked", LIMIT_MS, {}],
    [{ lb02: ["in"] }, "lb02", "in", "standby_deaf", LIMIT_MS, {}],
    [{ lb02: ["in"] }, "lb02", "in", "standby_deaf", LIMIT_MS, { unicast }],
    [{ lb02: ["in"] }, "lb02", "in", "two_holders", DROPPING_KNOWN_MS, {}],
  ] as const;
  for (const [blocked, name, way, code, afterMs, settings] of cases) {
    const pair = blockedPair(blocked, settings);
    pair[name].host.dropping[way] = [RULE];
    const says = (node: SimNode) =>
      pair.pairOf(node).reasons.find((reason) => reason.code === code);
    const both = [pair.lb01, pair.lb02];
    for (let ms = 0; ms < afterMs && both.some((node) => !says(node)); ms += LOOK_MS) {
      pair.run(LOOK_MS);
    }
    for (const node of both) {
      const reason = says(node);
      assert.ok(reason, `${node.name}: ${code}`);
      assert.ok(reason.message.includes(`(${RULE.place})`), reason.message);
      assert.ok(reason.hint.startsWith(`on ${name}: ${REMEDY}`), reason.hint);
    }
    pair.heal();
    pair[name].host.dropping[way] = [];
    pair.run(BACK_MS);
    assertSaid(pair, SAFE);
  }
});

Deno.test("alarms about adverts that are dropped name the rule and the node", () => {
  const mute = blockedPair({ lb01: ["out"] });
  mute.lb01.host.dropping.out = [RULE];
  mute.run(LIMIT_MS);
  const [first] = mute.lb01.daemon!.status().alarms.filter(({ code }) =>
    code === "adverts_not_sent"
  );
  assert.ok(first?.hint.includes(REMEDY), JSON.stringify(mute.lb01.daemon!.status().alarms));
  const deaf = blockedPair({ lb02: ["in"] });
  deaf.lb02.host.dropping.in = [RULE];
  deaf.run(LIMIT_MS + TAKEOVER_MS);
  const raised = deaf.lb02.daemon!.status().alarms.filter(({ code }) =>
    code === "split_brain_address"
  );
  assert.ok(raised[0]?.hint.includes(REMEDY), JSON.stringify(deaf.lb02.daemon!.status().alarms));
  const told = JSON.stringify(deaf.lb01.daemon!.status().alarms);
  assert.match(told, /lb02 \(192\.168\.31\.12\) with priority 100 is master too/);
});

Deno.test("each alarm about two masters names the rule of the node that is deaf", () => {
  const open = { version: 3, authentication: { type: "none" } } as const;
  const cases = [
    // At ten adverts a second they show a second master before any answer to ARP.
    ["split_brain_advert", { ...open, advertIntervalCs: 10 }, ["lb02"]],
    ["split_brain_address", { ...open, advertIntervalCs: 100 }, ["lb02"]],
    // Neither adverts nor ARP get through: the nodes know it from each other's API.
    ["split_brain_peer", { ...open, advertIntervalCs: 100 }, ["lb01", "lb02"]],
  ] as const;
  for (const [code, settings, deaf] of cases) {
    const pair = blockedPair(code === "split_brain_peer" ? {} : { lb02: ["in"] }, settings);
    if (code === "split_brain_peer") pair.cluster.network.partition(["lb01"], ["lb02"]);
    for (const name of deaf) pair[name].host.dropping.in = [RULE];
    const hints = new Set<string>();
    for (let ms = 0; ms < LIMIT_MS + TAKEOVER_MS; ms += LOOK_MS) {
      pair.run(LOOK_MS);
      const found = pair.lb01.daemon!.status().alarms.find((alarm) => alarm.code === code);
      if (found) hints.add(found.hint);
    }
    const known = deaf.map((name) => `${name === "lb01" ? "here" : `on ${name}`}: ${REMEDY}`);
    assert.ok(
      [...hints].some((hint) => known.every((remedy) => hint.includes(remedy))),
      `${code}: ${[...hints].join(" | ")}`,
    );
  }
});

Deno.test("settings that keep the nodes from hearing each other are the cause in the verdict, not a firewall", () => {
  const cases = [
    [
      { authentication: { type: "pass", password: "other" } },
      /authentication_failed\): its password differs/,
    ],
    [{ vrid: 77 }, /advertises 192\.168\.31\.5 under VRID \d+, lb0\d under VRID \d+/],
    [{ advertIntervalCs: 200 }, /interval_mismatch\): its advert interval differs/],
  ] as const;
  for (const [settings, says] of cases) {
    const pair = knownPair();
    const [instance] = pair.lb02.config.instances;
    pair.lb02.reload({ ...pair.lb02.config, instances: [{ ...instance!, ...settings }] });
    pair.run(LIMIT_MS + 2 * TAKEOVER_MS);
    for (const node of [pair.lb01, pair.lb02]) {
      const [reason] = pair.pairOf(node).reasons;
      assert.equal(reason?.code, "two_holders", JSON.stringify(settings));
      assert.match(reason.message, says);
      assert.doesNotMatch(`${reason.message} ${reason.hint}`, /firewall|doctor|this node/);
    }
  }
});
