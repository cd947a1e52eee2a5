/** A listener on which everything goes wrong that may. */

import assert from "node:assert/strict";
import { type AcceptHooks, AcceptLoop } from "../../../src/front/server/accept_loop.ts";
import { delay } from "./raw.ts";

const EMFILE = new Error("Too many open files (os error 24)");
const GONE = new Deno.errors.ConnectionAborted("Software caused connection abort");

/** Yields what it is given, then waits. */
class FakeListener {
  readonly #outcomes: (Error | "connection")[];
  accepts = 0;
  closed = false;
  #end = () => {};

  constructor(...outcomes: (Error | "connection")[]) {
    this.#outcomes = outcomes;
  }

  accept(): Promise<Deno.Conn> {
    this.accepts++;
    const outcome = this.#outcomes.shift();
    // What is accepted is only passed on.
    if (outcome === "connection") return Promise.resolve({} as Deno.Conn);
    if (outcome) return Promise.reject(outcome);
    return new Promise((_resolve, reject) => {
      this.#end = () => reject(new Deno.errors.BadResource("Listener has been closed"));
    });
  }

  close(): void {
    this.closed = true;
    this.#end();
  }
}

async function running(
  listener: FakeListener,
  act: (told: string[], loop: AcceptLoop) => Promise<void>,
  hooks: Partial<AcceptHooks> = {},
): Promise<void> {
  const told: string[] = [];
  // The loop needs no more of a listener than this.
  const loop = new AcceptLoop(listener as unknown as Deno.Listener, {
    accepted: () => told.push("accepted"),
    troubled: (why) => told.push(why === null ? "over" : `trouble: ${why}`),
    makeRoom: () => told.push("make room"),
    fullForMs: () => 0,
    paused: () => {},
    ...hooks,
  });
  const run = loop.run();
  try {
    await act(told, loop);
  } finally {
    loop.stop();
    await run;
  }
  assert.ok(listener.closed);
}

async function until(holds: () => boolean): Promise<void> {
  for (let left = 500; !holds(); left--) {
    assert.ok(left > 0, "not within 5 s");
    await delay(10);
  }
}

Deno.test("used up descriptors are reported once, tried again, and their end is reported", async () => {
  await running(
    new FakeListener("connection", EMFILE, EMFILE, EMFILE, "connection", EMFILE, "connection"),
    async (told) => {
      await until(() => told.filter((it) => it === "accepted").length === 3);
      const wanted = [
        "accepted",
        `trouble: ${EMFILE.message}`,
        "over",
        "accepted",
        `trouble: ${EMFILE.message}`,
        "over",
        "accepted",
      ];
      assert.deepEqual(told.filter((it) => it !== "make room"), wanted);
      assert.equal(told.filter((it) => it === "make room").length, 4);
    },
  );
});

Deno.test("failures are tried again less and less often, but at least twice a second", async () => {
  const listener = new FakeListener(...Array(100).fill(EMFILE));
  await running(listener, async () => {
    await delay(300);
    const { accepts } = listener;
    assert.ok(accepts >= 3 && accepts <= 10, `${accepts} in 300 ms`);
    await delay(1500);
    assert.ok(listener.accepts >= accepts + 1, "it has given up");
  });
});

Deno.test("a client that has gone before it is accepted is no trouble", async () => {
  await running(new FakeListener(GONE, GONE, "connection"), async (told) => {
    await until(() => told.length > 0);
    assert.deepEqual(told, ["accepted"]);
  });
});

Deno.test("a trouble is over when it does not come again, though nobody connects", async () => {
  await running(new FakeListener(EMFILE), async (told) => {
    await until(() => told.at(-1) === "over");
    assert.deepEqual(told, [`trouble: ${EMFILE.message}`, "make room", "over"]);
  });
});

Deno.test("nothing is accepted while there is no place", async () => {
  let fullForMs = 0;
  const listener = new FakeListener(...Array(20).fill("connection"));
  await running(listener, async (told) => {
    await until(() => told.length === 3);
    await delay(100);
    assert.equal(told.length, 3);
    fullForMs = 0;
    await until(() => told.length === 20);
  }, {
    fullForMs: () => listener.accepts === 3 ? fullForMs = 200 : 0,
  });
  assert.equal(fullForMs, 0);
});

Deno.test("stopping ends a pause, and what was reported", async () => {
  const listener = new FakeListener(...Array(100).fill(EMFILE));
  const told: string[] = [];
  await running(listener, async (_told, loop) => {
    await delay(800);
    const startMs = performance.now();
    loop.stop();
    await delay(0);
    assert.ok(performance.now() - startMs < 100);
  }, { troubled: (why) => told.push(why === null ? "over" : "trouble") });
  assert.deepEqual(told, ["trouble", "over"]);
});
