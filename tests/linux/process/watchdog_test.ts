import assert from "node:assert/strict";
import { notifySystemd } from "../../../src/linux/process/systemd.ts";
import { keepWatchdog, watchdogIntervalMs } from "../../../src/linux/process/watchdog.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../../src/linux/sys/constants.ts";
import { must } from "../../../src/linux/sys/errors.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { Reactor } from "../../../src/linux/sys/reactor.ts";
import { Timers } from "../../../src/linux/sys/timers.ts";
import { until } from "../namespace.ts";

Deno.test("a sign of life is due each half of what the service manager allows this process", () => {
  const cases: [Record<string, string>, number | null][] = [
    [{}, null],
    [{ WATCHDOG_USEC: "6000000" }, 3000],
    [{ WATCHDOG_USEC: "6000000", WATCHDOG_PID: "42" }, 3000],
    [{ WATCHDOG_USEC: "6000000", WATCHDOG_PID: "43" }, null],
    [{ WATCHDOG_USEC: "0" }, null],
    [{ WATCHDOG_USEC: "soon" }, null],
  ];
  for (const [env, want] of cases) {
    assert.equal(watchdogIntervalMs((name) => env[name], 42), want, JSON.stringify(env));
  }
});

Deno.test("an engine gives signs of life, and none while it is blocked", async () => {
  const libc = Libc.open();
  const name = `vipd-watchdog-${Deno.pid}`;
  const fd = must("listen", "socket", libc.socket(AF_UNIX, SOCK_DGRAM, 0));
  const path = new TextEncoder().encode(`\0${name}`);
  must("listen", "bind", libc.bind(fd, Uint8Array.of(AF_UNIX, 0, ...path)));
  const octets = new Uint8Array(100);
  const received = () => {
    let count = 0;
    for (; libc.recv(fd, octets, MSG_DONTWAIT) > 0; count++);
    return count;
  };
  const failed = (error: unknown) => assert.fail(String(error));
  const reactor = new Reactor(libc, failed);
  const nowMs = () => performance.now();
  const timers = new Timers(libc, reactor, nowMs, failed);
  reactor.start(() => timers.fireDue());
  const setTimer = (atMs: number, fire: () => void, earlyMs?: number) =>
    timers.set(atMs, fire, earlyMs);
  try {
    keepWatchdog({ nowMs, setTimer }, 20, () => {
      assert.equal(notifySystemd(libc, `@${name}`, "WATCHDOG=1"), null);
    });
    assert.equal(received(), 1, "at once");
    let signs = 0;
    await until("signs of life", () => (signs += received()) >= 5);
    const freeMs = nowMs() + 200;
    while (nowMs() < freeMs); // The engine is blocked.
    assert.equal(received(), 0, "while it is blocked");
    await until("a sign of life when it works again", () => received() > 0);
  } finally {
    await reactor.close();
    timers.close();
    libc.closeFd(fd);
    libc.close();
  }
});
