/** The names of tests are what docs and ledger quote, so they speak the same words. */

import assert from "node:assert/strict";
import ts from "typescript";
import { ROOT, sourcesIn } from "./sources.ts";
import { WORDS } from "./words.ts";

/** A name may begin in any way, because it is no sentence. */
const NAME_WORDS = WORDS.filter(({ instead }) => !instead.startsWith("begin with"));

/** The names of tests and steps in a source: the texts that a function called `test`, `...Test` or `step` gets. */
function namesOf(path: string, source: string): { readonly line: number; readonly name: string }[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: { line: number; name: string }[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && /(?:\btest|Test|\bstep)$/.test(node.expression.getText())) {
      for (const text of node.arguments) {
        if (!ts.isStringLiteralLike(text) && !ts.isTemplateExpression(text)) continue;
        const { line } = file.getLineAndCharacterOfPosition(text.getStart());
        found.push({ line: line + 1, name: text.getText().slice(1, -1) });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

Deno.test("names of tests are free of the banned words", () => {
  const found = Array.from(sourcesIn("tests/")).sort().flatMap((path) =>
    namesOf(path, Deno.readTextFileSync(new URL(path, ROOT))).flatMap(({ line, name }) =>
      NAME_WORDS.flatMap(({ pattern, instead }) =>
        Array.from(
          name.matchAll(pattern),
          ([word]) => `${path}:${line}: "${word}"; write: ${instead}`,
        )
      )
    )
  );
  assert.deepEqual(found, [], `\n${found.join("\n")}`);
});

Deno.test("a name is found whatever function gets it, with and without a part that changes", () => {
  const source = 'Deno.test("one", () => {});\nnamespaceTest(url, `two ${x}`, run);\n' +
    'await t.step("three", run);\nother("four");\n';
  assert.deepEqual(namesOf("a.ts", source), [
    { line: 1, name: "one" },
    { line: 2, name: "two ${x}" },
    { line: 3, name: "three" },
  ]);
});
