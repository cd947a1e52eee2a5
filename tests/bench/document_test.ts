import assert from "node:assert/strict";
import { assertFresh } from "../docs/fresh.ts";
import { HOSTILE_MARKERS } from "./hostile/report.ts";
import { updateSummary } from "./hostile/summary.ts";
import { readTable } from "./markdown_table.ts";
import { MARKERS } from "./report.ts";
import { SCENARIOS } from "./scenarios.ts";
import { HOSTILE_GROUPS, HOSTILE_ROWS } from "./scenarios/hostile/rows.ts";

const [PERFORMANCE, COMPARISON, INSTALL, README] = await Promise.all(
  ["docs/performance.md", "docs/vipd-or-keepalived.md", "docs/install.md", "README.md"].map((
    name,
  ) => Deno.readTextFile(new URL(`../../${name}`, import.meta.url))),
);
/** The columns of a row of figures, after its title. */
const [VIPD, KEEPALIVED] = [0, 1];
const MEMORY = "one instance: memory (PSS)";
const OWN_MEMORY = "one instance: memory of its own (private dirty)";

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

Deno.test("each hostile load that was measured has every figure that its runs yield now", () => {
  const lines = new Map(readTable(PERFORMANCE!, HOSTILE_MARKERS).map((line) => [line[0], line]));
  const lacking = HOSTILE_ROWS.flatMap(({ title, besides }) => {
    const [, runs, , , , , seen] = lines.get(title)!;
    if (runs === "") return [];
    return besides.filter((figure) => !seen!.includes(`${figure.title}: `))
      .map((figure) => `${title}: ${figure.title}`);
  });
  assert.deepEqual(lacking, []);
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
    MEMORY,
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

/** Fails if `text` is not what is measured, with as many decimals as it has. */
function assertRounded(text: string, measured: string): void {
  const exact = Number(numbers(measured)[0]);
  const half = 0.5 * 10 ** -(text.split(".")[1]?.length ?? 0);
  assert.ok(Math.abs(Number(text) - exact) <= half + 1e-9, `${text}: ${measured}`);
}

/** Prose without the ends of its lines. */
function inOneLine(document: string): string {
  return document.replace(/\s+/g, " ");
}

Deno.test("the comparison with keepalived repeats the figures of docs/performance.md, rounded", async (t) => {
  const repeated = readTable(COMPARISON!, { begin: "## Measured", end: "[performance.md]" });
  assert.equal(repeated.length, REPEATED.length);
  for (const [index, [row, titles]] of REPEATED.entries()) {
    await t.step(row, () => {
      const [title, ...cells] = repeated[index]!;
      assert.ok(title!.startsWith(row), title);
      for (const brand of [VIPD, KEEPALIVED]) {
        const shown = numbers(cells[brand]!);
        const measured = titles.map((name) => figures.get(name)![brand]!);
        assert.equal(shown.length, measured.length, cells[brand]);
        for (const [at, text] of shown.entries()) assertRounded(text, measured[at]!);
      }
    });
  }
});

/** Sentences of the comparison with a figure in each group, and which one that is. */
const SENTENCES:
  readonly (readonly [RegExp, readonly (readonly [title: string, brand: number])[]])[] = [
    [
      /One instance takes ([\d.]+) MB with keepalived and ([\d.]+) MB with vipd \(PSS\)/,
      [[MEMORY, KEEPALIVED], [MEMORY, VIPD]],
    ],
    [
      /have ([\d.]+) MB of memory of their own \(private dirty\) with one instance; keepalived has ([\d.]+) MB/,
      [[OWN_MEMORY, VIPD], [OWN_MEMORY, KEEPALIVED]],
    ],
  ];

Deno.test("sentences of the comparison repeat figures of docs/performance.md, rounded", () => {
  for (const [sentence, repeated] of SENTENCES) {
    const shown = sentence.exec(inOneLine(COMPARISON!))?.slice(1);
    assert.equal(shown?.length, repeated.length, `not there: ${sentence}`);
    for (const [at, [title, brand]] of repeated.entries()) {
      assertRounded(shown[at]!, figures.get(title)![brand]!);
    }
  }
});

Deno.test("README and docs/install.md have the memory of one instance, in tens of MB, and how far it grows", () => {
  const measured = Number(numbers(figures.get(MEMORY)![VIPD]!)[0]);
  const [, grown] = /grew from [\d.]+ MB to ([\d.]+) MB within/.exec(inOneLine(PERFORMANCE!)) ?? [];
  const sentence =
    /about (\d+) MB (?:of memory )?right after (?:its|the) start,(?: and)? up to (\d+) MB after minutes/;
  for (const document of [README!, INSTALL!]) {
    const [, start, most] = sentence.exec(inOneLine(document)) ?? [];
    assert.equal(Number(start), Math.round(measured / 10) * 10, `measured: ${measured} MB`);
    assert.equal(Number(most), Math.ceil(Number(grown) / 5) * 5, `measured: ${grown} MB`);
  }
});
