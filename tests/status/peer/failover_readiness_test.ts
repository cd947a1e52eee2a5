import assert from "node:assert/strict";
import { failoverReadiness } from "../../../src/status/peer/failover_readiness.ts";
import type { PeerStatus } from "../../../src/status/status.ts";
import { exampleInstance } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";

Deno.test("whether another node can take over is reported with its reason", async (t) => {
  const silent = {
    reachable: false,
    error: "nobody listens there",
    last_seen: "2026-03-01T10:03:20.000Z",
    instances: [],
  };
  const cases: readonly [string, PeerStatus, boolean | null, string][] = [
    ["a backup", examplePeer(), true, "is BACKUP with priority 80"],
    ["a master", examplePeer({ state: "master" }), true, "is MASTER with priority 80"],
    [
      "a backup whose word is from before this node's move",
      examplePeer({}, { last_seen: "2026-03-01T09:00:00.000Z" }),
      true,
      "was BACKUP with priority 80 when it was last asked, before this node changed",
    ],
    [
      "a backup whose word is of the moment of this node's move",
      examplePeer({}, { last_seen: exampleInstance().since }),
      true,
      "is BACKUP with priority 80",
    ],
    [
      "one of last resort",
      examplePeer({ priority: { configured: 100, effective: 2 } }),
      false,
      "serves only if no other node does (priority 2 instead of 100)",
    ],
    [
      "one that a check has left a little more than that",
      examplePeer({ priority: { configured: 100, effective: 3 } }),
      true,
      "is BACKUP with priority 3 instead of 100: what it tracks is not all well",
    ],
    [
      "one that is configured with no more than that",
      examplePeer({ priority: { configured: 2, effective: 2 } }),
      true,
      "is BACKUP with priority 2",
    ],
    [
      "one with a failed check",
      examplePeer({ priority: { configured: 100, effective: 40 } }),
      true,
      "is BACKUP with priority 40 instead of 100: what it tracks is not all well",
    ],
    [
      "one that was promoted",
      examplePeer({
        state: "master",
        priority: { configured: 100, effective: 254 },
        override: "promoted",
      }),
      true,
      "is MASTER with priority 254 instead of 100: promoted manually",
    ],
    [
      "one in fault",
      examplePeer({ state: "fault", faults: ["check nginx failed"] }),
      false,
      "is in fault: check nginx failed",
    ],
    [
      "one that was demoted",
      examplePeer({ override: "demoted" }),
      false,
      "is demoted manually (vipd release there ends that)",
    ],
    ["one of another VRID", examplePeer({ vrid: 56 }), false, "has no instance with VRID 55"],
    [
      "one that does not answer",
      examplePeer({}, silent),
      null,
      "is not reachable, last answered 12 s ago: nobody listens there",
    ],
  ];
  for (const [name, peer, able, text] of cases) {
    await t.step(name, () => {
      const nowMs = Date.parse("2026-03-01T10:03:32.000Z");
      const told = failoverReadiness(exampleInstance(), [peer], nowMs);
      assert.deepEqual(told, [{ peer: "lb02", able, text }]);
    });
  }
});
