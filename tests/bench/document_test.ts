import assert from "node:assert/strict";
import { assertFresh } from "../docs/fresh.ts";
import { HOSTILE_MARKERS } from "./hostile/report.ts";
import { updateSummary } from "./hostile/summary.ts";
import { readTable } from "./markdown_table.ts";
import { MARKERS } from "./report.ts";
import { SCENARIOS } from "./scenarios.ts";
import { HOSTILE_GROUPS, HOSTILE_ROWS } from "./scenarios/hostile/rows.ts";

const [PERFORMANCE, COMPARISON] = await Promise.all(
  ["performance.md", "vipd-or-keepalived.md"].map((name) =>
    Deno.readTextFile(new URL(`../../docs/${name}`, import.meta.url))
  ),
);

const figures = new Map(
  readTable(PERFORMANCE!, MARKERS).map(([title, ...cells]) => [title!, cells]),
);

Deno.test("docs/performance.md has a row for everything that the bench measures, and for nothing else", () => {
  const all = SCENARIOS.flatMap((scenario) => scenario.figures);
  assert.deepEqual([...figures.keys()], all.map(({ title }) => title));
  assert.deepEqual(
    readTable(PERFORMANCE!, HOSTILE_MARKERS).map(([title]) => title),
    HOSTILE_ROWS.map(({ title }) => title),
  );
});

Deno.test("docs/security.md sums up the hostile loads of docs/performance.md", async () => {
  await assertFresh(
    new URL("../../docs/security.md", import.meta.url),
    (present) => updateSummary(present, PERFORMANCE!, HOSTILE_GROUPS),
    "tests/bench/document_test.ts",
  );
});

/** The beginning of each row of the comparison, and the figures that its cells repeat, in order. */
const REPEATED: readonly (readonly [row: string, titles: readonly string[]])[] = [
  ["clean stop", ["clean stop: address silent"]],
  ["demote, promote", ["demote (keepalived: lower priority, reload): address silent"]],
  ["promote (", ["promote: until it serves"]],
  ["nginx killed", ["nginx killed: until the other node serves the address"]],
  ["requests lost", [
    "requests lost in 20 demotes and promotes (keepalived: stops and starts)",
    "requests asked in that time",
  ]],
  ["node vanishes", [
    "node vanishes, version 2, 1 s: backup's first advert beyond Master_Down_Interval",
  ]],
  ["daemon killed: two", ["daemon killed: two holders"]],
  ["daemon killed: no", ["daemon killed: no holder"]],
  ["daemon killed under", [
    "daemon killed, then vipd goodbye: until the other node holds the address",
  ]],
  ["one instance", [
    "one instance: processor, share of a core",
    "one instance: memory (PSS)",
  ]],
  ["250 instances", [
    "250 instances, version 3, 0.1 s: processor, share of a core",
    "250 instances, version 3, 0.1 s: memory (PSS)",
  ]],
  ["1000 instances", [
    "1000 instances on 4 interfaces, version 3, 1 s: start until all are master",
    "1000 instances on 4 interfaces, version 3, 1 s: processor, share of a core",
  ]],
];

/** The numbers of a cell as they are written, without those in parentheses. */
function numbers(cell: string): string[] {
  return cell.replace(/\(.*\)/, "").match(/-?\d+(\.\d+)?/g) ?? [];
}

Deno.test("the comparison with keepalived repeats the figures of docs/performance.md, rounded", async (t) => {
  const repeated = readTable(COMPARISON!, { begin: "## Measured", end: "[performance.md]" });
  assert.equal(repeated.length, REPEATED.length);
  for (const [index, [row, titles]] of REPEATED.entries()) {
    await t.step(row, () => {
      const [title, ...cells] = repeated[index]!;
      assert.ok(title!.startsWith(row), title);
      for (const brand of [0, 1]) {
        const shown = numbers(cells[brand]!);
        const measured = titles.map((name) => figures.get(name)![brand]!);
        assert.equal(shown.length, measured.length, cells[brand]);
        for (const [at, text] of shown.entries()) {
          const exact = Number(numbers(measured[at]!)[0]);
          const half = 0.5 * 10 ** -(text.split(".")[1]?.length ?? 0);
          assert.ok(Math.abs(Number(text) - exact) <= half + 1e-9, `${text}: ${measured[at]}`);
        }
      }
    });
  }
});
