import assert from "node:assert/strict";
import {
  type FigureResult,
  formatValue,
  lineOf,
  markdownTable,
  MARKERS,
  updateDocument,
} from "./report.ts";
import { atMost, type Figure, never, timesKeepalived, type Unit } from "./scenario.ts";
import { gaps, quantile, summary } from "./statistics.ts";

const MEASURE = "keepalived 2.2.7";
const SILENT: Figure = { id: "stop", title: "silent", unit: "ms", target: atMost(5, "5 ms") };

function result(figure: Figure, vipd: number[], keepalived: number[]): FigureResult {
  return { figure, values: { vipd, keepalived } };
}

Deno.test("a quantile lies between the two nearest values", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
  assert.equal(quantile([5], 0.99), 5);
  assert.equal(quantile([Infinity, Infinity, 1], 0.5), Infinity);
  assert.ok(Number.isNaN(quantile([], 0.5)));
  assert.deepEqual(summary([2, 9, 1]), { median: 2, min: 1, max: 9, sum: 12 });
});

Deno.test("what does not come any more is a gap until the end", () => {
  assert.deepEqual(gaps([1, 3, 6], 7), [2, 3, 1]);
  assert.deepEqual(gaps([1], 9), [8]);
  assert.deepEqual(gaps([], 9), []);
});

Deno.test("values are written with their unit", () => {
  const cases: [number, Unit, number | undefined, string][] = [
    [0, "ms", undefined, "0.0 ms"],
    [999.96, "ms", undefined, "1000.0 ms"],
    [3611.9, "ms", undefined, "3.61 s"],
    [15_000, "ms", undefined, "15.0 s"],
    [Infinity, "ms", 15_000, "> 15.0 s"],
    [0.9, "%", undefined, "0.90 %"],
    [76.72, "MB", undefined, "76.7 MB"],
    [4000, "count", undefined, "4000"],
  ];
  for (const [value, unit, watched, written] of cases) {
    assert.equal(formatValue(value, unit, watched), written);
  }
});

Deno.test("a line has the median, the spread, the ratio and whether the target is met", () => {
  assert.deepEqual(lineOf(result(SILENT, [1, 3, 2], [610, 620, 615])), {
    title: "silent",
    vipd: "2.0 ms (1.0 to 3.0 ms)",
    keepalived: "615.0 ms (610.0 to 620.0 ms)",
    ratio: "0.003",
    target: "≤ 5 ms",
    met: "yes",
  });
  const slow = lineOf(result(SILENT, [6], []));
  assert.deepEqual([slow.vipd, slow.keepalived, slow.ratio, slow.met], ["6.0 ms", "", "", "no"]);
  const missing = lineOf(result(SILENT, [], [1]));
  assert.deepEqual([missing.vipd, missing.met], ["not measured", ""]);
});

Deno.test("a target may be a share of what keepalived needs in the same runs", () => {
  const cpu: Figure = { id: "cpu", title: "cpu", unit: "%", target: timesKeepalived(0.7) };
  assert.equal(lineOf(result(cpu, [6.9], [10])).met, "yes");
  assert.equal(lineOf(result(cpu, [7.1], [10])).met, "no");
  // Without keepalived nothing is proven.
  assert.equal(lineOf(result(cpu, [0.1], [])).met, "no");
});

Deno.test("a median hides nothing that must never happen, and nothing that counts together", () => {
  const lost: Figure = { id: "lost", title: "lost", unit: "count", target: never() };
  assert.equal(lineOf(result(lost, [0, 0, 0], [])).met, "yes");
  assert.equal(lineOf(result(lost, [0, 0, 2], [])).met, "no");
  const fewer: Figure = {
    ...lost,
    target: { text: "≤ keepalived", judged: "sum", met: (vipd, keepalived) => vipd <= keepalived },
  };
  assert.equal(lineOf(result(fewer, [4, 0, 4], [0, 6, 4])).met, "yes");
  assert.equal(lineOf(result(fewer, [0, 0, 2], [0, 0, 0])).met, "no");
  assert.equal(lineOf(result(fewer, [0], [])).met, "no");
});

Deno.test("some figures measured again replace theirs in the document and no others", () => {
  const other: Figure = { ...SILENT, id: "other", title: "other" };
  const added: Figure = { ...SILENT, id: "added", title: "added" };
  const [a, b] = [lineOf(result(SILENT, [1], [600])), lineOf(result(other, [2], [700]))];
  const gone = { ...a, title: "gone" };
  const document = `before\n\n${MARKERS.begin}\n\n${
    markdownTable([a, gone, b], MEASURE)
  }\n\n${MARKERS.end}\n\nafter\n`;
  const [again, more] = [lineOf(result(SILENT, [9], [650])), lineOf(result(added, [3], []))];
  // The order is that of all figures, not that in which they were measured; one that is no more goes.
  const titles = ["silent", "added", "other"];
  const updated = updateDocument(document, [again, more], titles, MEASURE);
  const expected = markdownTable([again, more, b], MEASURE);
  assert.equal(
    updated,
    `before\n\n${MARKERS.begin}\n\n${expected}\n\n${MARKERS.end}\n\nafter\n`,
  );
  assert.throws(() => updateDocument("no table here", [a], titles, MEASURE), /belong there/);
});
