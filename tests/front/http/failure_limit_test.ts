import { strictEqual } from "node:assert/strict";
import { FailureLimit } from "../../../src/front/http/failure_limit.ts";

const BURST = 10;
const FORGIVE_MS = 3000;

function limit() {
  const clock = { nowMs: 1000 };
  return { clock, failures: new FailureLimit(() => clock.nowMs) };
}

Deno.test("a source has ten wrong tokens, then one every three seconds", () => {
  const { clock, failures } = limit();
  for (let count = 1; count <= BURST; count++) {
    strictEqual(failures.waitMs("a"), 0);
    strictEqual(failures.failed("a"), count === BURST);
  }
  strictEqual(failures.waitMs("a"), FORGIVE_MS);
  strictEqual(failures.waitMs("b"), 0, "another source is not concerned");
  clock.nowMs += 1000;
  strictEqual(failures.waitMs("a"), 2000);
  clock.nowMs += 2000;
  strictEqual(failures.waitMs("a"), 0);
  strictEqual(failures.failed("a"), true);
  strictEqual(failures.waitMs("a"), FORGIVE_MS);
});

Deno.test("what was long ago is forgiven", () => {
  const { clock, failures } = limit();
  for (let count = 0; count < BURST; count++) failures.failed("a");
  clock.nowMs += BURST * FORGIVE_MS;
  for (let count = 1; count < BURST; count++) strictEqual(failures.failed("a"), false);
  strictEqual(failures.waitMs("a"), 0);
});

Deno.test("guesses from many addresses do not fill the memory, and the last ones still count", () => {
  const { failures } = limit();
  for (let host = 0; host < 5000; host++) {
    for (let count = 0; count < BURST; count++) failures.failed(`${host}`);
  }
  strictEqual(failures.waitMs("0"), 0, "forgotten");
  strictEqual(failures.waitMs("4999"), FORGIVE_MS);
});
