import assert from "node:assert/strict";
import { failoverTimes } from "./failover_times.ts";
import { CRASHES, DOCUMENT, rowCells, ROWS } from "./failover_table.ts";

Deno.test("a crash without loss costs between two and three intervals, and Skew_Time", async (t) => {
  // Priority 100: 156/256 of a second in version 2, of an interval in version 3.
  const cases = [
    { version: 2, advertIntervalCs: 100, skewMs: 609.375 },
    { version: 2, advertIntervalCs: 200, skewMs: 609.375 },
    { version: 3, advertIntervalCs: 100, skewMs: 609.375 },
    { version: 3, advertIntervalCs: 10, skewMs: 60.9375 },
  ] as const;
  for (const { version, advertIntervalCs, skewMs } of cases) {
    await t.step(`version ${version}, ${advertIntervalCs} cs`, () => {
      const times = failoverTimes({ version, advertIntervalCs, loss: 0 }, 200);
      const intervalMs = advertIntervalCs * 10;
      assert.ok(times.maxMs <= 3 * intervalMs + skewMs + 1, `${times.maxMs} ms`);
      assert.ok(times.maxMs >= 2.9 * intervalMs + skewMs, `${times.maxMs} ms`);
      assert.ok(Math.abs(times.medianMs - (2.5 * intervalMs + skewMs)) < 0.2 * intervalMs);
      assert.equal(times.splits, 0);
    });
  }
});

Deno.test("the document has the rows that are simulated now", async () => {
  const lines = (await Deno.readTextFile(DOCUMENT)).split("\n")
    .filter((line) => line.startsWith("| version"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assert.equal(lines.length, ROWS.length);
  for (const index of [0, 9, 14]) {
    const row = ROWS[index]!;
    const times = failoverTimes(row.settings, CRASHES);
    assert.deepEqual(lines[index], rowCells(row, times), "stale: run deno task failover-table");
  }
});
