import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { ALONE, FIRST, QUIET, roundsOf } from "./plan.ts";
import { testFilesIn } from "./test_files.ts";

const [longest, second] = FIRST as [string, string];
const [quiet] = QUIET as [string];
const [alone] = Object.keys(ALONE) as [string];

Deno.test("what has the machine for itself runs after all others, of which the longest begin first", () => {
  const [together, apart] = roundsOf(["a_test.ts", alone, second, "b_test.ts", longest]);
  assert.deepEqual(together?.files, [longest, second, "a_test.ts", "b_test.ts"]);
  assert.deepEqual(apart, { files: [alone], atATime: 1, quiet: [] });
});

Deno.test("what needs no processor runs next to the others, and is none of them", () => {
  const [together, apart] = roundsOf(["a_test.ts", quiet, alone]);
  assert.deepEqual(together?.files, ["a_test.ts"]);
  assert.deepEqual(together.quiet, [quiet]);
  assert.deepEqual(apart?.files, [alone]);
});

Deno.test("the plan names files that the task test:machine runs, each once", () => {
  const files = project.tasks["test:machine"].command.split(" ")
    .filter((word) => word.startsWith("tests/") && !word.endsWith("/main.ts"))
    .flatMap(testFilesIn);
  const named = [...FIRST, ...QUIET, ...Object.keys(ALONE)];
  assert.deepEqual(named.filter((file) => !files.includes(file)), []);
  assert.equal(new Set(named).size, named.length);
});
