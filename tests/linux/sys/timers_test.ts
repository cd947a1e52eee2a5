import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { Reactor } from "../../../src/linux/sys/reactor.ts";
import { Timers } from "../../../src/linux/sys/timers.ts";
import { delay, until } from "../namespace.ts";

const EFD_NONBLOCK = 0o4000;
const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);

/** A reactor with timers and one descriptor that a test can make readable. */
class Fixture implements AsyncDisposable {
  readonly libc = Libc.open();
  readonly errors: unknown[] = [];
  readonly reactor = new Reactor(this.libc, (error) => this.errors.push(error));
  readonly timers = new Timers(
    this.libc,
    this.reactor,
    () => performance.now(),
    (error) => this.errors.push(error),
  );
  readonly fd = this.libc.eventfd(0, EFD_NONBLOCK);

  constructor() {
    this.reactor.start(() => this.timers.fireDue());
  }

  /** Calls `onReadable` for each write to `fd`. */
  onWrite(onReadable: () => void): void {
    this.reactor.register(this.fd, () => {
      this.libc.read(this.fd, new Uint8Array(8));
      onReadable();
    });
  }

  write(): void {
    this.libc.write(this.fd, ONE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reactor.close();
    this.timers.close();
    this.libc.closeFd(this.fd);
    this.libc.close();
  }
}

Deno.test("timers fire in order of time, equal ones in the order they were set", async () => {
  await using fixture = new Fixture();
  const fired: string[] = [];
  const nowMs = performance.now();
  for (const [name, afterMs] of [["c", 9], ["a", 3], ["d", 9], ["b", 5], ["past", -5]] as const) {
    fixture.timers.set(nowMs + afterMs, () => fired.push(name));
  }
  deepStrictEqual(fired, [], "nothing fires while it is set");
  await until("all fired", () => fired.length === 5);
  deepStrictEqual(fired, ["past", "a", "b", "c", "d"]);
});

Deno.test("a timer never fires early and a cancelled one never", async () => {
  await using fixture = new Fixture();
  const earlyMs: number[] = [];
  let cancelledFired = 0;
  for (let i = 0; i < 200; i++) {
    const atMs = performance.now() + 1 + (i * 37 % 100) / 5;
    fixture.timers.set(atMs, () => earlyMs.push(atMs - performance.now()));
    const cancel = fixture.timers.set(atMs, () => cancelledFired++);
    cancel();
    cancel();
  }
  await until("all fired", () => earlyMs.length === 200);
  strictEqual(Math.max(...earlyMs) <= 0, true, `early by ${Math.max(...earlyMs)} ms`);
  strictEqual(cancelledFired, 0);
});

Deno.test("those that may fire early do so with one that is due, and only with one", async () => {
  await using fixture = new Fixture();
  const fired: string[] = [];
  const nowMs = performance.now();
  const set = (name: string, afterMs: number, earlyMs?: number) =>
    fixture.timers.set(nowMs + afterMs, () => fired.push(name), earlyMs);
  set("due", 20);
  set("punctual", 500);
  set("early", 510, 500);
  set("too early", 520, 100);
  fixture.onWrite(() => fired.push("read"));
  fixture.write();
  await until("all that may", () => fired.length === 3);
  deepStrictEqual(fired, ["read", "due", "early"]);
  await until("the rest", () => fired.length === 5);
  deepStrictEqual(fired.slice(3), ["punctual", "too early"]);
});

Deno.test("a timer cancels another that is due at the same time", async () => {
  await using fixture = new Fixture();
  const fired: string[] = [];
  const atMs = performance.now() + 5;
  fixture.timers.set(atMs, () => {
    fired.push("first");
    cancel();
  });
  const cancel = fixture.timers.set(atMs, () => fired.push("second"));
  await delay(20);
  deepStrictEqual(fired, ["first"]);
});

Deno.test("a timer that is set again fires at the new time alone, and may set itself again", async () => {
  await using fixture = new Fixture();
  const earlyMs: number[] = [];
  let atMs = 0;
  const set = (afterMs: number) => timer.set(atMs = performance.now() + afterMs);
  const timer = fixture.timers.make(() => {
    earlyMs.push(atMs - performance.now());
    if (earlyMs.length < 3) set(3);
  });
  set(1);
  set(20);
  await until("fired", () => earlyMs.length === 3);
  set(3);
  await until("fired once more", () => earlyMs.length === 4);
  set(2);
  set(3);
  timer.cancel();
  timer.cancel();
  await delay(10);
  strictEqual(earlyMs.length, 4);
  strictEqual(Math.max(...earlyMs) <= 0, true, `early by ${Math.max(...earlyMs)} ms`);
});

Deno.test("a timer sets another again that is due at the same time: it fires later, once", async () => {
  await using fixture = new Fixture();
  const fired: string[] = [];
  const atMs = performance.now() + 5;
  fixture.timers.set(atMs, () => {
    fired.push("first");
    second.set(atMs + 10);
  });
  const second = fixture.timers.make(() => fired.push("second"));
  second.set(atMs);
  fixture.timers.set(atMs, () => fired.push("third"));
  fixture.timers.set(atMs + 8, () => fired.push("fourth"));
  await until("all fired", () => fired.length === 4);
  await delay(20);
  deepStrictEqual(fired, ["first", "third", "fourth", "second"]);
});

Deno.test("what waits to be read is delivered before a timer that is due, and may cancel it", async () => {
  await using fixture = new Fixture();
  const happened: string[] = [];
  const atMs = performance.now() + 10;
  const cancel = fixture.timers.set(atMs, () => happened.push("cancelled timer"));
  fixture.timers.set(atMs, () => happened.push("timer"));
  fixture.onWrite(() => {
    happened.push("read");
    cancel();
  });
  // As after SIGCONT: the deadline has passed, and what arrived before it lies unread.
  fixture.write();
  while (performance.now() < atMs + 20);
  await until("the timer fired", () => happened.includes("timer"));
  deepStrictEqual(happened, ["read", "timer"]);
});

Deno.test("what arrives while another reader is slow is delivered before a deadline that passed meanwhile", async () => {
  await using fixture = new Fixture();
  const happened: string[] = [];
  const atMs = performance.now() + 20;
  fixture.timers.set(atMs, () => happened.push("timer"));
  const slowFd = fixture.libc.eventfd(1, EFD_NONBLOCK);
  fixture.onWrite(() => happened.push("read"));
  fixture.reactor.register(slowFd, () => {
    fixture.libc.read(slowFd, new Uint8Array(8));
    fixture.write();
    while (performance.now() < atMs + 5);
  });
  await until("both", () => happened.length === 2);
  deepStrictEqual(happened, ["read", "timer"]);
  fixture.reactor.unregister(slowFd);
  fixture.libc.closeFd(slowFd);
});

Deno.test("what arrives together with a deadline is delivered before it", async () => {
  await using fixture = new Fixture();
  const happened: string[] = [];
  fixture.onWrite(() => happened.push("read"));
  // The timer comes first: the kernel reports it first, too.
  fixture.timers.set(performance.now(), () => happened.push("timer"));
  fixture.write();
  await until("both", () => happened.length === 2);
  deepStrictEqual(happened, ["read", "timer"]);
});

Deno.test("one that sets itself again for now does not keep the others from firing", async () => {
  await using fixture = new Fixture();
  let spins = 0;
  let stopped = false;
  const spin = () => {
    spins++;
    if (!stopped) fixture.timers.set(0, spin);
  };
  fixture.timers.set(0, spin);
  let fired = false;
  fixture.timers.set(performance.now() + 5, () => fired = true);
  await until("the other fired", () => fired);
  stopped = true;
  strictEqual(spins > 1, true);
});

Deno.test("what readers and timers throw is reported, and ends nothing", async () => {
  await using fixture = new Fixture();
  let reads = 0;
  fixture.onWrite(() => {
    reads++;
    throw new Error("reader");
  });
  let fired = false;
  fixture.timers.set(performance.now() + 2, () => {
    throw new Error("timer");
  });
  fixture.timers.set(performance.now() + 2, () => fired = true);
  fixture.write();
  await until("fired", () => fired);
  fixture.write();
  await until("read again", () => reads === 2);
  deepStrictEqual(
    fixture.errors.map((error) => (error as Error).message).sort(),
    ["reader", "reader", "timer"],
  );
});

Deno.test("a reader that is unregistered is not called, not even for what is ready", async () => {
  await using fixture = new Fixture();
  let reads = 0;
  fixture.onWrite(() => reads++);
  fixture.write();
  fixture.reactor.unregister(fixture.fd);
  await delay(10);
  strictEqual(reads, 0);
});

Deno.test("a reader that another one unregisters in the same pass is not called any more", async () => {
  await using fixture = new Fixture();
  const fds = [fixture.libc.eventfd(1, EFD_NONBLOCK), fixture.libc.eventfd(1, EFD_NONBLOCK)];
  let calls = 0;
  for (const fd of fds) {
    fixture.reactor.register(fd, () => {
      calls++;
      for (const each of fds) fixture.reactor.unregister(each);
    });
  }
  fixture.reactor.drain();
  strictEqual(calls, 1);
  for (const fd of fds) fixture.libc.closeFd(fd);
});

Deno.test("a reader that leaves data unread is called again", async () => {
  await using fixture = new Fixture();
  let calls = 0;
  fixture.reactor.register(fixture.fd, () => {
    if (++calls === 3) fixture.libc.read(fixture.fd, new Uint8Array(8));
  });
  fixture.write();
  await until("called three times", () => calls === 3);
  await delay(5);
  strictEqual(calls, 3);
});

Deno.test("hundreds of ready descriptors are all drained in one pass", async () => {
  const libc = Libc.open();
  // Not started: a pending wait of its own would take some of them away.
  const reactor = new Reactor(libc, (error) => {
    throw error;
  });
  const fds = Array.from({ length: 700 }, () => libc.eventfd(1, EFD_NONBLOCK));
  const seen = new Set<number>();
  for (const fd of fds) reactor.register(fd, () => seen.add(fd));
  reactor.drain();
  strictEqual(seen.size, 700);
  for (const fd of fds) {
    reactor.unregister(fd);
    libc.closeFd(fd);
  }
  await reactor.close();
  libc.close();
});

Deno.test("how late timers fired is reported once: the worst of all", async () => {
  await using fixture = new Fixture();
  const fired: string[] = [];
  strictEqual(fixture.timers.takeLateMs(), 0);
  const atMs = performance.now() + 5;
  fixture.timers.set(atMs, () => fired.push("late"));
  while (performance.now() < atMs + 40);
  fixture.timers.set(performance.now() + 5, () => fired.push("on time"));
  await until("both fired", () => fired.length === 2);
  const lateMs = fixture.timers.takeLateMs();
  strictEqual(lateMs >= 40 && lateMs < 1000, true, `${lateMs} ms`);
  strictEqual(fixture.timers.takeLateMs(), 0);
});
