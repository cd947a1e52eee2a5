import assert from "node:assert/strict";
import { engineRestarts } from "../../../src/daemon/service/engine_restarts.ts";
import type { JournalEntry } from "../../../src/status/journal.ts";

const MINUTE_MS = 60_000;

/** One entry a minute, from the epoch on. */
function journal(...codes: string[]): JournalEntry[] {
  return codes.map((code, index) => ({
    id: index + 1,
    time: new Date(index * MINUTE_MS).toISOString(),
    severity: "notice",
    code,
    message: `it was ${code}`,
  }));
}

const KILLED = "it was killed: its journal ends without a farewell";

const STOPPED = "it was stopped";

Deno.test("a run that does not end with its farewell was a restart; the last end has its reason", () => {
  const cases: [codes: string[], restarts: number, reason: string | null][] = [
    [[], 0, null],
    [["started", "state_changed", "stopping", "stopped"], 0, STOPPED],
    [["started", "state_changed"], 1, KILLED],
    [["started", "crashed"], 1, "it was crashed"],
    [["started", "stopping"], 1, "it was stopping"],
    [["started", "stopped", "started", "state_changed", "started", "stopped"], 1, STOPPED],
    [["started", "stopped", "started", "state_changed"], 1, KILLED],
    [["started", "started", "started"], 3, KILLED],
    // `vipd goodbye` and the next engine know that it died, and not why.
    [["started", "crashed", "engine_died", "engine_died", "started"], 2, KILLED],
    [["started", "crashed", "engine_died"], 1, "it was crashed"],
    // A run may have something to say of its configuration before it starts.
    [["started", "stopped", "lease_long", "started", "stopped", "lease_long"], 0, STOPPED],
    [["started", "stopped", "lease_long", "started", "lease_long", "started"], 2, KILLED],
    // The journal keeps a thousand entries: the first run may have lost its beginning.
    [["state_changed", "stopped", "started", "stopped"], 0, STOPPED],
  ];
  for (const [codes, restarts, reason] of cases) {
    const found = engineRestarts(journal(...codes), 0);
    assert.deepEqual([found.restarts, found.last?.reason ?? null], [restarts, reason], `${codes}`);
  }
});

Deno.test("what ended before the machine started is no restart", () => {
  const entries = journal("started", "state_changed", "started", "state_changed");
  assert.equal(engineRestarts(entries, 0).restarts, 2);
  assert.deepEqual(engineRestarts(entries, 2 * MINUTE_MS), {
    restarts: 1,
    last: { at: new Date(3 * MINUTE_MS).toISOString(), reason: KILLED },
  });
  assert.deepEqual(engineRestarts(entries, 4 * MINUTE_MS), { restarts: 0, last: null });
});
