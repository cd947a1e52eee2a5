import assert from "node:assert/strict";
import { type AlarmCode, causeOf } from "../../../src/status/codes/alarms.ts";

Deno.test("of the alarms with one cause the most certain has rank 0, as one with a cause of its own", () => {
  const rows: [AlarmCode, AlarmCode, number][] = [
    ["vrid_differs", "vrid_differs", 0],
    ["split_brain_peer", "vrid_differs", 1],
    ["address_conflict", "vrid_differs", 3],
    ["own_address", "address_on_backup", 1],
    ["peer_config_differs", "peer_config_differs", 0],
    ["resource_refused", "adverts_not_sent", 0],
    ["fault", "adverts_not_sent", 1],
    ["flapping", "flapping", 0],
  ];
  for (const [code, first, rank] of rows) {
    assert.deepEqual(causeOf(code), { ...causeOf(first), rank }, code);
    assert.equal(causeOf(first).rank, 0, first);
  }
});
