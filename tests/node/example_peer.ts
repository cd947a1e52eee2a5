/** A peer that is the backup of the example in tests/api/fake_backend.ts. */

import type { PeerInstanceStatus, PeerStatus } from "../../src/node/status.ts";

export function examplePeer(
  instance: Partial<PeerInstanceStatus> = {},
  changes: Partial<PeerStatus> = {},
): PeerStatus {
  return {
    name: "lb02",
    url: "http://lb02:9112",
    reachable: true,
    error: null,
    last_seen: "2026-03-01T10:03:20.000Z",
    node: "lb02",
    version: "0.1.0",
    instances: [{
      name: "VI_1",
      interface: "eth1",
      vrid: 55,
      family: "ipv4",
      version: 2,
      state: "backup",
      handing_over: false,
      priority: { configured: 100, effective: 100 },
      advert_interval_ms: 1000,
      preempt: true,
      authentication: "pass",
      addresses: ["192.168.31.5/24"],
      master: { address: "192.168.31.11", priority: 90 },
      faults: [],
      override: null,
      ...instance,
    }],
    ...changes,
  };
}
