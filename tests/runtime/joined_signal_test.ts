import assert from "node:assert/strict";
import { JoinedSignal } from "../../src/runtime/joined_signal.ts";

Deno.test("a joined signal aborts with the first of its sources, for its reason", async (t) => {
  const cases: readonly [string, (first: AbortController, second: AbortController) => void][] = [
    ["the first", (first) => first.abort("why")],
    ["the second", (_, second) => second.abort("why")],
    ["both", (first, second) => {
      second.abort("why");
      first.abort("later");
    }],
  ];
  for (const [name, abort] of cases) {
    await t.step(name, () => {
      const [first, second] = [new AbortController(), new AbortController()];
      using joined = new JoinedSignal(first.signal, second.signal);
      assert.equal(joined.signal.aborted, false);
      abort(first, second);
      assert.deepEqual([joined.signal.aborted, joined.signal.reason], [true, "why"]);
    });
    await t.step(`${name}, before it was joined`, () => {
      const [first, second] = [new AbortController(), new AbortController()];
      abort(first, second);
      using joined = new JoinedSignal(second.signal, first.signal);
      assert.deepEqual([joined.signal.aborted, joined.signal.reason], [true, "why"]);
    });
  }
});

Deno.test("a joined signal that is disposed of follows its sources no more", () => {
  const source = new AbortController();
  const joined = new JoinedSignal(source.signal);
  joined[Symbol.dispose]();
  source.abort();
  assert.equal(joined.signal.aborted, false);
});
