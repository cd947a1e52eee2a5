/** What is held on a host: many new things together, where that is cheaper, and the rest one by one. */

import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/host.ts";
import { Reconciler, type ReconcilerTarget } from "../../../src/node/resources/reconciler.ts";

const REFUSED: HostError = { code: "EPERM", message: "refused" };

/** A host that takes `together` at once; what it was asked for, in order. */
function holderWith(together: ReadonlySet<string>, refused: ReadonlySet<string> = new Set()) {
  const said: string[] = [];
  const holding: ReconcilerTarget<string> = {
    same: (a, b) => a === b,
    add: (thing) => {
      said.push(`put ${thing}`);
      return refused.has(thing) ? REFUSED : null;
    },
    putNew: (things) => {
      said.push(`together ${things.join(" ")}`);
      return new Set(things.filter((thing) => together.has(thing)));
    },
    remove: (thing) => {
      said.push(`take ${thing}`);
      return null;
    },
    done: (action, thing) => said.push(`done ${action} ${thing}`),
    refused: (action, thing) => said.push(`refused ${action} ${thing}`),
  };
  const holder = new Reconciler(holding, { nowMs: () => 0, setTimer: () => () => {} });
  return { holder, said };
}

Deno.test("several new things are put together, and those that were not are put one by one", () => {
  const { holder, said } = holderWith(new Set(["a", "c"]), new Set(["b"]));
  holder.desire(["a", "b", "c"]);
  assert.deepEqual(said, ["together a b c", "done put a", "done put c", "put b", "refused put b"]);
  assert.deepEqual(holder.actual, ["a", "c"]);
});

Deno.test("one thing, and what is held already, is not asked for together", () => {
  const { holder, said } = holderWith(new Set(["a", "b", "c"]));
  holder.desire(["a"]);
  holder.desire(["a", "b"]);
  holder.desire(["a", "b"]);
  assert.deepEqual(said, ["put a", "done put a", "put b", "done put b"]);
  said.length = 0;
  holder.lost(["a"]);
  assert.deepEqual([said, holder.actual], [["put a", "done put a"], ["b", "a"]]);
});
