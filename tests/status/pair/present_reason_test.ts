import assert from "node:assert/strict";
import { presentReason, type ReasonNode } from "../../../src/status/pair/present_reason.ts";
import type { InstanceStatus, PeerInstanceStatus, PeerStatus } from "../../../src/status/status.ts";
import { exampleInstance } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";

const LB01 = "192.168.31.11";
const LB02 = "192.168.31.12";
const LB03 = "192.168.31.13";
const CLOCK = (time: string) => time.slice(11, 16);

function priority(effective: number, ...lowered: string[]): InstanceStatus["priority"] {
  const reasons = lowered.map((what) => ({ what, change: -60 }));
  return { configured: 150, effective, reasons };
}

function order(kind: "promoted" | "demoted" | "priority", until: string | null = null) {
  return { kind, priority: 120, since: "2026-03-01T10:00:00.000Z", until };
}

const UNTIL = "2026-03-01T14:05:00.000Z";

/** A backup with priority 100 below lb02, whose API says so, with 150. */
function backup(changes: Partial<InstanceStatus> = {}): InstanceStatus {
  return exampleInstance({
    ...{ state: "backup", priority: priority(100) },
    master: { address: LB02, priority: 150 },
    ...changes,
  });
}

function master(changes: Partial<InstanceStatus> = {}): InstanceStatus {
  return exampleInstance({
    priority: priority(150),
    master: { address: LB01, priority: 150 },
    ...changes,
  });
}

const SERVES = examplePeer({
  ...{ state: "master", priority: { configured: 150, effective: 150 } },
  master: { address: LB02, priority: 150 },
});
const ALSO = examplePeer({
  ...{ state: "master", priority: { configured: 150, effective: 150 } },
  master: { address: LB03, priority: 150 },
});
const STANDBY = (changes: Partial<PeerInstanceStatus> = {}) => examplePeer(changes);
const SILENT: PeerStatus = examplePeer({}, { reachable: false, instances: [] });

const CASES: readonly (readonly [
  name: string,
  instance: InstanceStatus,
  peers: readonly PeerStatus[],
  want: string,
])[] = [
  ["a weaker backup", backup(), [SERVES], "lb02 has the higher priority (150 > 100)"],
  [
    "a backup whose peer's API is silent",
    backup(),
    [SILENT],
    `${LB02} has the higher priority (150 > 100)`,
  ],
  [
    "a backup that a check has lowered",
    backup({ priority: priority(90, "check nginx is down") }),
    [SERVES],
    "lb02 has the higher priority (150 > 90: check nginx is down)",
  ],
  [
    "a backup that one thing has lowered and others have not",
    backup({
      priority: {
        ...priority(90, "check nginx is down"),
        reasons: [
          { what: "check nginx is down", change: -1 },
          { what: "check a is up", change: 0 },
          { what: "check b is up", change: 10 },
        ],
      },
    }),
    [SERVES],
    "lb02 has the higher priority (150 > 90: check nginx is down)",
  ],
  [
    "a backup of two masters, of which it hears the second",
    backup({ master: { address: LB03, priority: 150 } }),
    [SERVES, { ...ALSO, name: "lb03" }],
    "lb03 has the higher priority (150 > 100)",
  ],
  [
    "a backup of a master that does not name its address yet",
    backup(),
    [examplePeer({ state: "master", master: null })],
    "lb02 has the higher priority (150 > 100)",
  ],
  [
    "a backup of two such masters",
    backup(),
    [
      examplePeer({ state: "master", master: null }),
      { ...examplePeer({ state: "master", master: null }), name: "lb03" },
    ],
    `${LB02} has the higher priority (150 > 100)`,
  ],
  [
    "a backup that an order has lowered",
    backup({ override: order("priority"), priority: priority(120) }),
    [SERVES],
    "lb02 has the higher priority (150 > 120: priority 120 set manually)",
  ],
  [
    "a backup that does not preempt",
    backup({ preempt: false, priority: priority(200) }),
    [SERVES],
    "preempt is off and lb02 serves (150 < 200)",
  ],
  [
    "a backup that is about to take over",
    backup({ priority: priority(200) }),
    [SERVES],
    "has not taken over from lb02 yet (150 < 200)",
  ],
  [
    "a backup within preempt_delay",
    backup({
      priority: priority(200),
      timers: { ...exampleInstance().timers, preempt_delay_ms: 90_000 },
    }),
    [SERVES],
    "has not taken over from lb02 yet (150 < 200, preempt_delay is 90 s)",
  ],
  [
    "an equal backup",
    backup({ priority: priority(150) }),
    [SERVES],
    "lb02 serves with the same priority (150)",
  ],
  [
    "a demoted backup",
    backup({ override: order("demoted"), priority: priority(1) }),
    [SERVES],
    "demoted manually; lb02 serves",
  ],
  [
    "a demoted backup with an end",
    backup({ override: order("demoted", UNTIL), priority: priority(1) }),
    [SERVES],
    "demoted manually until 14:05; lb02 serves",
  ],
  [
    "a demoted backup alone",
    backup({ override: order("demoted"), master: null }),
    [],
    "demoted manually; no master is heard",
  ],
  ["a backup that hears nobody", backup({ master: null }), [SERVES], "no master is heard yet"],
  ["a master alone", master(), [], "no other master is heard"],
  ["a master whose peer's API is silent", master(), [SILENT], "no other master is heard"],
  ["a stronger master", master(), [STANDBY()], "has the highest priority (150 > 80)"],
  [
    "a master above two",
    master(),
    [
      STANDBY(),
      { ...STANDBY({ priority: { configured: 120, effective: 120 } }), name: "lb03" },
    ],
    "has the highest priority (150 > 120)",
  ],
  [
    "a master above a peer in fault",
    master(),
    [STANDBY({ state: "fault", faults: ["check nginx is down"] })],
    "no other node is ready: lb02 is in fault: check nginx is down",
  ],
  [
    "a master whose peer has another VRID",
    master(),
    [STANDBY({ vrid: 56 })],
    "no other node is ready: lb02 has no such instance",
  ],
  [
    "a master and an equal",
    master(),
    [STANDBY({ priority: { configured: 150, effective: 150 } })],
    "lb02 has the same priority (150) and does not take over",
  ],
  [
    "a weaker master whose peer does not preempt",
    master({ priority: priority(90) }),
    [STANDBY({ preempt: false, priority: { configured: 100, effective: 100 } })],
    "preempt is off on lb02, which has the higher priority (100 > 90)",
  ],
  [
    "a weaker master",
    master({ priority: priority(90) }),
    [STANDBY({ priority: { configured: 100, effective: 100 } })],
    "lb02 has not taken over yet (100 > 90)",
  ],
  ["two masters", master(), [STANDBY({ state: "master" })], "lb02 is master too (150, 80 there)"],
  ["an owner", master({ priority: priority(255) }), [], "owns the addresses (priority 255)"],
  [
    "a promoted master",
    master({ override: order("promoted", UNTIL) }),
    [STANDBY()],
    "promoted manually until 14:05",
  ],
  [
    "a master that hands over",
    master({ handing_over: true }),
    [STANDBY()],
    "hands over, and serves until the next master is heard",
  ],
  [
    "a fault",
    backup({ state: "fault", faults: ["check nginx is down", "interface eth1 is down"] }),
    [SERVES],
    "check nginx is down; interface eth1 is down",
  ],
  ["a fault without cause", backup({ state: "fault" }), [], "cause unknown"],
  [
    "an instance that waits for its first results",
    backup({ state: "init", faults: ["check nginx has no result yet"] }),
    [],
    "check nginx has no result yet",
  ],
  ["an instance that starts", backup({ state: "init" }), [], "vipd starts or stops"],
];

for (const [name, instance, peers, want] of CASES) {
  Deno.test(`the reason now of ${name}`, () => {
    const node: ReasonNode = { instances: [instance], peers: [...peers] };
    assert.equal(presentReason(instance, node, CLOCK), want);
  });
}

Deno.test("the reason now of a member is the one of its sync group that is weaker", () => {
  const strong = backup({ name: "front", sync_group: "SG", priority: priority(200) });
  const weak = backup({ name: "back", sync_group: "SG", priority: priority(90) });
  const node = { instances: [strong, weak], peers: [SERVES] };
  const text = presentReason(strong, node, CLOCK);
  assert.equal(text, "goes with back of its sync group (150 > 90)");
});

Deno.test("the reason now of a member is no other one that is as strong as its master", () => {
  const strong = backup({ name: "front", sync_group: "SG", priority: priority(200) });
  const equal = backup({ name: "back", sync_group: "SG", priority: priority(150) });
  const node = { instances: [strong, equal], peers: [SERVES] };
  assert.equal(presentReason(strong, node, CLOCK), "has not taken over from lb02 yet (150 < 200)");
});

Deno.test("the reason now of an instance without a sync group is no other one without", () => {
  const strong = backup({ name: "front", sync_group: null, priority: priority(200) });
  const weak = backup({ name: "back", sync_group: null, priority: priority(90) });
  const node = { instances: [strong, weak], peers: [SERVES] };
  assert.equal(presentReason(strong, node, CLOCK), "has not taken over from lb02 yet (150 < 200)");
});

Deno.test("the reason now of a member is no instance of another sync group", () => {
  const strong = backup({ name: "front", sync_group: "SG", priority: priority(200) });
  const stranger = backup({ name: "back", sync_group: "OTHER", priority: priority(90) });
  const node = { instances: [strong, stranger], peers: [SERVES] };
  assert.equal(presentReason(strong, node, CLOCK), "has not taken over from lb02 yet (150 < 200)");
});
