/** Every line that README, docs, help and the examples show to type is typed by a test, or there is a reason why not. */

import assert from "node:assert/strict";
import settings from "../../deno.json" with { type: "json" };
import { allShownLines, shownLines } from "./shown_lines.ts";
import { ruleOf, RULES } from "./typed_lines.ts";

const ROOT = new URL("../../", import.meta.url);
const SHOWN = allShownLines();

Deno.test("every line that a reader is shown to type is typed by a test, or a reason says why not", () => {
  assert.ok(SHOWN.length > 240, `only ${SHOWN.length} were found`);
  const untyped = SHOWN.filter((shown) => ruleOf(shown) === undefined);
  assert.deepEqual(untyped.map(({ place, line }) => `${place}: ${line}`), []);
});

Deno.test("every rule is about a line, and every test that one names types it", async () => {
  const used = new Set(SHOWN.map(ruleOf));
  assert.deepEqual(RULES.filter((rule) => !used.has(rule)).map(({ lines }) => `${lines}`), []);
  for (const rule of RULES) {
    if (!("test" in rule)) continue;
    const text = await Deno.readTextFile(new URL(rule.test, ROOT));
    assert.ok(text.includes(rule.words), `${rule.test} has no ${rule.words}`);
  }
});

Deno.test("every task that a line runs is one of the repository", () => {
  const tasks = SHOWN.flatMap(({ line }) => /^npx -y deno@\S+ task (\S+)/.exec(line)?.[1] ?? []);
  assert.ok(tasks.length > 8, tasks.join());
  assert.deepEqual(tasks.filter((name) => !(name in settings.tasks)), []);
});

Deno.test("the lines of a document are found, without prompts and comments", () => {
  const text = [
    ...["```sh", "vipd check # now", "curl a \\", "  b", "", "   ssh root@lb02 vipd x  # 2", "```"],
    ...["```text", "root@lb01:~# vipd pair", "Paste this", "```"],
    ...["```console", "$ vipd check", "all is well", "# vipd run", "```"],
    ...["```yaml", "# vipd is no command here", "```", "vipd prose"],
  ].join("\n");
  assert.deepEqual(shownLines("a.md", text).map(({ host, line }) => [host, line]), [
    [null, "vipd check"],
    [null, "curl a b"],
    ["lb02", "vipd x"],
    ["lb01", "vipd pair"],
    [null, "vipd check"],
    [null, "vipd run"],
  ]);
});
