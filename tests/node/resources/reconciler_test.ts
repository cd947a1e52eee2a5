/** The host gets many new things together, if that is cheaper, and the rest one by one. */

import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/errors.ts";
import { Reconciler, type ReconcilerTarget } from "../../../src/node/resources/reconciler.ts";

const REFUSED: HostError = { code: "EPERM", message: "refused" };

/** A host that takes `together` at once; what it was asked for, in order. */
function reconcilerWith(together: ReadonlySet<string>, refused: ReadonlySet<string> = new Set()) {
  const said: string[] = [];
  const target: ReconcilerTarget<string> = {
    same: (a, b) => a === b,
    add: (thing) => {
      said.push(`add ${thing}`);
      return refused.has(thing) ? REFUSED : null;
    },
    addNew: (things) => {
      said.push(`together ${things.join(" ")}`);
      return new Set(things.filter((thing) => together.has(thing)));
    },
    remove: (thing) => {
      said.push(`remove ${thing}`);
      return null;
    },
    done: (action, thing) => said.push(`done ${action} ${thing}`),
    refused: (action, thing) => said.push(`refused ${action} ${thing}`),
  };
  const reconciler = new Reconciler(target, { nowMs: () => 0, setTimer: () => () => {} });
  return { reconciler, said };
}

Deno.test("several new things are added together, and those that were not are added one by one", () => {
  const { reconciler, said } = reconcilerWith(new Set(["a", "c"]), new Set(["b"]));
  reconciler.desire(["a", "b", "c"]);
  assert.deepEqual(said, ["together a b c", "done add a", "done add c", "add b", "refused add b"]);
  assert.deepEqual(reconciler.actual, ["a", "c"]);
});

Deno.test("one thing, and what the host has already, is not asked for together", () => {
  const { reconciler, said } = reconcilerWith(new Set(["a", "b", "c"]));
  reconciler.desire(["a"]);
  reconciler.desire(["a", "b"]);
  reconciler.desire(["a", "b"]);
  assert.deepEqual(said, ["add a", "done add a", "add b", "done add b"]);
  said.length = 0;
  reconciler.lost(["a"]);
  assert.deepEqual([said, reconciler.actual], [["add a", "done add a"], ["b", "a"]]);
});

Deno.test("what another changed is added once more, and not again because something else is refused", () => {
  const refused = new Set<string>();
  const { reconciler, said, again } = retryingReconciler(refused);
  reconciler.desire(["a", "b"]);
  refused.add("b");
  said.length = 0;
  reconciler.lost(["b"], ["a"]);
  assert.deepEqual(said, ["add a", "add b"]);
  said.length = 0;
  again();
  again();
  assert.deepEqual(said, ["add b", "add b"]);
});

Deno.test("what another changed, and was removed since, is as any other when it comes back", () => {
  const { reconciler, said } = retryingReconciler();
  reconciler.desire(["a"]);
  reconciler.lost([], ["a"]);
  reconciler.lost([], ["a"]);
  reconciler.desire([]);
  reconciler.desire(["a"]);
  said.length = 0;
  reconciler.desire(["a"]);
  assert.deepEqual(said, []);
});

Deno.test("what the host refuses on its own account is not asked for again when something else is back", () => {
  const { reconciler, said } = retryingReconciler(new Set(["a"]));
  reconciler.desire(["a"]);
  reconciler.again();
  assert.deepEqual(said, ["add a"]);
});

/** A reconciler whose clock stands still, and `again`, which is what happens when it is time for the next try. */
function retryingReconciler(refused: ReadonlySet<string> = new Set()) {
  const said: string[] = [];
  let planned: (() => void) | null = null;
  const target: ReconcilerTarget<string> = {
    same: (a, b) => a === b,
    add: (thing) => {
      said.push(`add ${thing}`);
      return refused.has(thing) ? REFUSED : null;
    },
    remove: (thing) => {
      said.push(`remove ${thing}`);
      return null;
    },
    refused: () => {},
  };
  const reconciler = new Reconciler(target, {
    nowMs: () => 0,
    setTimer: (_, run) => {
      planned = run;
      return () => {
        planned = null;
      };
    },
  });
  return { reconciler, said, again: () => planned?.() };
}
