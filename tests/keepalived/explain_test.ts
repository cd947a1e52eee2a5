/** No line of a source is silent: it is in the result, or a finding is about it. */

import assert from "node:assert/strict";
import { explainedTable, explainedText } from "../../src/keepalived/explain.ts";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { filesOf, importText, instanceWith } from "./support.ts";

const FOLDER = new URL("./files/", import.meta.url);

/** Without comments and braces nothing is left of lines that say nothing. */
function says(line: string): boolean {
  return line.replace(/[#!].*$/, "").replace(/[{}\s]/g, "") !== "";
}

Deno.test("every line of every file is explained", async (t) => {
  const entries = await Array.fromAsync(Deno.readDir(FOLDER));
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".conf")).sort();
  for (const name of names) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    await t.step(name, async () => {
      const files = filesOf({ [name]: text });
      const result = await importKeepalived(name, files, { id: "lb01", hostname: "lb01" });
      // A file with errors may not be read to its end.
      if (result.findings.some(({ severity }) => severity === "error")) return;
      const silent = result.explain().filter((line) =>
        says(line.text) && line.becomes.length === 0
      );
      assert.deepEqual(silent, []);
    });
  }
});

Deno.test("an explanation has the key and the value, the findings, and no password", async () => {
  const result = await importText(
    instanceWith("priority 120 # high\nbogus 1\nauthentication {\nauth_pass secret\n}"),
  );
  const text = explainedText(result.explain());
  assert.match(text, /^ +5 {2}priority 120 # high +priority: 120$/m);
  assert.match(text, /^ +6 {2}bogus 1 +note: bogus: keepalived does not know it/m);
  assert.match(text, /auth_pass \*\*\*/);
  assert.doesNotMatch(text, /secret/);
  const table = explainedTable(result.explain());
  assert.match(table, /^\| 5 \| `priority 120 # high` \| priority: 120 \|$/m);
  assert.doesNotMatch(table, /secret/);
});

Deno.test("what one line becomes stands in one column", () => {
  const line = { file: "a.conf", line: 7, text: "priority 120", becomes: ["one", "two"] };
  const [, first = "", second = ""] = explainedText([line]).split("\n");
  assert.equal(second.indexOf("two"), first.indexOf("one"));
});
