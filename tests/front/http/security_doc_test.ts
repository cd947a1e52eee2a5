/** docs/security.md names the tests that show what it says. */

import assert from "node:assert/strict";

const ROOT = new URL("../../../", import.meta.url);

/** An attempt of an attacker, with what stops it, and the items with its tests. */
interface Threat {
  readonly text: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

/** The chapters whose lists are no threats that are stopped. */
const OTHER_CHAPTERS = /^(?:Measured|Not defended)/;

/** The lists of the other chapters. */
async function threats(): Promise<Threat[]> {
  const text = await Deno.readTextFile(new URL("docs/security.md", ROOT));
  const chapters = text.split(/^## /m).filter((chapter) => !OTHER_CHAPTERS.test(chapter));
  const lists = chapters.join("\n").matchAll(/^- \*\*.*(?:\n +.*)*/gm);
  return Array.from(lists, ([list]) => {
    const [head, ...items] = list.split(/\n {2}- /).map((item) => item.replace(/\s+/g, " "));
    const tests = items.map((item) => {
      const [, file, name] = /^`(tests\/[\w/]+\.ts)`: (.+)$/.exec(item) ?? [];
      assert.ok(file !== undefined && name !== undefined, `no test: ${item}`);
      return { file, name };
    });
    return { text: head!, tests };
  });
}

/** A test of a table may have the first or the last part of its name from a row. */
function isOfTable(test: string, name: string): boolean {
  const parts = name.split(": ");
  return [0, parts.length - 1].some((index) => {
    const kind = parts.with(index, "${name}").join(": ");
    return test.includes(`\`${kind}\``) && test.includes(`"${parts[index]}"`);
  });
}

Deno.test("every test that docs/security.md names exists under this name", async () => {
  const named = (await threats()).flatMap(({ tests }) => tests);
  assert.ok(named.length > 100, `${named.length} tests found`);
  const lost: string[] = [];
  for (const { file, name } of named) {
    const test = await Deno.readTextFile(new URL(file, ROOT));
    const whole = test.includes(`"${name}"`);
    if (!whole && !isOfTable(test, name)) lost.push(`${file}: ${name}`);
  }
  assert.deepEqual(lost, []);
});

Deno.test("every threat of docs/security.md has a test, but for the one that nothing stops", async () => {
  const all = await threats();
  assert.ok(all.length > 60, `${all.length} threats found`);
  const untested = all.filter(({ tests }) => tests.length === 0);
  assert.equal(untested.length, 1);
  assert.match(untested[0]!.text, /Takes the addresses.* Nothing stops this: .* is trusted/);
});
