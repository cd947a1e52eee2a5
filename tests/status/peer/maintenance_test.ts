import assert from "node:assert/strict";
import { maintained } from "../../../src/status/peer/maintenance.ts";
import type { InstanceStatus, NodeStatus, PeerStatus } from "../../../src/status/status.ts";
import { exampleInstance, exampleStatus } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";

const DEMOTED: Partial<InstanceStatus> = {
  state: "backup",
  master: { address: "192.168.31.12", priority: 80 },
  override: { kind: "demoted", priority: 1, since: "2026-03-01T10:00:00.000Z", until: null },
};

function node(instance: Partial<InstanceStatus>, peers: readonly PeerStatus[]): NodeStatus {
  return exampleStatus({ instances: [exampleInstance(instance)], peers: [...peers] });
}

const PAIR = { since: "2026-03-01T10:00:00.000Z", served_by: null, ready: [], reasons: [] };
const MASTER = examplePeer({ state: "master" });

/** The master lb02 with what a comparison of rehearsals found about a node. */
function rehearsed(node: string): PeerStatus {
  const message = `${node} would serve 4 of 5 names: a.test is missing`;
  return { ...MASTER, rehearsal: [{ code: "rehearsal_failed", node, message, hint: "h" }] };
}

const BEFORE = "2026-03-01T10:02:59.999Z";
const TAKEOVER = "2026-03-01T10:03:00.000Z";

/** lb02, master since the takeover, whose rehearsal that was compared began then. */
function began(began: string, is_last = true): PeerStatus {
  const master = examplePeer({ state: "master", since: TAKEOVER });
  return { ...master, rehearsal: [], rehearsed: { began, is_last } };
}

/** The master lb02, and a node of whose names some could not be asked for. */
function unasked(node: string): PeerStatus {
  const message = `not all of ${node} is rehearsed: a`;
  return { ...MASTER, rehearsal: [{ code: "not_rehearsed", node, message, hint: "h" }] };
}

const CASES: readonly [what: string, status: NodeStatus, servedBy: string | null, waits: RegExp][] =
  [
    ["the other node says to be master", node(DEMOTED, [MASTER]), "lb02", /^$/],
    ["nobody's API is known, and a master is heard", node(DEMOTED, []), "192.168.31.12", /^$/],
    [
      "the other node's API does not answer, and a master is heard",
      node(DEMOTED, [{ ...MASTER, reachable: false, error: "nobody listens there" }]),
      "192.168.31.12",
      /^the API of lb02 does not answer \(nobody listens there\), so it is not known what its nginx would serve$/,
    ],
    ["this node is master", node({ ...DEMOTED, state: "master" }, []), null, /still master/],
    ["it is not demoted", node({ ...DEMOTED, override: null }, [MASTER]), "lb02", /not demoted/],
    ["nobody is heard", node({ ...DEMOTED, master: null }, []), null, /no other node is known/],
    [
      "the other node does not say so yet",
      node(DEMOTED, [examplePeer({ state: "backup" })]),
      "192.168.31.12",
      /^lb02 does not say yet to be master$/,
    ],
    [
      "the other node hands over itself",
      node(DEMOTED, [examplePeer({ state: "master", handing_over: true })]),
      "192.168.31.12",
      /lb02 does not say yet/,
    ],
    [
      "the master does not answer clients",
      node({
        ...DEMOTED,
        pair: { ...PAIR, verdict: "unserved", sentence: "VI_1 is not served: lb02 is silent" },
      }, [MASTER]),
      "lb02",
      /^unserved: VI_1 is not served: lb02 is silent$/,
    ],
    [
      "the other node's nginx would serve less",
      node(DEMOTED, [rehearsed("lb02")]),
      "lb02",
      /^lb02 would serve 4 of 5 names: a\.test is missing; vipd rehearse on lb02 shows each name$/,
    ],
    [
      "the other node's last rehearsal is older than its takeover",
      node(DEMOTED, [began(BEFORE)]),
      "lb02",
      /^lb02 has not rehearsed since it became master$/,
    ],
    ["it began after the takeover", node(DEMOTED, [began(TAKEOVER)]), "lb02", /^$/],
    [
      "the other node has a newer one",
      node(DEMOTED, [began(TAKEOVER, false)]),
      "lb02",
      /^the last rehearsal of lb02 is not compared yet$/,
    ],
    ["this node's nginx would serve less", node(DEMOTED, [rehearsed("lb01")]), "lb02", /^$/],
    [
      "this node is no standby, which it is not to be",
      node({ ...DEMOTED, pair: { ...PAIR, verdict: "unprotected", sentence: "" } }, [MASTER]),
      "lb02",
      /^$/,
    ],
  ];

for (const [what, status, servedBy, waits] of CASES) {
  Deno.test(`whether a node may go: ${what}`, () => {
    const [standing] = maintained(status);
    assert.equal(standing!.servedBy, servedBy);
    assert.match(standing!.waits ?? "", waits);
  });
}

Deno.test("an answer of the other node from before the maintenance does not count", () => {
  const status = node(DEMOTED, [{ ...began(TAKEOVER), last_seen: TAKEOVER }]);
  const waits = (asked: string) => maintained(status, asked)[0]!.waits;
  assert.equal(waits(TAKEOVER), null);
  assert.equal(
    waits("2026-03-01T10:03:00.001Z"),
    "lb02 has not answered since this maintenance was asked for",
  );
});

const REHEARSED: readonly [what: string, peers: readonly PeerStatus[], said: string | null][] = [
  ["nothing speaks against the other node", [began(TAKEOVER)], null],
  [
    "the other node does not rehearse by itself, or is older",
    [{ ...MASTER, rehearsal: [] }],
    "lb02 does not say whether it has rehearsed since it became master",
  ],
  ["the other node has not rehearsed", [MASTER], "lb02 is not rehearsed"],
  ["not all of it is rehearsed", [unasked("lb02")], "not all of lb02 is rehearsed: a"],
  [
    "not all of this node is rehearsed",
    [{ ...began(TAKEOVER), rehearsal: unasked("lb01").rehearsal }],
    null,
  ],
  ["there is no API", [], "what its nginx serves is not known"],
];

for (const [what, peers, said] of REHEARSED) {
  Deno.test(`a node may go, and it is said what is not rehearsed: ${what}`, () => {
    const [standing] = maintained(node(DEMOTED, peers));
    assert.deepEqual([standing!.waits, standing!.unrehearsed], [null, said]);
  });
}
