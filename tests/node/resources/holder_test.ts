/** What is held on a host: many new things together, where that is cheaper, and the rest one by one. */

import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/host.ts";
import { Holder, type Holding } from "../../../src/node/resources/holder.ts";

const REFUSED: HostError = { code: "EPERM", message: "refused" };

/** A host that takes `together` at once; what it was asked for, in order. */
function holderWith(together: ReadonlySet<string>, refused: ReadonlySet<string> = new Set()) {
  const said: string[] = [];
  const holding: Holding<string> = {
    same: (a, b) => a === b,
    put: (thing) => {
      said.push(`put ${thing}`);
      return refused.has(thing) ? REFUSED : null;
    },
    putNew: (things) => {
      said.push(`together ${things.join(" ")}`);
      return new Set(things.filter((thing) => together.has(thing)));
    },
    take: (thing) => {
      said.push(`take ${thing}`);
      return null;
    },
    done: (action, thing) => said.push(`done ${action} ${thing}`),
    refused: (action, thing) => said.push(`refused ${action} ${thing}`),
  };
  const holder = new Holder(holding, { nowMs: () => 0, setTimer: () => () => {} });
  return { holder, said };
}

Deno.test("several new things are put together, and those that were not are put one by one", () => {
  const { holder, said } = holderWith(new Set(["a", "c"]), new Set(["b"]));
  holder.want(["a", "b", "c"]);
  assert.deepEqual(said, ["together a b c", "done put a", "done put c", "put b", "refused put b"]);
  assert.deepEqual(holder.held, ["a", "c"]);
});

Deno.test("one thing, and what is held already, is not asked for together", () => {
  const { holder, said } = holderWith(new Set(["a", "b", "c"]));
  holder.want(["a"]);
  holder.want(["a", "b"]);
  holder.want(["a", "b"]);
  assert.deepEqual(said, ["put a", "done put a", "put b", "done put b"]);
  said.length = 0;
  holder.lost(["a"]);
  assert.deepEqual([said, holder.held], [["put a", "done put a"], ["b", "a"]]);
});

Deno.test("what another changed is put once more, and not again because something else is refused", () => {
  const refused = new Set<string>();
  const { holder, said, again } = retryingHolder(refused);
  holder.want(["a", "b"]);
  refused.add("b");
  said.length = 0;
  holder.lost(["b"], ["a"]);
  assert.deepEqual(said, ["put a", "put b"]);
  said.length = 0;
  again();
  again();
  assert.deepEqual(said, ["put b", "put b"]);
});

Deno.test("what another changed, and was taken since, is as any other when it comes back", () => {
  const { holder, said } = retryingHolder();
  holder.want(["a"]);
  holder.lost([], ["a"]);
  holder.lost([], ["a"]);
  holder.want([]);
  holder.want(["a"]);
  said.length = 0;
  holder.want(["a"]);
  assert.deepEqual(said, []);
});

/** A holder whose clock stands still, and `again`, which is what happens when it is time for the next try. */
function retryingHolder(refused: ReadonlySet<string> = new Set()) {
  const said: string[] = [];
  let planned: (() => void) | null = null;
  const holding: Holding<string> = {
    same: (a, b) => a === b,
    put: (thing) => {
      said.push(`put ${thing}`);
      return refused.has(thing) ? REFUSED : null;
    },
    take: (thing) => {
      said.push(`take ${thing}`);
      return null;
    },
    refused: () => {},
  };
  const holder = new Holder(holding, {
    nowMs: () => 0,
    setTimer: (_, run) => {
      planned = run;
      return () => {
        planned = null;
      };
    },
  });
  return { holder, said, again: () => planned?.() };
}
