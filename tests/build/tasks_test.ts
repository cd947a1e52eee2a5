import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };

function leftOut(task: "test:parallel" | "test:unit"): readonly string[] {
  const ignored = /--ignore=(\S+) tests$/.exec(project.tasks[task].command)?.[1];
  assert.ok(ignored);
  return ignored.split(",").sort();
}

Deno.test("what the task test:parallel leaves out is what test:machine and test:machines run, so that no test is missed", () => {
  const others = (["test:machine", "test:machines"] as const)
    .flatMap((task) => project.tasks[task].command.split(" "))
    .filter((word) => word.startsWith("tests/") && !word.endsWith("/main.ts"));
  assert.deepEqual(leftOut("test:parallel"), others.sort());
});

Deno.test("what needs a machine for itself is no test of test:unit either", () => {
  const unit = leftOut("test:unit");
  assert.deepEqual(leftOut("test:parallel").filter((path) => !unit.includes(path)), []);
  for (const path of unit) Deno.statSync(new URL(`../../${path}`, import.meta.url));
});
