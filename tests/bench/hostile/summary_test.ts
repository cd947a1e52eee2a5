import assert from "node:assert/strict";
import { type Cells, tableText } from "../markdown_table.ts";
import { HOSTILE_HEAD, HOSTILE_MARKERS } from "./report.ts";
import type { HostileRow } from "./row.ts";
import { SUMMARY_MARKERS, summaryLine, updateSummary } from "./summary.ts";

function row(title: string, onTimeMs = 130): HostileRow {
  const take = () => Promise.reject(new Error("not needed"));
  return { name: title, title, onTimeMs, besides: [], take };
}

/** A line of the hostile table, which is met but for what is given. */
function line(
  title: string,
  { elections = "0", gap = "105.0 ms", control = "104.0 ms", peak = "33.0 MB", met = "yes" },
): Cells {
  const memory = `32.0 MB, 32.0 MB, 32.0 MB; at most ${peak}`;
  return [title, "5 of 30 s", elections, gap, control, memory, "", met];
}

const NOT_MEASURED: Cells = ["b", "", "", "", "", "", "not measured", ""];

const MET = {
  measured: "2 of 2",
  elections: "0",
  gap: "105.0 ms",
  control: "104.0 ms",
  memory: "33.0 MB",
  notMet: "0",
};

Deno.test("a group's line has the worst of its rows", () => {
  const cases: [what: string, table: Cells[], want: Partial<typeof MET>][] = [
    ["all of them met", [line("a", {}), line("b", {})], {}],
    ["a longer gap in one of five runs, next to its own control", [
      line("a", { gap: "109.0 ms" }),
      line("b", { gap: "102.3 ms (101.1 to 116.0 ms)", control: "101.3 ms (101.1 to 104.7 ms)" }),
    ], { gap: "116.0 ms", control: "104.7 ms" }],
    ["a run in seconds", [line("a", { gap: "104.0 ms (101.0 ms to 1.02 s)" }), line("b", {})], {
      gap: "1.02 s",
    }],
    ["no advert any more", [line("a", { gap: "> NaN ms" }), line("b", {})], { gap: "no advert" }],
    ["the most memory", [line("a", { peak: "105.2 MB" }), line("b", { peak: "99.0 MB" })], {
      memory: "105.2 MB",
    }],
    ["an engine that ended", [line("a", { peak: "105.2 MB" }), line("b", { peak: "its end" })], {
      memory: "its end",
    }],
    ["targets that are missed", [
      line("a", { met: "no (1 of 5): memory", elections: "0 (0 to 2)" }),
      line("b", { met: "no: elections, memory", elections: "1" }),
    ], { elections: "2", notMet: "2: memory, elections" }],
    ["a row that was not measured", [line("a", {}), NOT_MEASURED], { measured: "1 of 2" }],
    ["a row that is not there", [line("a", {})], { measured: "1 of 2" }],
    ["a row without a control", [line("a", {}), line("b", { gap: "107.0 ms", control: "" })], {
      measured: "2 of 2, 1 without a control",
      gap: "107.0 ms",
      control: "none",
    }],
    ["nothing measured", [NOT_MEASURED], {
      measured: "0 of 2",
      elections: "",
      gap: "",
      control: "",
      memory: "",
      notMet: "",
    }],
  ];
  const group = { title: "loads", rows: [row("a"), row("b")] };
  for (const [what, table, want] of cases) {
    const cells = ["loads", ...Object.values({ ...MET, ...want })];
    assert.deepEqual(summaryLine(group, table), cells, what);
  }
});

Deno.test("of adverts at different intervals, the gap that is latest for its own is the longest", () => {
  const group = { title: "claims", rows: [row("a", 130), row("b", 1030)] };
  const table = [line("a", { gap: "129.0 ms" }), line("b", { gap: "1.02 s", control: "1.00 s" })];
  assert.deepEqual(summaryLine(group, table).slice(3, 5), ["129.0 ms", "104.0 ms"]);
});

Deno.test("the document has a line for each group, and none of a former one", () => {
  const former = tableText([["loads", "measured"], ["former", "1 of 1"]]);
  const security =
    `# Security\n\n${SUMMARY_MARKERS.begin}\n\n${former}\n\n${SUMMARY_MARKERS.end}\n`;
  const table = tableText([HOSTILE_HEAD, line("a", {})]);
  const performance = `${HOSTILE_MARKERS.begin}\n\n${table}\n\n${HOSTILE_MARKERS.end}\n`;
  const written = updateSummary(security, performance, [{ title: "loads", rows: [row("a")] }]);
  assert.match(written, /^# Security\n\n<!--.*-->\n\n\| loads \| measured \|/);
  assert.match(written, /\n\| loads \| 1 of 1 {3}\| 0 {9}\| 105\.0 ms {4}\| 104\.0 ms \|/);
  assert.doesNotMatch(written, /former/);
});
