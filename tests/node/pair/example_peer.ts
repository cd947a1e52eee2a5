/** A peer that is the backup of the example in tests/front/fake_backend.ts. */

import { STATUS_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import type { PeerInstanceStatus, PeerStatus } from "../../../src/status/status.ts";

export function examplePeer(
  instance: Partial<PeerInstanceStatus> = {},
  changes: Partial<PeerStatus> = {},
): PeerStatus {
  const [peer] = structuredClone(STATUS_EXAMPLE.peers);
  const seen = { url: "http://lb02:9112", last_seen: "2026-03-01T10:03:20.000Z" };
  return { ...peer!, ...seen, instances: [{ ...peer!.instances[0]!, ...instance }], ...changes };
}
