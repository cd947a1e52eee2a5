import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };

Deno.test("what the task test:unit leaves out is what test:machine and test:machines run, so that no test is missed", () => {
  const left = /--ignore=(\S+) tests$/.exec(project.tasks["test:unit"].command)?.[1]?.split(",");
  const others = (["test:machine", "test:machines"] as const)
    .flatMap((task) => project.tasks[task].command.split(" "))
    .filter((word) => word.startsWith("tests/"));
  assert.deepEqual(left?.toSorted(), others.toSorted());
  for (const path of others) Deno.statSync(new URL(`../../${path}`, import.meta.url));
});
