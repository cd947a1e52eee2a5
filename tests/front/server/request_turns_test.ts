/** Who is answered when there is more to answer than the program can do, on a clock that the test sets. */

import assert from "node:assert/strict";
import { RequestTurns, TURN_MS, type TurnsClock } from "../../../src/front/server/request_turns.ts";

class FakeClock implements TurnsClock {
  ms = 0;
  #later: (() => void)[] = [];

  nowMs(): number {
    return this.ms;
  }

  later(act: () => void): void {
    this.#later.push(act);
  }

  async next(): Promise<void> {
    for (const act of this.#later.splice(0)) act();
    // What was waited for goes on.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function setUp(costMs: number) {
  const clock = new FakeClock();
  const turns = new RequestTurns(clock);
  const begun: string[] = [];
  const ask = (source: string, withToken = false) => {
    const work = () => {
      begun.push(source);
      clock.ms += costMs;
    };
    const turn = turns.begin(source, withToken);
    if (turn === null) work();
    else turn.then(work);
    return turn === null;
  };
  return { clock, begun, ask };
}

Deno.test("nobody waits as long as there is time", async () => {
  const { clock, ask } = setUp(TURN_MS / 100);
  for (let turn = 0; turn < 20; turn++) {
    for (let request = 0; request < 99; request++) assert.ok(ask("a"));
    await clock.next();
  }
});

Deno.test("when the time is over, the others come in the next turns, as many as there is time for", async () => {
  const { clock, begun, ask } = setUp(TURN_MS / 4.5);
  for (let request = 0; request < 105; request++) ask("a");
  assert.equal(begun.length, 5);
  const counts: number[] = [];
  while (begun.length < 105) {
    const before = begun.length;
    await clock.next();
    counts.push(begun.length - before);
    assert.ok(counts.at(-1)! > 0, "somebody begins in each turn");
  }
  assert.ok(counts.every((count) => count === 5), counts.join(" "));
  await clock.next();
  assert.ok(ask("a"), "nobody waits any more");
});

Deno.test("a source that asks much does not keep the others waiting", async () => {
  const { clock, begun, ask } = setUp(TURN_MS);
  for (let request = 0; request < 50; request++) ask("flood");
  for (const source of ["b", "c"]) assert.equal(ask(source), false);
  for (let turn = 0; turn < 3; turn++) await clock.next();
  assert.ok(begun.includes("b") && begun.includes("c"), begun.join(" "));
  const order = begun.filter((source) => source === "flood").length;
  assert.ok(order < 10);
});

Deno.test("who shows a token comes first", async () => {
  const { clock, begun, ask } = setUp(TURN_MS);
  for (let request = 0; request < 50; request++) ask("flood");
  assert.equal(ask("flood", true), false);
  const before = begun.length;
  ask("operator", true);
  await clock.next();
  await clock.next();
  assert.deepEqual(begun.slice(before, before + 2), ["flood", "operator"]);
});
