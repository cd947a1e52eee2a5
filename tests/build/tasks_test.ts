import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };

Deno.test("what the task test:unit leaves out is what test:machine runs, so that no test is missed", () => {
  const left = /--ignore=(\S+) tests$/.exec(project.tasks["test:unit"].command)?.[1]?.split(",");
  const others = project.tasks["test:machine"].command.split(" ").filter((it) =>
    it.startsWith("tests/")
  );
  assert.deepEqual(left, others);
  for (const path of others) Deno.statSync(new URL(`../../${path}`, import.meta.url));
});
