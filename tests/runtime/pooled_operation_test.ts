import assert from "node:assert/strict";
import { PooledOperation } from "../../src/runtime/pooled_operation.ts";
import { ThreadPool } from "../../src/runtime/thread_pool.ts";

const NEVER = new AbortController().signal;

Deno.test("an operation that does not return is given up, not begun again, and shared by who asks next", async () => {
  const pool = new ThreadPool();
  const answers: PromiseWithResolvers<string>[] = [];
  const operation = new PooledOperation("file", () => {
    const answer = Promise.withResolvers<string>();
    answers.push(answer);
    return answer.promise;
  }, pool);
  const patience = new AbortController();
  const late = operation.run(patience.signal);
  patience.abort();
  assert.deepEqual(await late, { ok: false, why: "late" });
  assert.deepEqual(await operation.run(patience.signal), { ok: false, why: "late" });
  const shared = operation.run(NEVER);
  assert.deepEqual([answers.length, pool.underWay], [1, 1]);
  answers[0]!.resolve("there");
  assert.deepEqual(await shared, { ok: true, value: "there" });
  const next = operation.run(NEVER);
  assert.equal(answers.length, 2);
  answers[1]!.reject(new Error("gone"));
  await assert.rejects(next, /gone/);
  assert.equal(pool.underWay, 0);
});
