/** The mechanism: what counts as explained, what has become outdated, and that every explanation is in CHANGELOG.md. */

import assert from "node:assert/strict";
import { familyOf, type FoundDifference, judge } from "./accept.ts";
import { FROZEN, readFamily } from "./data.ts";
import { ACCEPTED_DIFFERENCES } from "./differences.ts";
import type { AcceptedDifference } from "./differences/difference.ts";
import { REASONS } from "./import_words.ts";
import { inPresentWords, PRESENT_WORDS } from "./present_words.ts";

const FOUND: readonly FoundDifference[] = [
  { item: "cli/help run", difference: "+ /out |   --front  where (the) front is" },
  { item: "api/GET /v1/status", difference: '+ /body/processes {"engine":{}}' },
  { item: "api/GET /healthz", difference: '- /server/vary "Accept-Encoding"' },
];

function entry(items: string, difference: string): AcceptedDifference {
  return { items, difference, changelog: "" };
}

const CASES: readonly (readonly [
  name: string,
  accepted: readonly AcceptedDifference[],
  unexplained: number,
  outdated: number,
])[] = [
  ["nothing is accepted", [], 3, 0],
  ["everything", FOUND.map(({ item, difference }) => entry(item, difference)), 0, 0],
  ["one entry for several items", [entry("api/*", "*")], 1, 0],
  ["a part of a line", [entry("cli/help *", "+ /out |   --front *")], 2, 0],
  [
    "signs of regular expressions are nothing special",
    [entry("cli/help run", "+ /out | .*")],
    3,
    1,
  ],
  ["another item", [entry("cli/help ru", "*")], 3, 1],
  ["what is no more", [entry("api/GET /metrics", "*"), entry("api/*", "*")], 1, 1],
  ["what is there by chance", [{ ...entry("api/GET /metrics", "*"), byChance: true }], 3, 0],
];

Deno.test("a difference is explained by an entry that fits it, and each entry must fit one", async (t) => {
  for (const [name, accepted, unexplained, outdated] of CASES) {
    await t.step(name, () => {
      const judged = judge(FOUND, accepted);
      assert.equal(judged.unexplained.length, unexplained);
      assert.equal(judged.outdated.length, outdated);
    });
  }
});

async function families(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL("./data/", import.meta.url)));
  return entries.map(({ name }) => name.replace(/\.jsonl\.gz$/, "")).sort();
}

Deno.test("all data are of the one release", async () => {
  const names = await families();
  assert.ok(names.length >= 9, names.join());
  for (const name of names) {
    const { head: { family, version, commit, origin } } = await readFamily(name);
    assert.deepEqual({ family, version, commit }, { family: name, ...FROZEN });
    assert.match(origin, /^(executable|source)/);
  }
});

Deno.test("every text in present words is one that 0.1.0 had", async () => {
  const texts = await Promise.all((await families()).map(async (name) => {
    const { items } = await readFamily(name);
    return JSON.stringify(items.map(({ output }) => output));
  }));
  const all = texts.join("\n");
  const unknown = PRESENT_WORDS.flatMap(({ words }) => words).filter(([was]) => {
    const [asWritten, inOneLine] = [was, was.replaceAll(/\s+/g, " ")].map((it) =>
      JSON.stringify(it)
    );
    return !all.includes(asWritten!.slice(1, -1)) && !all.includes(inOneLine!.slice(1, -1));
  });
  assert.deepEqual(unknown, []);
});

Deno.test("a text is put into present words wherever it stands", () => {
  const before = { a: ["VI_1: promoted by hand", 3], b: { c: null, d: "priority by hand" } };
  const after = { a: ["VI_1: promoted manually", 3], b: { c: null, d: "priority set manually" } };
  assert.deepEqual(inPresentWords(before), after);
});

/** What stands above the section about the frozen release, on one line. */
function newer(changelog: string): string {
  const end = changelog.indexOf(`\n## ${FROZEN.version}`);
  assert.ok(end > 0, `CHANGELOG.md has no section about ${FROZEN.version}`);
  return oneLine(changelog.slice(0, end)).trim();
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

Deno.test("every accepted difference is of a family, and CHANGELOG.md says it to those who use vipd", async () => {
  const known = await families();
  const said = newer(await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url)));
  for (const { items, difference, changelog } of ACCEPTED_DIFFERENCES) {
    assert.ok(known.includes(familyOf(items)), `${items} is of no family: ${known.join()}`);
    assert.ok(changelog.length > 20, `${items}, ${difference}: say more than ${changelog}`);
    assert.ok(said.includes(oneLine(changelog)), `CHANGELOG.md does not say: ${changelog}`);
  }
});

Deno.test("CHANGELOG.md says why texts are put into present words", async () => {
  const said = newer(await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url)));
  for (const changelog of [...PRESENT_WORDS.map((group) => group.changelog), ...REASONS]) {
    assert.ok(changelog.length > 20, `say more than ${changelog}`);
    assert.ok(said.includes(oneLine(changelog)), `CHANGELOG.md does not say: ${changelog}`);
  }
});

Deno.test("what CHANGELOG.md says of the frozen release explains nothing", () => {
  assert.equal(
    newer("# Changelog\n\n- new\n  line\n\n## 0.1.0\n\n- old\n"),
    "# Changelog - new line",
  );
});
