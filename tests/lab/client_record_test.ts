import assert from "node:assert/strict";
import { type ClientRecord, summarize } from "../../lab/client_record.ts";

function record(sentAtMs: number, loadBalancer: string | null): ClientRecord {
  return {
    sentAtMs,
    tookMs: 1,
    answer: loadBalancer === null ? null : { loadBalancer, backend: "web01" },
    error: loadBalancer === null ? "refused" : null,
    completeUntilMs: sentAtMs + 1,
  };
}

Deno.test("a report counts what was sent in its span and who answered", () => {
  const records = [
    ...[record(0, "lb01"), record(100, "lb01"), record(120, null)],
    ...[record(140, "lb02"), record(160, "lb02"), record(200, "lb03")],
  ];
  const report = summarize(records, 100, 200);
  assert.equal(report.sent, 4);
  assert.equal(report.failed, 1);
  assert.deepEqual(report.loadBalancers, ["lb01", "lb02"]);
  assert.deepEqual(report.errors, { refused: 1 });
});

Deno.test("a report's longest gap", async (t) => {
  const cases: { name: string; records: ClientRecord[]; want: number }[] = [
    {
      name: "between two answers",
      records: [record(90, "a"), record(130, "a"), record(190, "a")],
      want: 60,
    },
    {
      name: "from an answer before the span",
      records: [record(20, "a"), record(150, "a")],
      want: 130,
    },
    {
      name: "to the end of the span",
      records: [record(100, "a"), record(110, "a"), record(120, null)],
      want: 89,
    },
    {
      name: "from the first request of all",
      records: [record(150, null), record(180, "a")],
      want: 31,
    },
    {
      name: "when nothing was answered",
      records: [record(100, null), record(110, null)],
      want: 100,
    },
  ];
  for (const { name, records, want } of cases) {
    await t.step(name, () => assert.equal(summarize(records, 100, 200).longestGapMs, want));
  }
});
