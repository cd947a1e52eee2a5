/** One line for each thing that is heard. */

import assert from "node:assert/strict";
import {
  decodeLine,
  type Heard,
  NO_SECRETS,
  RECORDING_FORMAT,
  type Turn,
} from "../../src/recording/line.ts";
import { Recorder } from "../../src/recording/recorder.ts";

const HEAD = { format: RECORDING_FORMAT, version: 1, secrets: NO_SECRETS, vipd: "x" } as const;
const ROUTING: Heard = { kind: "routing" };
const STATUS: Heard = { kind: "status" };

/** A recorder whose clock shows what `clock.nowMs` says. */
function recorder() {
  const lines: string[] = [];
  const clock = { ms: 10 };
  const made = new Recorder(
    { nowMs: () => clock.ms, wallClockMs: () => 1000 + clock.ms },
    HEAD,
    (line) => lines.push(line),
  );
  return {
    clock,
    made,
    turns: () => (made.seal(), lines.slice(1).map((line) => decodeLine(line) as Turn)),
    lines,
  };
}

Deno.test("the first line says that no secret is in the file", () => {
  const { lines } = recorder();
  assert.ok(lines[0]!.startsWith(`{"format":"vipd-recording","version":1,"secrets":"no password`));
});

Deno.test("a turn has its times, what was answered when that changed, and what was done", () => {
  const { made, turns } = recorder();
  made.turn(ROUTING, () => {
    assert.equal(made.asked("now", 10), 10);
    made.asked("now", 10.5);
    made.asked("now", 10.75);
    made.asked("own routing", []);
    assert.equal(made.did("announce", ["a"], () => null), null);
    made.did("send", [Uint8Array.of(0xc0, 0xa8)], () => ({ code: "EPERM", message: "no" }));
  });
  made.turn(ROUTING, () => made.asked("own routing", []));
  const [first, second] = turns();
  assert.deepEqual(first, {
    ...{ atMs: 10, wallMs: 1010, heard: ROUTING },
    answers: [["now", 2, 10.5, 10.75], ["own routing", 1, []]],
    did: [
      { do: "announce", with: ["a"] },
      { do: "send", with: [Uint8Array.of(0xc0, 0xa8)], result: { code: "EPERM", message: "no" } },
    ],
  });
  assert.deepEqual(second, { atMs: 10, wallMs: 1010, joined: "call", heard: ROUTING });
});

Deno.test("what goes on after a promise belongs to the turn that was last; what is heard then says so", async () => {
  const { made, turns } = recorder();
  made.turn(ROUTING, () => {
    void Promise.resolve().then(() => made.did("later", [], () => null));
  });
  await Promise.resolve();
  await Promise.resolve();
  made.turn(ROUTING, () => {});
  await new Promise((resolve) => setTimeout(resolve));
  made.turn(ROUTING, () => {});
  const all = turns();
  assert.deepEqual(all[0]!.did, [{ do: "later", with: [] }]);
  assert.deepEqual(all.map(({ joined }) => joined), [undefined, "promise", undefined]);
});

Deno.test("a question that changes nothing makes no line, unless the engine does something", () => {
  const { made, turns } = recorder();
  made.turn(STATUS, () => made.asked("now", 11), true);
  made.turn(STATUS, () => made.did("removeAddress", ["a"], () => null), true);
  assert.deepEqual(turns().map(({ did }) => did), [[{ do: "removeAddress", with: ["a"] }]]);
});

Deno.test("what a turn has left to wait goes on before what is heard next, and that says so", async () => {
  const { made, turns } = recorder();
  made.turn(ROUTING, () => {
    queueMicrotask(() => made.did("later", [], () => null));
    queueMicrotask(() => made.turn(ROUTING, () => {}));
  });
  made.turn(STATUS, () => {});
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(turns().map(({ joined, did }) => [joined, did?.length]), [
    ...[[undefined, undefined], ["call", 1], ["promise", undefined]],
  ]);
});

Deno.test("what is still followed after an earlier turn does not come between two others", async () => {
  const { made, turns } = recorder();
  made.turn(ROUTING, () => {});
  await Promise.resolve();
  queueMicrotask(() => {
    queueMicrotask(() => made.turn(STATUS, () => {}));
    made.turn(ROUTING, () => {});
  });
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(turns().map(({ joined }) => joined), [undefined, "promise", "call"]);
});

Deno.test("what makes no line is no pause, and hides none", async () => {
  const { made, turns } = recorder();
  const quiet = () => made.turn(STATUS, () => {}, true);
  made.turn(ROUTING, () => {});
  quiet();
  made.turn(ROUTING, () => {});
  await Promise.resolve();
  await Promise.resolve();
  quiet();
  made.turn(ROUTING, () => {});
  await new Promise((resolve) => setTimeout(resolve));
  quiet();
  made.turn(ROUTING, () => {});
  assert.deepEqual(turns().map(({ joined }) => joined), [
    ...[undefined, "call", "promise", undefined],
  ]);
});

Deno.test("what is heard during a call stands behind that call", () => {
  const { made, turns } = recorder();
  made.turn(ROUTING, () => {
    made.did("probe", ["nginx"], () => made.turn(STATUS, () => {}));
    made.did("announce", ["a"], () => null);
  });
  assert.deepEqual(turns()[0]!.did!.map(({ do: call }) => call), ["probe", "heard", "announce"]);
});

Deno.test("what throws is thrown, and the next turn is recorded", () => {
  const { made, turns } = recorder();
  assert.throws(() =>
    made.turn(ROUTING, () => {
      throw new RangeError("defect");
    }), RangeError);
  made.turn(STATUS, () => {});
  assert.deepEqual(turns().map(({ heard }) => heard.kind), ["routing", "status"]);
});
