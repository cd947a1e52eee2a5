import assert from "node:assert/strict";
import { PROBLEM_STATUS } from "../../../src/api/problem.ts";

Deno.test("the documentation has exactly the API's error codes, with their status", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/api.md", import.meta.url));
  const rows = [...text.matchAll(/^\| *(\d{3}) *\| *`(\w+)` *\|/gm)].map((
    row,
  ) => [row[2], Number(row[1])]);
  assert.deepEqual(Object.fromEntries(rows), PROBLEM_STATUS);
});
