/** What runs tests in place of `deno test`: it finds the same tests, and they fail of the same. */

import assert from "node:assert/strict";
import { collectTests, failureOf, testsOf } from "./registered_tests.ts";

/** What a file registers that consists of this code. */
async function registered(register: () => void): ReturnType<typeof testsOf> {
  const { test } = Deno;
  collectTests();
  try {
    return await testsOf(() => Promise.resolve(register()));
  } finally {
    Object.defineProperty(Deno, "test", { value: test, configurable: true });
  }
}

/** How the test fails that does this; `null` if it passes. */
async function failure(fn: (t: Deno.TestContext) => void | Promise<void>): Promise<string | null> {
  const [test] = await registered(() => Deno.test("it", fn));
  const problem = await failureOf(test!);
  return problem === null ? null : String(problem);
}

Deno.test("a test is found in whichever form it is written, and an ignored one is not", async () => {
  const fn = () => {};
  const tests = await registered(() => {
    Deno.test("name and function", fn);
    Deno.test("name, options and function", { sanitizeOps: false }, fn);
    Deno.test("name, options to ignore it, function", { ignore: true }, fn);
    Deno.test({ name: "definition", fn });
    Deno.test({ name: "ignored definition", ignore: true, fn });
    Deno.test({ name: "options and function" }, fn);
    Deno.test(function named() {});
  });
  assert.deepEqual(tests.map(({ name }) => name), [
    "name and function",
    "name, options and function",
    "definition",
    "options and function",
    "named",
  ]);
});

Deno.test("a file that registers nothing has no tests of the file before", async () => {
  await registered(() => Deno.test("first", () => {}));
  assert.deepEqual(await registered(() => {}), []);
});

Deno.test("a test passes, or fails at once, later, or in a step", async () => {
  const wrong = new Error("wrong");
  assert.equal(await failure(() => {}), null);
  assert.equal(await failure(() => Promise.reject(wrong)), "Error: wrong");
  assert.equal(
    await failure(() => {
      throw wrong;
    }),
    "Error: wrong",
  );
  assert.equal(
    await failure(async (t) => {
      await t.step("one", () => {});
      await t.step({
        name: "two",
        fn: async (t) => void await t.step("three", () => Promise.reject(wrong)),
      });
    }),
    "Error: wrong",
  );
});

Deno.test("steps are run in whichever form they are written, and an ignored one is not", async () => {
  const run: string[] = [];
  const outcome = await failure(async (t) => {
    assert.equal(t.name, "it");
    assert.equal(await t.step("one", (t) => void run.push(t.name)), true);
    assert.equal(await t.step({ name: "two", fn: (t) => void run.push(t.name) }), true);
    assert.equal(
      await t.step({ name: "not", ignore: true, fn: () => void run.push("not") }),
      false,
    );
    await t.step(function three() {
      run.push("three");
    });
  });
  assert.equal(outcome, null);
  assert.deepEqual(run, ["one", "two", "three"]);
});

Deno.test("a rejection that nobody handles, and an error in a callback, fail the test", async () => {
  assert.equal(await failure(() => void Promise.reject(new Error("lost"))), "Error: lost");
  assert.equal(
    await failure(() =>
      queueMicrotask(() => {
        throw new Error("thrown later");
      })
    ),
    "Error: thrown later",
  );
  assert.equal(await failure(() => void Promise.reject(undefined)), "Error: rejected");
});
