/** docs/security.md names the tests that show what it says. */

import assert from "node:assert/strict";

const ROOT = new URL("../../../", import.meta.url);

/** A test of a table may have the first or the last part of its name from a row. */
function isOfTable(test: string, name: string): boolean {
  const parts = name.split(": ");
  return [0, parts.length - 1].some((index) => {
    const kind = parts.with(index, "${name}").join(": ");
    return test.includes(`\`${kind}\``) && test.includes(`"${parts[index]}"`);
  });
}

Deno.test("every test that docs/security.md names exists under this name", async () => {
  const text = await Deno.readTextFile(new URL("docs/security.md", ROOT));
  const named = [...text.matchAll(/`(tests\/[\w/]+\.ts)`: ([^|;]+?) *(?=[|;])/g)];
  assert.ok(named.length > 25, `${named.length} tests found`);
  const lost: string[] = [];
  for (const [, file, name] of named) {
    const test = await Deno.readTextFile(new URL(file!, ROOT));
    const whole = test.includes(`"${name}"`);
    if (!whole && !isOfTable(test, name!)) lost.push(`${file}: ${name}`);
  }
  assert.deepEqual(lost, []);
});

Deno.test("every threat of docs/security.md has a test, but for the one that nothing stops", async () => {
  const text = await Deno.readTextFile(new URL("docs/security.md", ROOT));
  const rows = text.split("\n").filter((line) => /^\| (?!-|attempt)/.test(line));
  assert.ok(rows.length > 15);
  const untested = rows.filter((row) => !row.includes("`tests/"));
  assert.equal(untested.length, 1);
  assert.match(untested[0]!, /takes the addresses .* nothing: it is trusted/);
});
