/** The host gets many new things together, if that is cheaper, and the rest one by one. */

import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/errors.ts";
import { Reconciler, type ReconcilerTarget } from "../../../src/node/resources/reconciler.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

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

Deno.test("two new things are asked for together", () => {
  const { reconciler, said } = reconcilerWith(new Set(["a", "b"]));
  reconciler.desire(["a", "b"]);
  assert.deepEqual(said, ["together a b", "done add a", "done add b"]);
});

Deno.test("what is added together is not added once more, although another had changed it before", () => {
  const refused = new Set<string>();
  const { reconciler, said } = reconcilerWith(new Set(["a", "b"]), refused);
  reconciler.desire(["a", "b"]);
  refused.add("a");
  reconciler.lost([], ["a"]);
  refused.clear();
  said.length = 0;
  reconciler.retry();
  assert.deepEqual(said, ["together a b", "done add a", "done add b"]);
});

Deno.test("another form of a thing takes its place, and those of the others stay", () => {
  const added: string[] = [];
  const reconciler = new Reconciler<string>({
    same: (a, b) => a[0] === b[0],
    alike: (a, b) => a === b,
    add: (thing) => {
      added.push(thing);
      return null;
    },
    remove: () => null,
    refused: () => {},
  }, { nowMs: () => 0, setTimer: () => () => {} });
  reconciler.desire(["a1", "b1"]);
  reconciler.desire(["a2", "b1"]);
  assert.deepEqual([added, reconciler.actual], [["a1", "b1", "a2"], ["a2", "b1"]]);
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

/** A reconciler on virtual time, and what it asks of the host and reports since one last took that, with the time. */
function timedReconciler() {
  const time = new VirtualTime();
  const world = { refused: new Set<string>(), awaits: false };
  const said: string[] = [];
  const say = (what: string) => said.push(`${time.nowMs} ${what}`);
  const asked = (action: "add" | "remove") => (thing: string) => {
    say(`${action} ${thing}`);
    return world.refused.has(thing) ? REFUSED : null;
  };
  const target: ReconcilerTarget<string> = {
    same: (a, b) => a === b,
    add: asked("add"),
    remove: asked("remove"),
    refused: (action, thing) => say(`refused ${action} ${thing}`),
    retried: () => say("retried"),
    awaits: () => world.awaits,
  };
  const reconciler = new Reconciler(target, {
    nowMs: () => time.nowMs,
    setTimer: (atMs, run) => time.schedule(atMs, run),
  });
  const run = (forMs: number) => time.runUntil(time.nowMs + forMs);
  return { reconciler, world, run, take: () => said.splice(0) };
}

Deno.test("what the host refuses is asked of it every second until it does it, and nothing else is", () => {
  const { reconciler, world, run, take } = timedReconciler();
  reconciler.desire(["a"]);
  run(5000);
  assert.deepEqual(take(), ["0 add a"]);
  world.refused.add("a");
  reconciler.desire([]);
  run(1000);
  assert.deepEqual(take(), [
    ...["5000 remove a", "5000 refused remove a"],
    ...["6000 remove a", "6000 refused remove a", "6000 retried"],
  ]);
  world.refused.clear();
  run(5000);
  assert.deepEqual([take(), reconciler.actual], [["7000 remove a", "7000 retried"], []]);
  reconciler.desire(["a", "b"]);
  reconciler.desire(["b"]);
  assert.deepEqual(reconciler.actual, ["b"]);
});

Deno.test("what is not desired any more, or comes before its time, is not asked for again", () => {
  const { reconciler, world, run, take } = timedReconciler();
  world.refused.add("a");
  reconciler.desire(["a"]);
  run(500);
  take();
  world.refused.clear();
  reconciler.desire(["a"]);
  run(5000);
  assert.deepEqual(take(), ["500 add a"]);
});

Deno.test("what another removes that is not desired is gone, and that is all", () => {
  const { reconciler, world, take } = timedReconciler();
  assert.equal(reconciler.returning, false);
  reconciler.desire(["a", "b"]);
  take();
  reconciler.lost(["a"], [], ["b"]);
  assert.deepEqual([take(), reconciler.actual, reconciler.desired], [[], ["b"], ["b"]]);
  world.refused.add("b");
  reconciler.desire([]);
  take();
  reconciler.lost(["b"]);
  reconciler.lost(["b"]);
  assert.deepEqual([take(), reconciler.actual, reconciler.returning], [[], [], false]);
});

Deno.test("what another removes comes back at once, and a second after the time before if that is later", () => {
  const { reconciler, run, take } = timedReconciler();
  reconciler.desire(["a"]);
  for (const expected of ["0 add a", "1000 add a"]) {
    take();
    reconciler.lost(["a"]);
    assert.deepEqual([take(), reconciler.returning], [[expected], false]);
    run(1000);
  }
  reconciler.lost(["a"]);
  take();
  run(999);
  reconciler.lost(["a"]);
  assert.deepEqual([take(), reconciler.returning], [[], true]);
  run(1);
  assert.deepEqual([take(), reconciler.returning], [["3000 add a", "3000 retried"], false]);
  reconciler.lost(["a"]);
  reconciler.lost(["a"]);
  run(5000);
  assert.deepEqual(take(), ["4000 add a", "4000 retried"]);
});

Deno.test("a retry adds all that is there once more", () => {
  const { reconciler, take } = timedReconciler();
  reconciler.desire(["a", "b"]);
  take();
  reconciler.retry();
  assert.deepEqual([take(), reconciler.actual], [["0 add a", "0 add b"], ["a", "b"]]);
});

Deno.test("what is refused because of what is awaited is no rejection, and is asked for when that is back, once", () => {
  const { reconciler, world, take } = timedReconciler();
  world.awaits = true;
  world.refused = new Set(["a", "b"]);
  reconciler.desire(["a", "b"]);
  assert.deepEqual(take(), ["0 add a", "0 add b"]);
  reconciler.again();
  assert.deepEqual(take(), [], "it is not back");
  world.awaits = false;
  world.refused.delete("a");
  reconciler.again();
  reconciler.again();
  assert.deepEqual(take(), ["0 add a", "0 add b", "0 refused add b"]);
  world.awaits = true;
  world.refused.add("a");
  reconciler.desire([]);
  assert.deepEqual(take(), ["0 remove a", "0 refused remove a"], "nothing is needed for that");
});

Deno.test("what another removed again a moment ago waits, although what is awaited is back", () => {
  const { reconciler, world, run, take } = timedReconciler();
  reconciler.desire(["a"]);
  reconciler.lost(["a"]);
  world.awaits = true;
  world.refused.add("b");
  reconciler.desire(["a", "b"]);
  reconciler.lost(["a"]);
  world.awaits = false;
  world.refused.clear();
  take();
  reconciler.again();
  assert.deepEqual(take(), []);
  run(1000);
  assert.deepEqual(take(), ["1000 add a", "1000 add b", "1000 retried"]);
});
