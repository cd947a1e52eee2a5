import assert from "node:assert/strict";
import { EXIT } from "../../../src/exit.ts";
import { SCENARIOS } from "../../../src/sim/scenarios.ts";
import { capture } from "../captured_context.ts";

Deno.test("the list has every scenario and the random one", async () => {
  const { code, out } = await capture(["simulate", "--list"]);
  assert.equal(code, EXIT.ok);
  const names = out.trimEnd().split("\n").map((line) => line.split(" ")[0]);
  assert.deepEqual(names, [...SCENARIOS.map(({ name }) => name), "random"]);
});

Deno.test("a crash is reported as a timeline with its cost", async () => {
  const { code, out, err } = await capture(["simulate"]);
  assert.deepEqual([code, err], [EXIT.ok, ""]);
  assert.match(out, /^crash: .* \(2 nodes, seed 1\)\n/);
  assert.match(out, / {3}10\.000 s {2}\* {5}lb01 loses its power\n/);
  assert.match(out, / {3}13\.025 s {2}lb02 {2}VI_1: backup -> master: no master was heard/);
  assert.match(out, /nobody had 192\.168\.31\.5:\n.*\n {3}10\.000 s {2}for 3\.025 s\n/);
  assert.match(out, /all invariants held\n$/);
});

Deno.test("the same seed gives the same object, another seed another one", async () => {
  const play = async (seed: string) =>
    (await capture(["simulate", "lossy-link", "--nodes", "3", "--json", "--seed", seed])).out;
  assert.equal(await play("5"), await play("5"));
  assert.notEqual(await play("5"), await play("6"));
  const report = JSON.parse(await play("5"));
  assert.deepEqual([report.scenario, report.seed, report.violations], ["lossy-link", 5, []]);
  assert.deepEqual(report.nodes, ["lb01", "lb02", "lb03"]);
  assert.ok(report.events.length > 10 && report.gaps.length > 0);
});

Deno.test("random faults of a seed are those of the tests", async () => {
  const { code, out } = await capture(["simulate", "random", "--seed", "17"]);
  assert.equal(code, EXIT.ok);
  assert.match(out, /everything but the checks is repaired/);
});
