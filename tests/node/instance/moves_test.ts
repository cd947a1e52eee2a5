/** What the journal's entries say of an instance's moves. */

import assert from "node:assert/strict";
import {
  type Move,
  type MoveEntry,
  moveKind,
  movesOf,
  unplanned,
} from "../../../src/node/instance/moves.ts";

const TIME = "2030-01-01T00:00:00.000Z";

/** Entries from words: a code, or `from>to:reason`, of VI_1, or with `!` of another instance. */
function entries(words: string): MoveEntry[] {
  return words.split(" ").map((word) => {
    const subject = word.endsWith("!") ? "VI_2" : "VI_1";
    const [from, to, reason = "master_silent"] = word.replace("!", "").split(/[>:]/);
    return to === undefined
      ? { time: TIME, code: from, subject }
      : { time: TIME, code: "state_changed", subject, transition: { from, to, reason } };
  }) as MoveEntry[];
}

Deno.test("a move counts for the instance to which it happened, whatever caused it, and so does a death as master", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["backup>master master>backup", "came left"],
    ["backup>master! master>backup!", ""],
    ["init>backup backup>fault", ""],
    ["backup>master started", "came died"],
    ["backup>master master>backup started", "came left"],
    ["backup>master started started", "came died"],
    ["backup>master engine_died started", "came died"],
    ["engine_died started", "came died"],
    ["backup>master master>backup engine_died", "came left"],
    ["backup>master master>fault engine_died", "came left came died"],
    ["backup>master started engine_died", "came died came died"],
    ["engine_died!", ""],
    ["backup>master hold_ended master>backup", "left"],
    ["backup>master hold_ended!", "came"],
    ["order_given backup>master", "came*"],
    ["order_given! backup>master", "came"],
    ["order_resumed backup>master", "came*"],
    ["order_given order_failed backup>master", "came"],
    ["order_resumed order_given order_failed backup>master", "came*"],
    ["order_given order_given order_failed backup>master", "came*"],
    ["order_given order_ended backup>master", "came"],
    ["order_given started backup>master", "came"],
    ["order_given backup>master started", "came* died*"],
  ];
  for (const [words, moves] of cases) {
    const found = movesOf(entries(words), "VI_1").map(({ kind, overridden }) =>
      `${kind}${overridden ? "*" : ""}`
    );
    assert.equal(found.join(" "), moves, words);
  }
  assert.deepEqual(
    [["a", "master"], ["master", "a"], ["a", "b"]].map(([from, to]) =>
      moveKind({ from: from!, to: to! })
    ),
    ["came", "left", null],
  );
});

const COMMON = { atMs: 0, priority: null, overridden: false, trial: false };
const came = (reason: string, more: Partial<Move> = {}): Move => ({
  ...COMMON,
  kind: "came",
  reason,
  ...more,
});
const left = (reason: string, more: Partial<Move> = {}): Move => ({
  ...COMMON,
  kind: "left",
  reason,
  ...more,
});

Deno.test("a mastership counts whole, or only with its end, or not at all", () => {
  const other = "higher_priority_master";
  const cases: readonly (readonly [readonly Move[], number])[] = [
    [[came("master_silent"), left("fault")], 2],
    [[left("fault")], 1],
    [[came("promote", { overridden: true }), left("fault")], 1],
    [[came("promote", { overridden: true }), left("fault", { overridden: true })], 1],
    [[came("master_silent"), left("fault", { trial: true })], 0],
    [[came("master_silent"), left("demote")], 0],
    [[left(other)], 1],
    [[came("promote", { overridden: true }), left(other)], 0],
    [[came("master_silent"), left(other, { overridden: true })], 0],
    [[came("master_silent"), left(other)], 2],
    [[came("a"), left(other)], 0],
    [[came("a", { priority: 1 }), left(other)], 2],
    [[came("a", { priority: 0 }), left(other)], 0],
    [[came("a"), left(other, { priority: 0 })], 0],
    [[came("a", { priority: 90 }), left(other, { priority: 90 })], 0],
    [[came("a", { priority: 90 }), left(other, { priority: 89 })], 2],
    [[came("master_silent"), left("demote"), left("fault")], 1],
  ];
  for (const [moves, count] of cases) {
    assert.equal(unplanned(moves).length, count, JSON.stringify(moves));
  }
});
