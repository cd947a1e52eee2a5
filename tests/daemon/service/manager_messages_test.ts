import assert from "node:assert/strict";
import { ManagerMessages } from "../../../src/daemon/service/manager_messages.ts";

/** A manager that has place for so many messages until it reads. */
function manager(places: number) {
  const read: string[] = [];
  const failures: string[] = [];
  const timers: (() => void)[] = [];
  let place = places;
  const messages = new ManagerMessages({
    send: (state) => {
      if (state === "broken=1") return { code: "ENOENT", message: "no socket" };
      if (place === 0) return { code: "EAGAIN", message: "no place" };
      place--;
      read.push(state);
      return null;
    },
    timers: { nowMs: () => 0, setTimer: (_atMs, fire) => (timers.push(fire), () => {}) },
    failed: ({ code }) => void failures.push(code),
  });
  const later = (more: number) => {
    place = more;
    timers.shift()?.();
  };
  return { messages, read, failures, timers, later };
}

Deno.test("a manager that does not read gets all in order once it does, of the states the last, no old sign of life", () => {
  const { messages, read, timers, later } = manager(1);
  for (const state of ["STATUS=a", "READY=1", "WATCHDOG=1", "STATUS=b", "STATUS=c", "WATCHDOG=1"]) {
    messages.send(state);
  }
  assert.deepEqual([read, timers.length], [["STATUS=a"], 1]);
  later(0);
  later(1);
  assert.deepEqual(read, ["STATUS=a", "READY=1"]);
  later(9);
  assert.deepEqual(read, ["STATUS=a", "READY=1", "STATUS=c"]);
  messages.send("WATCHDOG=1");
  assert.deepEqual([read.at(-1), timers.length], ["WATCHDOG=1", 0]);
});

Deno.test("a message that cannot be sent at all is reported and holds up no other", () => {
  const { messages, read, failures } = manager(9);
  messages.send("broken=1");
  messages.send("READY=1");
  assert.deepEqual([read, failures], [["READY=1"], ["ENOENT"]]);
});

Deno.test("a manager that never reads costs a bounded number of messages", () => {
  const { messages, read, later } = manager(0);
  for (let count = 0; count < 100; count++) messages.send(`RELOADING=${count}`);
  later(1000);
  assert.equal(read.length, 16);
});
