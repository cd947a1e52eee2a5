/** Which reasons there are for which facts, and what is never one. */

import assert from "node:assert/strict";
import {
  type NodeInstance,
  type PairNode,
  type PairView,
  peerNode,
} from "../../../src/status/pair/view.ts";
import type { PeerErrorCause } from "../../../src/status/codes/error_cause.ts";
import {
  PAIR_REASONS,
  REHEARSAL_CODES,
  REHEARSAL_CODES_OF,
} from "../../../src/status/codes/verdicts.ts";
import { asSaidOf } from "../../../src/status/remedies/remedies.ts";
import type { RehearsalReason } from "../../../src/status/reports/peer_answer.ts";
import {
  blockedReason,
  reasonCause,
  rehearsalReasons,
  silenceReason,
} from "../../../src/status/pair/standby_reasons.ts";
import { moveHint } from "../../../src/status/text/move_hint.ts";
import { judge, verdictOf, verdictSentence } from "../../../src/status/pair/verdict.ts";

const MASTER: NodeInstance = {
  name: "VI_1",
  interface: "eth1",
  vrid: 55,
  family: "ipv4",
  version: 2,
  advert_interval_ms: 1000,
  preempt: true,
  authentication: "pass",
  addresses: ["192.168.31.5/24"],
  state: "master",
  handing_over: false,
  priority: { configured: 150, effective: 150 },
  master: { address: "192.168.31.11", priority: 150 },
  faults: [],
  override: null,
};
const BACKUP: NodeInstance = {
  ...MASTER,
  state: "backup",
  priority: { configured: 100, effective: 100 },
};

type Answer = Partial<NodeInstance> | null;

function peer(
  name: string,
  changes: Answer,
  error: string | null = null,
  offsetMs: number | null = 0,
  cause?: PeerErrorCause,
): PairNode {
  const about = {
    ...{ name, reachable: error === null, error, version: "0.1.0", clock_offset_ms: offsetMs },
    ...(cause && { error_cause: cause }),
  };
  return peerNode(about, changes && { ...BACKUP, ...changes });
}

function view(changes: Partial<PairView> = {}, own: Partial<NodeInstance> = {}): PairView {
  const instance = { ...MASTER, ...own };
  return {
    instanceName: "VI_1",
    own: { name: "lb01", contact: "own", error: "", version: null, instance, clockOffsetMs: null },
    peers: [peer("lb02", {})],
    starting: false,
    begins: false,
    heardPeer: null,
    lowestPriority: null,
    rehearsal: [],
    ...changes,
  };
}

function finding(code: RehearsalReason["code"], node: string): RehearsalReason {
  return { code, node, message: `${code} of ${node}`, hint: "" };
}

function said(facts: PairView) {
  const service = judge(facts);
  const codes = service.reasons.map(({ code }) => code);
  return { codes, verdict: verdictOf(service), sentence: verdictSentence("VI_1", service) };
}

const backupHere: Partial<NodeInstance> = BACKUP;
const CONFLICT = {
  ...{ alarm: "address_conflict", message: "another host answers, at 02:00" },
  hint: "find it",
};
const failed = {
  target: "tcp 192.168.31.5:80",
  ok: false,
  detail: "no answer within 1.5 s",
};

/** What is known, the codes that it leads to, the verdict and what the sentence has. */
const CASES: readonly (readonly [string, PairView, readonly string[], string | null, RegExp])[] = [
  [
    "a master and a ready standby",
    view(),
    [],
    "protected",
    /^VI_1 is served by lb01; lb02 is ready$/,
  ],
  [
    "the same, seen by the standby",
    view({ peers: [peer("lb02", MASTER)] }, backupHere),
    [],
    "protected",
    /^VI_1 is served by lb02; lb01 is ready$/,
  ],
  [
    "both in fault",
    view({ peers: [peer("lb02", { state: "fault" })] }, { state: "fault", master: null }),
    ["nobody_serves", "standby_fault", "standby_fault"],
    "unserved",
    /^VI_1 is not served: no node holds the addresses: lb01 is in fault, lb02 is in fault/,
  ],
  [
    "the client check of the standby fails",
    view({ peers: [peer("lb02", { client_check: failed })] }),
    ["holder_silent"],
    "unserved",
    /lb01 has the addresses but does not answer lb02/,
  ],
  [
    "the standby's nginx would serve less; what is said of the master is no matter",
    view({
      rehearsal: [
        {
          code: "rehearsal_failed",
          node: "lb01",
          message: "lb01 would serve 1 of 2 names",
          hint: "",
        },
        {
          code: "rehearsal_failed",
          node: "lb02",
          message: "lb02 would serve 0 of 2 names",
          hint: "",
        },
      ],
    }),
    ["rehearsal_failed"],
    "unprotected",
    /^VI_1 is served by lb01; lb02 would serve 0 of 2 names$/,
  ],
  [
    "what fails at the master now comes before what would fail at the standby",
    view({
      rehearsal: [
        ...REHEARSAL_CODES_OF.standby.map((code) => finding(code, "lb01")),
        finding("serves_less", "lb01"),
        finding("serves_less", "lb02"),
        finding("rehearsal_failed", "lb02"),
        finding("certificate_expires", "lb02"),
      ],
    }),
    ["serves_less", "rehearsal_failed", "nginx_unloadable", "nginx_stale", "certificate_expires"],
    "unprotected",
    /^VI_1 is served by lb01; serves_less of lb01$/,
  ],
  [
    "a master that serves by old files, next to a standby that is ready",
    view({ rehearsal: [finding("nginx_stale", "lb01"), finding("serves_less", "lb02")] }),
    ["nginx_stale"],
    "unverified",
    /^VI_1 is served by lb01; nginx_stale of lb01$/,
  ],
  [
    "not all of the standby is rehearsed",
    view({
      rehearsal: [{ code: "not_rehearsed", node: "lb02", message: "not all of lb02", hint: "" }],
    }),
    ["not_rehearsed"],
    "unverified",
    /not all of lb02$/,
  ],
  [
    "a master without an address",
    view({}, { addresses_missing: ["192.168.31.5"] }),
    ["nobody_serves"],
    "unserved",
    /^VI_1 is not served: lb01 is master and does not hold 192\.168\.31\.5$/,
  ],
  [
    "a peer that is master without an address",
    view({ peers: [peer("lb02", { ...MASTER, addresses_missing: ["192.168.31.5"] })] }, {
      ...backupHere,
      master: null,
    }),
    ["nobody_serves"],
    "unserved",
    /^VI_1 is not served: lb02 is master and does not hold 192\.168\.31\.5$/,
  ],
  [
    "a master without an address, next to another master",
    view({ peers: [peer("lb02", MASTER)] }, { addresses_missing: ["192.168.31.5"] }),
    ["two_holders"],
    "contested",
    /^VI_1 is contested: lb01 and lb02 are master/,
  ],
  [
    "two masters",
    view({ peers: [peer("lb02", MASTER)] }),
    ["two_holders"],
    "contested",
    /^VI_1 is contested: lb01 and lb02 are master/,
  ],
  [
    "an address on the backup",
    view({
      peers: [peer("lb02", { address_on_backup: { address: "192.168.31.6", device: "eth3" } })],
    }),
    ["stray_address"],
    "contested",
    /: 192\.168\.31\.6 is on eth3 of lb02 although it is in backup$/,
  ],
  [
    "an address on the backup, whose version does not say where",
    view({ peers: [peer("lb02", { address_on_backup: null })] }),
    ["stray_address"],
    "contested",
    /: an address is on an interface of lb02 although it is in backup$/,
  ],
  [
    "a standby that hears nothing",
    view({ peers: [peer("lb02", { adverts_missing: true })] }),
    ["standby_deaf"],
    "unprotected",
    /lb02 hears no adverts of lb01/,
  ],
  [
    "a standby whose adverts do not leave",
    view({ peers: [peer("lb02", { adverts_blocked: "EPERM, a firewall drops it" })] }),
    ["adverts_blocked"],
    "unprotected",
    /served by lb01; the adverts of lb02 do not leave it: EPERM, a firewall drops it$/,
  ],
  [
    "the same, in fault because of that",
    view({
      peers: [
        peer("lb02", {
          ...{ state: "fault", adverts_blocked: "EPERM" },
          faults: ["adverts do not leave: EPERM"],
        }),
      ],
    }),
    ["adverts_blocked"],
    "unprotected",
    /the adverts of lb02 do not leave it/,
  ],
  [
    "the same, with another fault",
    view({
      peers: [
        peer("lb02", {
          ...{ state: "fault", adverts_blocked: "EPERM" },
          faults: ["adverts do not leave: EPERM", "eth1 is down"],
        }),
      ],
    }),
    ["adverts_blocked", "standby_fault"],
    "unprotected",
    /the adverts of lb02 do not leave it/,
  ],
  [
    "a master whose adverts do not leave: its standby hears none for that cause alone",
    view({ peers: [peer("lb02", { adverts_missing: true })] }, { adverts_blocked: "EPERM" }),
    ["adverts_blocked"],
    "unprotected",
    /served by lb01; the adverts of lb01 do not leave it/,
  ],
  [
    "the same, until its peers know that another one serves",
    view({ peers: [peer("lb02", { ...MASTER, adverts_blocked: "EPERM" })] }),
    ["two_holders", "adverts_blocked"],
    "contested",
    /lb01 and lb02 are master/,
  ],
  [
    "a standby whose adverts do not leave next to one that is ready",
    view({ peers: [peer("lb02", { adverts_blocked: "EPERM" }), peer("lb03", {})] }),
    [],
    "protected",
    /lb03 is ready$/,
  ],
  [
    "a standby whose word may be older than the new master's first advert",
    view({ begins: true, peers: [peer("lb02", { adverts_missing: true })] }),
    [],
    null,
    /whether another node is ready is not known yet/,
  ],
  [
    "a standby that has just started and has heard nobody yet",
    view({ peers: [peer("lb02", { master: null })] }),
    [],
    null,
    /^VI_1 is served by lb01; whether another node is ready is not known yet$/,
  ],
  [
    "the same on this node",
    view({ peers: [peer("lb02", MASTER)] }, { ...backupHere, adverts_missing: true }),
    ["standby_deaf"],
    "unprotected",
    /served by lb02; lb01 hears no adverts of lb02/,
  ],
  [
    "the master's peer is heard before its API says that it is master",
    view({ heardPeer: "lb02" }, backupHere),
    [],
    "protected",
    /^VI_1 is served by lb02; lb01 is ready$/,
  ],
  [
    "a machine that refuses connections",
    view({ peers: [peer("lb02", null, "nobody listens there", null, "refused")] }),
    ["standby_stopped"],
    "unprotected",
    /vipd does not run on lb02, or its front does not: its machine refuses connections/,
  ],
  [
    "a machine that has always refused connections, as before the reload after vipd pair",
    view({
      peers: [{
        ...peer("lb02", null, "nobody listens there", null, "refused"),
        version: null,
      }],
    }),
    ["standby_stopped"],
    "unprotected",
    /or its front does not, or it has not been reloaded since vipd pair: its machine refuses/,
  ],
  [
    "an API that refuses the token",
    view({ peers: [peer("lb02", null, "it refuses the token", null, "mismatch")] }),
    ["peer_not_asked"],
    "unverified",
    /served by lb01; lb01 gets no status of lb02: it refuses the token$/,
  ],
  [
    "a front whose engine does not answer",
    view({ peers: [peer("lb02", null, "its engine does not", null, "engine_gone")] }),
    ["standby_stopped"],
    "unprotected",
    /the engine of vipd on lb02 does not answer, as its API says$/,
  ],
  [
    "the same of a master, which is heard",
    view({ peers: [peer("lb02", null, "its engine does not", null, "engine_gone")] }, backupHere),
    ["peer_silent"],
    "unverified",
    /served by lb02; the API of lb02 does not reach its engine, though its adverts are heard/,
  ],
  [
    "an own token file that cannot be read",
    view({ peers: [peer("lb02", null, "cannot read the token file /t", null, "not_asked")] }),
    ["peer_not_asked"],
    "unverified",
    /lb01 cannot ask lb02, of which nothing is known: cannot read the token file \/t$/,
  ],
  [
    "a standby of a version that gives no verdict",
    view({ peers: [peer("lb02", { without_verdict: true })] }),
    ["peer_older"],
    "unverified",
    /served by lb01; lb02 is in backup with vipd 0\.1\.0, which does not say what/,
  ],
  [
    "the same next to a newer standby that is ready",
    view({ peers: [peer("lb02", { without_verdict: true }), peer("lb03", {})] }),
    [],
    "protected",
    /lb03 is ready$/,
  ],
  [
    "a master of such a version",
    view({ peers: [peer("lb02", { ...MASTER, without_verdict: true })] }, backupHere),
    [],
    "protected",
    /served by lb02; lb01 is ready$/,
  ],
  [
    "a standby that has never got an answer of the address",
    view({ peers: [peer("lb02", { client_check_unknown: "tcp x has not answered once" })] }),
    ["client_check_unknown"],
    "unverified",
    /lb02 does not know whether lb01 answers clients: tcp x has not answered once$/,
  ],
  [
    "another machine with the address, which the master sees",
    view({}, { address_conflict: CONFLICT }),
    ["address_conflict"],
    "contested",
    /^VI_1 is contested: lb01 sees another machine with an address: another host answers, at 02:00$/,
  ],
  [
    "the same, as the standby knows it; who did not answer its client is not known then",
    view(
      { peers: [peer("lb02", { ...MASTER, address_conflict: CONFLICT })] },
      { ...backupHere, client_check: failed },
    ),
    ["address_conflict"],
    "contested",
    /^VI_1 is contested: lb02 sees another machine with an address: another host answers, at 02:00$/,
  ],
  [
    "no such instance there",
    view({ peers: [peer("lb02", null)] }),
    ["standby_missing"],
    "unprotected",
    /lb02 has no instance with VRID 55/,
  ],
  [
    "a fault",
    view({ peers: [peer("lb02", { state: "fault", faults: ["eth1 is down"] })] }),
    ["standby_fault"],
    "unprotected",
    /lb02 is in fault: eth1 is down/,
  ],
  [
    "a failed check of the standby",
    view({ peers: [peer("lb02", { priority: { configured: 100, effective: 40 } })] }),
    ["standby_unwell"],
    "unprotected",
    /served by lb01; lb02 is not well: a check there fails; its priority is 40 instead of 100$/,
  ],
  [
    "a failed check of the standby with its name",
    view({
      peers: [
        peer("lb02", {
          priority: { configured: 100, effective: 40 },
          lowered_by: ["check nginx is down", "interface eth2 is down"],
        }),
      ],
    }),
    ["standby_unwell"],
    "unprotected",
    /lb02 is not well: check nginx is down, interface eth2 is down; its priority is 40 instead of 100$/,
  ],
  [
    "a standby of last resort",
    view({
      peers: [
        peer("lb02", {
          priority: { configured: 100, effective: 2 },
          lowered_by: ["check site is down: last resort"],
        }),
      ],
    }),
    ["standby_unwell"],
    "unprotected",
    /lb02 serves only if no other node does: check site is down: last resort$/,
  ],
  [
    "a standby that is held back",
    view({
      peers: [
        peer("lb02", {
          priority: { configured: 100, effective: 1 },
          lowered_by: ["held back: the addresses came or went 4 times within 10 min"],
        }),
      ],
    }),
    ["standby_unwell"],
    "unprotected",
    /lb02 is held back and serves only if no other node does: the addresses came or went 4 times/,
  ],
  [
    "a demoted standby",
    view({
      peers: [peer("lb02", { override: "demoted", priority: { configured: 100, effective: 1 } })],
    }),
    ["standby_demoted"],
    "unprotected",
    /lb02 is demoted/,
  ],
  [
    "other addresses",
    view({ peers: [peer("lb02", { addresses: ["192.168.31.5/24", "192.168.31.6/24"] })] }),
    ["settings_differ"],
    "unprotected",
    /addresses 192.168.31.5\/24 on lb01/,
  ],
  [
    "weights that are too small",
    view({ lowestPriority: 100 }),
    ["weight_too_small"],
    "unprotected",
    /lb01 still has priority 100, and lb02 has 100/,
  ],
  ["weights that suffice", view({ lowestPriority: 99 }), [], "protected", /lb02 is ready/],
  [
    "no peers",
    view({ peers: [] }),
    ["no_peer"],
    "unverified",
    /served by lb01; lb01 knows of no other node: a standby sends no adverts, and `peers` names none$/,
  ],
  [
    "a keepalived master",
    view({ peers: [] }, { ...backupHere, master: { address: "192.168.31.12", priority: 200 } }),
    ["no_peer"],
    "unverified",
    /by 192\.168\.31\.12; lb01 is ready, and knows of that node only what its adverts say: it is master with priority 200$/,
  ],
  [
    "an API that is silent",
    view({ peers: [peer("lb02", null, "no whole answer within 1 s")] }),
    ["peer_silent"],
    "unverified",
    /the API of lb02 does not answer/,
  ],
  [
    "the refused API of a master that is heard",
    view({ peers: [peer("lb02", null, "nobody listens there", null, "refused")] }, backupHere),
    ["peer_silent"],
    "unverified",
    /served by lb02; the API of lb02 refuses connections, though its adverts are heard/,
  ],
  [
    "clocks an hour apart",
    view({ peers: [peer("lb02", {}, null, -3_600_000)] }),
    ["clock_offset"],
    "unverified",
    /lb02 is 3600 s behind/,
  ],
  ["an unknown offset", view({ peers: [peer("lb02", {}, null, null)] }), [], "protected", /ready/],
  [
    "an old version that says little",
    view({
      peers: [peer("lb02", { advert_interval_ms: null, preempt: null, authentication: null })],
    }),
    [],
    "protected",
    /ready/,
  ],
  [
    "a master without a name that all hear",
    view(
      {
        peers: [
          peer("lb02", { state: "backup", master: { address: "192.168.31.14", priority: 200 } }),
        ],
      },
      { ...backupHere, master: { address: "192.168.31.14", priority: 200 } },
    ),
    [],
    "protected",
    /VI_1 is served by 192.168.31.14; lb01 and lb02 are ready/,
  ],
  [
    "a master without a name that this node alone hears",
    view(
      { peers: [peer("lb02", { state: "backup", master: null })] },
      { ...backupHere, master: { address: "192.168.31.14", priority: 200 } },
    ),
    [],
    "protected",
    /VI_1 is served by 192.168.31.14; lb01 is ready/,
  ],
  [
    "one ready standby of two",
    view({ peers: [peer("lb02", { state: "fault" }), peer("lb03", {})] }),
    [],
    "protected",
    /lb03 is ready/,
  ],
  [
    "two ready standbys",
    view({ peers: [peer("lb02", {}), peer("lb03", {})] }),
    [],
    "protected",
    /^VI_1 is served by lb01; lb02 and lb03 are ready$/,
  ],
  [
    "two standbys, none ready",
    view({ peers: [peer("lb02", { state: "fault" }), peer("lb03", null, "no route")] }),
    ["standby_fault", "peer_silent"],
    "unprotected",
    /lb02 is in fault/,
  ],
  [
    "a second holder on the link without peers",
    view({ peers: [] }, { address_conflict: { ...CONFLICT, alarm: "split_brain_advert" } }),
    ["two_holders", "no_peer"],
    "contested",
    /lb01 sees another machine with an address: another host answers/,
  ],
  [
    "a master that hands over to the next",
    view({ peers: [peer("lb02", MASTER)] }, { handing_over: true }),
    [],
    null,
    /served by lb02; whether another node is ready is not known yet/,
  ],
];

const NAMELESS = { ...backupHere, master: { address: "192.168.31.14", priority: 200 } };
const NOBODY = { ...backupHere, master: null };
const RULES = { rule: "ip t c", command: "nft x" };

/** As the cases above, of which each says nothing new of a remedy. */
const MORE: readonly (readonly [string, PairView, readonly string[], string | null, RegExp])[] = [
  [
    "a master that hands over, and nobody who has taken over yet",
    view({}, { handing_over: true }),
    [],
    "protected",
    /^VI_1 is served by lb01; lb02 is ready$/,
  ],
  [
    "a standby that hears a master which does not say its own address",
    view({}, { master: null }),
    [],
    "protected",
    /^VI_1 is served by lb01; lb02 is ready$/,
  ],
  [
    "a master without a name, where the other node hears another one",
    view(
      { peers: [peer("lb02", { master: { address: "192.168.31.99", priority: 200 } })] },
      NAMELESS,
    ),
    [],
    "protected",
    /^VI_1 is served by 192\.168\.31\.14; lb01 is ready$/,
  ],
  [
    "a failed client check while nobody serves",
    view({ peers: [peer("lb02", { master: null, client_check: failed })] }, NOBODY),
    ["nobody_serves"],
    "unserved",
    /lb01 is in backup, lb02 is in backup$/,
  ],
  [
    "a fault, and no such instance on the other node",
    view({ peers: [peer("lb02", null)] }, { state: "fault", faults: ["x"], master: null }),
    ["nobody_serves", "standby_missing", "standby_fault"],
    "unserved",
    /lb01 is in fault \(x\), lb02 has no such instance$/,
  ],
  [
    "no peers and a fault",
    view({ peers: [] }, { ...NOBODY, state: "fault" }),
    [
      ...["standby_fault", "no_peer"],
    ],
    "unprotected",
    /who serves; lb01 is in fault$/,
  ],
  [
    "no peers and a start",
    view({ peers: [] }, { ...NOBODY, state: "init" }),
    [
      ...["standby_fault", "no_peer"],
    ],
    "unprotected",
    /who serves; lb01 has not started$/,
  ],
  [
    "no peers and nobody heard",
    view({ peers: [] }, NOBODY),
    ["nobody_serves", "no_peer"],
    "unserved",
    /not served: no node holds the addresses: lb01 is in backup$/,
  ],
  [
    "weights of a master that is not this node",
    view({
      ...{ lowestPriority: 150, peers: [peer("lb02", MASTER)] },
    }, backupHere),
    [],
    "protected",
    /lb01 is ready$/,
  ],
  [
    "weights that an override makes no matter",
    view({ lowestPriority: 150 }, { override: "promoted" }),
    [],
    "protected",
    /lb02 is ready$/,
  ],
  [
    "clocks a second apart",
    view({ peers: [peer("lb02", {}, null, 1000)] }),
    [],
    "protected",
    /ready/,
  ],
  [
    "clocks a little more apart",
    view({ peers: [peer("lb02", {}, null, 1001)] }),
    ["clock_offset"],
    "unverified",
    /the clock of lb02 is 1\.0 s ahead of that of lb01$/,
  ],
  [
    "clocks ten seconds apart",
    view({ peers: [peer("lb02", {}, null, -10_000)] }),
    ["clock_offset"],
    "unverified",
    /the clock of lb02 is 10 s behind that of lb01$/,
  ],
  [
    "the clock of a peer that does not answer any more",
    view({ peers: [peer("lb02", null, "no", 3_600_000)] }),
    ["peer_silent"],
    "unverified",
    /the API of lb02 does not answer: no$/,
  ],
];

for (const [name, facts, codes, verdict, sentence] of [...CASES, ...MORE]) {
  Deno.test(`verdict: ${name}`, () => {
    const now = said(facts);
    assert.deepEqual(now.codes, codes);
    assert.equal(now.verdict, verdict);
    assert.match(now.sentence, sentence);
  });
}

Deno.test("a node that is not asked does not let another say that nobody serves", () => {
  const silent = peer("lb02", null, "connection refused");
  const facts = view({ peers: [silent] }, { ...backupHere, master: null });
  assert.ok(!said(facts).codes.includes("nobody_serves"));
});

Deno.test("a node that has just started does not say that nobody serves", () => {
  const facts = view({ starting: true }, { ...backupHere, master: null });
  assert.deepEqual(said({ ...facts, peers: [peer("lb02", { master: null })] }).codes, []);
});

Deno.test("every reason names a node, its cause and, in the remedy, where to act", () => {
  const reasons = CASES.flatMap(([, facts]) => judge(facts).reasons);
  const own = reasons.filter(({ code }) => !REHEARSAL_CODES.some((it) => it === code));
  for (const { code, message, hint } of own) {
    assert.match(message, /\blb0[123]\b.* \S/, code);
    assert.match(hint, /\blb0[123]\b|\bon (both|each)\b/, `${code}: ${hint}`);
    assert.doesNotMatch(message, /\.$|undefined|null/, code);
  }
  const missing = Object.keys(PAIR_REASONS).filter((code) =>
    !reasons.some((reason) => reason.code === code)
  );
  assert.deepEqual(missing, REHEARSAL_CODES.filter((code) => missing.includes(code)));
});

Deno.test("the least time of a reason is a number of quarters of a second", () => {
  for (const [code, { holdMs }] of Object.entries(PAIR_REASONS)) {
    assert.equal(holdMs % 250, 0, code);
  }
});

Deno.test("what a check found has lasted already, and so has a fault of all nodes", () => {
  const holdOf = (facts: PairView) => judge(facts).reasons.map(({ holdMs }) => holdMs)[0];
  const fault = (name: string, ...faults: string[]) => peer(name, { state: "fault", faults });
  const weighted = (...lowered_by: string[]) =>
    view({ peers: [peer("lb02", { priority: { configured: 100, effective: 40 }, lowered_by })] });
  assert.equal(holdOf(view({ peers: [fault("lb02", "check nginx is down: refused")] })), 500);
  assert.equal(holdOf(weighted("check nginx", "check site")), 500);
  const unknown = (client_check_unknown: string) =>
    view({ peers: [peer("lb02", { client_check_unknown })] });
  assert.equal(holdOf(unknown("192.168.31.5 is on lo, so it would ask itself")), 0);
  for (
    const facts of [
      view({ peers: [fault("lb02", "check nginx is down", "interface eth1 is down")] }),
      view({ peers: [fault("lb02")] }),
      weighted("check nginx is down", "interface eth2 is down"),
      unknown("tcp x has not answered once"),
      view({ peers: [peer("lb02", { state: "backup", master: null })] }, {
        ...BACKUP,
        master: null,
      }),
    ]
  ) assert.equal(holdOf(facts), undefined);
  const ownFault = { state: "fault", master: null } as const;
  assert.equal(holdOf(view({ peers: [fault("lb02", "eth1 is down")] }, ownFault)), 1250);
});

Deno.test("a peer that the own front has not asked is not said to be silent", () => {
  const about = { name: "lb02", reachable: false, error: null, version: null };
  const { reasons } = judge(view({ peers: [peerNode(about, null)] }));
  const [{ code, node, message, hint }] = reasons as [(typeof reasons)[number]];
  assert.deepEqual([code, node], ["peer_not_asked", "lb01"]);
  assert.match(
    message,
    /^lb01 cannot ask lb02, of which nothing is known: it was not asked of late$/,
  );
  assert.match(
    hint,
    /^does the front of vipd, which asks it, run on lb01 \(systemctl status vipd-front/,
  );
});

Deno.test("where it is not known who serves, the sentence says only that", () => {
  assert.equal(
    verdictSentence("VI_1", { servedBy: null, ready: [], reasons: [] }),
    "VI_1: it is not known who serves",
  );
});

Deno.test("a cause is a code of the pair, or of one of its nodes", () => {
  assert.equal(reasonCause({ code: "two_holders", node: null }), "two_holders");
  assert.equal(reasonCause({ code: "standby_deaf", node: "lb02" }), "standby_deaf lb02");
});

Deno.test("a node that serves less has no reason in its certificate besides; one in another part has", () => {
  const of = (part: "serving" | "standby", ...codes: RehearsalReason["code"][]) =>
    rehearsalReasons(
      view({ rehearsal: codes.map((code) => finding(code, "lb01")) }),
      { name: "lb01" },
      part,
    )
      .map(({ code }) => code);
  assert.deepEqual(of("serving", "certificate_expires"), ["certificate_expires"]);
  assert.deepEqual(of("serving", "nginx_stale", "certificate_expires"), [
    ...["nginx_stale", "certificate_expires"],
  ]);
  assert.deepEqual(of("serving", "certificate_expires", "serves_less"), ["serves_less"]);
  assert.deepEqual(of("standby", "certificate_expires", "serves_less"), ["certificate_expires"]);
});

Deno.test("the move to a node that would serve more is by a command that can work there", () => {
  const hint = `renew it${moveHint("lb02", "lb01")}`;
  const hintOf = (standby: Answer, own: Partial<NodeInstance> = {}) =>
    judge(view({
      peers: [peer("lb02", standby)],
      rehearsal: [{ ...finding("serves_less", "lb01"), hint }],
    }, own)).reasons.find(({ code }) => code === "serves_less")!.hint;
  assert.equal(hintOf({}), "renew it; until then lb02 would serve more: vipd demote --all on lb01");
  const demoted = { override: "demoted", priority: { configured: 200, effective: 1 } } as const;
  const release = "renew it; until then lb02 would serve more: vipd release VI_1 on lb02";
  const both = `${release}, then vipd demote VI_1 on lb01`;
  assert.equal(hintOf(demoted), release);
  assert.equal(hintOf({ ...demoted, preempt: false }), both);
  assert.equal(hintOf({ ...demoted, priority: { configured: 100, effective: 1 } }), both);
  assert.equal(hintOf(demoted, { override: "promoted" }), both);
  const unable: readonly Answer[] = [
    null,
    { state: "fault", faults: ["eth1 is down"] },
    { priority: { configured: 100, effective: 1 } },
  ];
  for (const standby of unable) assert.equal(hintOf(standby), "renew it");
});

Deno.test("a node in fault is no remedy for a master that does not answer clients", () => {
  const hintOf = (changes: Partial<NodeInstance>) =>
    judge(view({ peers: [peer("lb02", { client_check: failed, ...changes })] }))
      .reasons.find(({ code }) => code === "holder_silent")!.hint;
  assert.match(hintOf({}), /\? If that takes time: `vipd promote VI_1` on lb02$/);
  assert.match(hintOf({ state: "fault", faults: ["check nginx is down"] }), /address\?$/);
});

Deno.test("only vipd pair makes a node reload that refuses and has never answered", () => {
  const refused = peer("lb02", null, "no", null, "refused");
  const never = { ...refused, version: null };
  const hint = (node: PairNode) => silenceReason(view(), node)!.hint;
  assert.match(hint(refused), /^start it on lb02: /);
  assert.match(hint(never), /^vipd reload on lb02 if it runs; else start it on lb02: /);
  const heard = (node: PairNode) => judge(view({ peers: [node] }, backupHere)).reasons[0]!.hint;
  assert.match(heard(refused), /reach beyond that machine\?$/);
  assert.match(heard(never), /reach beyond that machine\? After vipd pair: vipd reload there$/);
});

Deno.test("where the firewall's rule is known, the reason names it and its remedy is certain", () => {
  const remedy = (node: string) =>
    `on ${node}: \`nft x\` lets them pass, ahead of what drops them (ip t c); write that into ` +
    "the firewall's own configuration, too";
  const [deaf] = judge(view({
    peers: [peer("lb02", { adverts_missing: true, adverts_dropped_by: RULES })],
  })).reasons;
  assert.deepEqual(deaf, {
    ...{ code: "standby_deaf", node: "lb02", hint: remedy("lb02"), hasRemedy: true },
    message: "lb02 hears no adverts of lb01: its firewall drops them (ip t c)",
  });
  const [two] = judge(
    view({ peers: [peer("lb02", { ...MASTER, adverts_dropped_by: RULES })] }),
  ).reasons;
  assert.deepEqual(two, {
    ...{ code: "two_holders", node: null, hint: remedy("lb02"), hasRemedy: true },
    holdMs: 500,
    message: "lb01 and lb02 are master at the same time: the firewall of lb02 drops VRRP (ip t c)",
  });
  const blocked = (changes: Partial<NodeInstance>) => blockedReason(peer("lb02", changes));
  assert.deepEqual(blocked({ adverts_blocked: "EPERM (of nft)", adverts_dropped_by: RULES }), {
    ...{ code: "adverts_blocked", node: "lb02", hint: remedy("lb02"), hasRemedy: true },
    message: "the adverts of lb02 do not leave it: EPERM (ip t c)",
  });
  assert.match(blocked({ adverts_blocked: "EPERM" })!.hint, /^let protocol 112 out on lb02/);
  assert.match(blocked({ adverts_blocked: "ENOBUFS" })!.hint, /^`nft list ruleset` on lb02 shows/);
  assert.equal(blocked({}), null);
});

Deno.test("one remedy of a fault stands alone, and a weight is computed", () => {
  const hint = (facts: PairView) => judge(facts).reasons[0]!.hint;
  const fault = { state: "fault" as const, master: null, faults: ["interface eth1 is down"] };
  assert.equal(
    hint(view({ peers: [peer("lb02", { state: "fault", master: null })] }, fault)),
    "`ip link set eth1 up` on lb01, if it is to be there",
  );
  assert.match(
    hint(view({ lowestPriority: 100 })),
    /^give a track on lb01 a weight of -51 or less, /,
  );
});

Deno.test("a standby that would ask itself is to lose the address, another one to be asked otherwise", () => {
  const hint = (client_check_unknown: string) =>
    judge(view({ peers: [peer("lb02", { client_check_unknown })] })).reasons[0]!.hint;
  assert.match(hint("it is on lo, so it would ask itself"), /^remove that address from lb02, /);
  assert.match(hint("no answer"), /^does the service on lb01 answer there\?/);
});

Deno.test("a front that asks nobody is one reason: that the address is not asked follows from it", () => {
  const unknown = (why: string) => ({ ...BACKUP, client_check_unknown: why });
  const about = { name: "lb02", reachable: false, version: null };
  const notAsked = peerNode({ ...about, error: null }, null);
  const unreadable = peerNode({ ...about, error: "EACCES", error_cause: "not_asked" }, null);
  const ofFront = "vipd-front has not asked tcp x of late";
  const rows: [peer: PairNode, why: string, codes: string[]][] = [
    [notAsked, ofFront, ["peer_not_asked"]],
    [notAsked, "tcp x has not answered once: refused", ["peer_not_asked", "client_check_unknown"]],
    [unreadable, ofFront, ["peer_not_asked", "client_check_unknown"]],
    [peer("lb02", MASTER), ofFront, ["client_check_unknown"]],
  ];
  for (const [lb02, why, codes] of rows) {
    const { reasons, ready } = judge(view({ peers: [lb02], heardPeer: "lb02" }, unknown(why)));
    assert.deepEqual([reasons.map(({ code }) => code), ready], [codes, []]);
  }
});

Deno.test("a peer answers if it is reachable and nothing failed", () => {
  const known = { name: "lb02", version: null, clock_offset_ms: 0 };
  const rows: [reachable: boolean, error: string | null, contact: string, text: string][] = [
    [true, null, "answers", ""],
    [true, "no", "silent", "no"],
    [false, "no", "silent", "no"],
    [false, null, "not_asked", "it was not asked of late"],
  ];
  for (const [reachable, error, contact, text] of rows) {
    const node = peerNode({ ...known, reachable, error }, null);
    assert.deepEqual([node.contact, node.error], [contact, text]);
  }
});

Deno.test("a remedy names the instance and the node of its command", () => {
  const hints = (facts: PairView) => judge(facts).reasons.map(({ hint }) => hint);
  const silent = view({ peers: [peer("lb02", { client_check: failed })] });
  assert.match(hints(silent)[0]!, /`vipd promote VI_1` on lb02$/);
  const stray = view({ peers: [peer("lb02", { address_on_backup: null })] });
  assert.match(hints(stray)[0]!, /vipd status on lb02$/);
  const known = { address: "192.168.31.5", device: "lo" };
  assert.match(
    hints(view({ peers: [peer("lb02", { address_on_backup: known })] }))[0]!,
    /^on lb02: `ip address del 192\.168\.31\.5\/24 dev lo`, and take it out of/,
  );
  const link = { state: "fault" as const, master: null, faults: ["interface eth1 is down"] };
  assert.match(
    hints(view({ peers: [peer("lb02", link)] }, link))[0]!,
    /^`ip link set eth1 up` on lb01, if it is to be there; `ip link set eth1 up` on lb02/,
  );
  const lowered = (cause: string) =>
    view({
      peers: [peer("lb02", {
        priority: { configured: 100, effective: 40 },
        lowered_by: [cause],
      })],
    });
  assert.match(
    hints(lowered("check nginx is down"))[0]!,
    /^repair what check nginx looks at; `vipd status` on lb02 has its last result$/,
  );
  assert.match(hints(lowered("held back: it came and went"))[0]!, /vipd promote VI_1 there/);
});

Deno.test("what a node says of itself names it to readers on the other one", () => {
  const said = asSaidOf(
    "lb01",
    "192.168.31.12 is master too and does not yield to this node's 150: it does not hear our adverts",
  );
  assert.equal(
    said,
    "192.168.31.12 is master too and does not yield to lb01's 150: it does not hear lb01's adverts",
  );
  assert.equal(asSaidOf("lb01", "here: `nft x`"), "`nft x`");
  const conflict = {
    ...CONFLICT,
    alarm: "split_brain_address",
    message: "another master answers; this node keeps it",
    hint: "if this node's firewall drops them, let them in",
  };
  const [reason] = judge(view({ peers: [] }, { address_conflict: conflict })).reasons
    .filter(({ code }) => code === "two_holders");
  assert.match(reason!.message, /answers; lb01 keeps it$/);
  assert.equal(reason!.hint, "on lb01: if lb01's firewall drops them, let them in");
});
