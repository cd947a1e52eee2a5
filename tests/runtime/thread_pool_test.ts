import assert from "node:assert/strict";
import {
  THREAD_SHARES,
  ThreadPool,
  type ThreadUse,
  WAITING_AT_MOST,
} from "../../src/runtime/thread_pool.ts";

const USES = Object.keys(THREAD_SHARES) as ThreadUse[];

/** Operations that end when the test says so, in the order in which they began. */
class Operations {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, PromiseWithResolvers<string>>();

  /** An operation that yields its own name. */
  of(name: string): () => Promise<string> {
    return () => {
      this.begun.push(name);
      const end = Promise.withResolvers<string>();
      this.#ends.set(name, end);
      return end.promise;
    };
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)!.resolve(name);
    await settled();
  }

  async fail(name: string): Promise<void> {
    this.#ends.get(name)!.reject(new Error(name));
    await settled();
  }
}

/** Lets everything happen that needs no further event. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("at most eight operations are under way, and all of them leave the reactor its thread", () => {
  const pool = new ThreadPool();
  const operations = new Operations();
  for (const use of USES) {
    for (let nth = 0; nth < 40; nth++) void pool.run(use, operations.of(`${use} ${nth}`));
  }
  assert.equal(pool.underWay, 8);
  assert.equal(operations.begun.length, 8);
});

Deno.test("what stalls for one use keeps none of another from its turn", async () => {
  for (const stalled of USES) {
    const pool = new ThreadPool();
    const operations = new Operations();
    for (let nth = 0; nth < 40; nth++) void pool.run(stalled, operations.of("stalled"));
    for (const use of USES.filter((use) => use !== stalled)) {
      assert.deepEqual(await pool.run(use, () => Promise.resolve(use)), { ok: true, value: use });
    }
  }
});

Deno.test("operations of one use begin in the order of the calls, as many at a time as it has threads", async () => {
  const pool = new ThreadPool({ ...THREAD_SHARES, name: 2 });
  const operations = new Operations();
  const turns = ["a", "b", "c", "d"].map((name) => pool.run("name", operations.of(name)));
  assert.deepEqual(operations.begun, ["a", "b"], "at once where there is a thread");
  await operations.end("b");
  assert.deepEqual(operations.begun, ["a", "b", "c"]);
  await operations.end("c");
  assert.deepEqual(operations.begun, ["a", "b", "c", "d"]);
  await operations.end("a");
  await operations.end("d");
  const values = await Promise.all(turns);
  assert.deepEqual(values.map((turn) => turn.ok && turn.value), ["a", "b", "c", "d"]);
  assert.equal(pool.underWay, 0);
});

Deno.test("an operation that fails gives its thread back and rejects", async () => {
  const pool = new ThreadPool({ ...THREAD_SHARES, file: 1 });
  const operations = new Operations();
  const failing = assert.rejects(pool.run("file", operations.of("fails")), /fails/);
  const thrown = pool.run("file", () => {
    throw new Error("thrown at once");
  });
  const rejected = assert.rejects(thrown, /thrown at once/);
  const after = pool.run("file", () => Promise.resolve("after"));
  await operations.fail("fails");
  await failing;
  await rejected;
  assert.deepEqual(await after, { ok: true, value: "after" });
  assert.equal(pool.underWay, 0);
});

Deno.test("an operation that cannot wait any longer leaves the queue; what has begun goes on and counts", async () => {
  const pool = new ThreadPool({ ...THREAD_SHARES, program: 1 });
  const operations = new Operations();
  const patience = new AbortController();
  const begun = pool.run("program", operations.of("begun"), patience.signal);
  const waiting = pool.run("program", operations.of("waiting"), patience.signal);
  const next = pool.run("program", operations.of("next"));
  patience.abort();
  assert.deepEqual(await waiting, { ok: false, why: "late" });
  assert.equal(pool.underWay, 1, "an abandoned operation counts until it returns");
  await operations.end("begun");
  assert.deepEqual(await begun, { ok: true, value: "begun" });
  assert.deepEqual(operations.begun, ["begun", "next"]);
  await operations.end("next");
  await next;
  const aborted = await pool.run("program", operations.of("never"), patience.signal);
  assert.deepEqual(aborted, { ok: false, why: "late" });
  assert.deepEqual(operations.begun, ["begun", "next"]);
});

Deno.test("the queue is bounded: one more is refused, with a value", async () => {
  const pool = new ThreadPool({ ...THREAD_SHARES, log: 1 });
  const operations = new Operations();
  const patience = new AbortController();
  void pool.run("log", operations.of("stalled"));
  const waiting = Array.from(
    { length: WAITING_AT_MOST },
    () => pool.run("log", operations.of("waits"), patience.signal),
  );
  assert.deepEqual(await pool.run("log", operations.of("more")), { ok: false, why: "full" });
  patience.abort();
  assert.ok((await Promise.all(waiting)).every((turn) => !turn.ok && turn.why === "late"));
  void pool.run("log", operations.of("has room again"));
  await operations.end("stalled");
  assert.deepEqual(operations.begun, ["stalled", "has room again"]);
});
