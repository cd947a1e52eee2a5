/** What changed decides which tests run. */

import assert from "node:assert/strict";
import { importersOf, testsOf } from "./import_graph.ts";

const GRAPH = importersOf({
  modules: [
    { specifier: "a.ts" },
    { specifier: "b.ts", dependencies: [{ code: { specifier: "a.ts" } }] },
    { specifier: "types.ts", dependencies: [{ type: { specifier: "b.ts" } }] },
    { specifier: "b_test.ts", dependencies: [{ code: { specifier: "b.ts" } }] },
    { specifier: "types_test.ts", dependencies: [{ code: { specifier: "types.ts" } }] },
    { specifier: "alone_test.ts", dependencies: [{ code: {} }] },
  ],
});
const TESTS = new Set(["b_test.ts", "types_test.ts", "alone_test.ts"]);

for (
  const [changed, expected] of [
    [["a.ts"], ["b_test.ts", "types_test.ts"]],
    [["types.ts"], ["types_test.ts"]],
    [["alone_test.ts"], ["alone_test.ts"]],
    [["alone_test.ts", "types.ts"], ["alone_test.ts", "types_test.ts"]],
    [["nobody.ts"], []],
  ] as const
) {
  Deno.test(`a change of ${changed.join(" and ")} runs ${expected.join(" and ") || "nothing"}`, () => {
    assert.deepEqual(testsOf(changed, TESTS, GRAPH), expected);
  });
}
