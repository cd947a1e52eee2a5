import assert from "node:assert/strict";
import type { ProbeResult } from "../../src/health/check.ts";
import type { ProcessCheckConfig } from "../../src/health/check_config.ts";
import { openProber } from "../../src/health/probers.ts";
import type { ProcessTable } from "../../src/health/probes/process.ts";
import { FakeTimeouts } from "./fake_timeouts.ts";
import { COMMON, NOTHING_THERE } from "./probing.ts";

/** Processes that live and die at the test's word. */
class FakeProcesses implements ProcessTable {
  readonly running = new Set<number>();
  readonly watches = new Map<number, () => void>();
  /** Processes that cannot be watched. */
  readonly unwatchable = new Set<number>();
  broken = false;
  /** Users and executables of those that are not root's nginx. */
  readonly owners = new Map<number, number>();
  readonly executables = new Map<number, string | null>();

  find(name: string): number[] {
    if (this.broken) throw new Error("Too many open files (os error 24)");
    return name === "nginx" ? [...this.running].sort((a, b) => a - b) : [];
  }

  owner(pid: number): number | null {
    return this.owners.get(pid) ?? 0;
  }

  executable(pid: number): string | null {
    const known = this.executables.get(pid);
    return known === undefined ? "/usr/sbin/nginx" : known;
  }

  watchExit(pid: number, exited: () => void): (() => void) | null {
    if (!this.running.has(pid) || this.unwatchable.has(pid)) return null;
    assert.ok(!this.watches.has(pid), `PID ${pid} is watched twice`);
    this.watches.set(pid, exited);
    return () => this.watches.delete(pid);
  }

  start(...pids: number[]): void {
    for (const pid of pids) this.running.add(pid);
  }

  end(pid: number): void {
    this.running.delete(pid);
    const exited = this.watches.get(pid);
    this.watches.delete(pid);
    exited?.();
  }
}

function open(settings: Partial<ProcessCheckConfig> = {}) {
  const processes = new FakeProcesses();
  const results: ProbeResult[] = [];
  const prober = openProber(
    { ...COMMON, type: "process", process: "nginx", graceMs: 0, ...settings },
    { ...NOTHING_THERE, processes },
    (result) => results.push(result),
  );
  const outcomes = () =>
    results.map(({ ok, detail, conclusive }) => `${ok}${conclusive ? "!" : ""} ${detail}`);
  return { processes, prober, outcomes };
}

Deno.test("a process check counts the processes of its name", () => {
  const { processes, prober, outcomes } = open();
  prober.probe();
  processes.start(7);
  prober.probe();
  processes.start(8, 12);
  prober.probe();
  assert.deepEqual(outcomes(), [
    "false no process nginx",
    "true 1 process, PID 7",
    "true 3 processes, lowest PID 7",
  ]);
});

Deno.test("the end of the last process is reported at once and conclusively", () => {
  const { processes, prober, outcomes } = open();
  processes.start(7, 8);
  prober.probe();
  processes.end(7);
  assert.equal(outcomes().length, 1, "one is left: nothing to tell");
  processes.end(8);
  assert.deepEqual(outcomes().slice(1), ["false! no process nginx (PID 8 has ended)"]);
});

Deno.test("why there is none is said in the same words at each look, until there is one again", () => {
  const { processes, prober, outcomes } = open();
  processes.start(7);
  prober.probe();
  processes.end(7);
  prober.probe();
  prober.probe();
  processes.start(8);
  prober.probe();
  processes.unwatchable.add(8);
  processes.watches.clear();
  processes.end(8);
  prober.probe();
  assert.deepEqual(outcomes().slice(1), [
    "false! no process nginx (PID 7 has ended)",
    ...Array(2).fill("false no process nginx (PID 7 has ended)"),
    "true 1 process, PID 8",
    "false no process nginx",
  ]);
});

Deno.test("a process that replaced a watched one is watched from then on", () => {
  const { processes, prober, outcomes } = open();
  processes.start(7);
  prober.probe();
  processes.start(20);
  processes.end(7);
  assert.deepEqual([...processes.watches.keys()], [20]);
  processes.end(20);
  assert.deepEqual(outcomes().slice(1), ["false! no process nginx (PID 20 has ended)"]);
});

Deno.test("a PID that comes again is another process and is watched again", () => {
  const { processes, prober, outcomes } = open();
  processes.start(7);
  prober.probe();
  // The new process has the PID before the end of the old one is told.
  const exited = processes.watches.get(7)!;
  processes.watches.delete(7);
  exited();
  processes.end(7);
  assert.deepEqual(outcomes().slice(1), ["false! no process nginx (PID 7 has ended)"]);
});

Deno.test("a process that cannot be watched still counts", () => {
  const { processes, prober, outcomes } = open();
  processes.start(7);
  processes.unwatchable.add(7);
  prober.probe();
  processes.end(7);
  prober.probe();
  assert.deepEqual(outcomes(), ["true 1 process, PID 7", "false no process nginx"]);
});

Deno.test("watches are bounded, follow the processes and end with the prober", () => {
  const { processes, prober, outcomes } = open();
  processes.start(...Array.from({ length: 300 }, (_, index) => 100 + index));
  prober.probe();
  assert.deepEqual(outcomes(), ["true 300 processes, lowest PID 100"]);
  assert.equal(processes.watches.size, 64);
  for (let pid = 100; pid < 380; pid++) processes.running.delete(pid);
  prober.probe();
  assert.deepEqual([...processes.watches.keys()], Array.from({ length: 20 }, (_, i) => 380 + i));
  prober.close();
  assert.equal(processes.watches.size, 0);
  prober.probe();
  assert.equal(outcomes().length, 2);
});

Deno.test("a process table that cannot be read is a failure, not an exception", () => {
  const { processes, prober, outcomes } = open();
  processes.start(7);
  prober.probe();
  processes.broken = true;
  processes.end(7);
  prober.probe();
  assert.deepEqual(outcomes().slice(1), [
    "false cannot read the process table: too many open files",
  ]);
});

Deno.test("a process that comes again within the grace makes no failure", () => {
  using time = new FakeTimeouts();
  const { processes, prober, outcomes } = open({ graceMs: 1000 });
  processes.start(7);
  prober.probe();
  processes.end(7);
  time.pass(200);
  prober.probe();
  assert.equal(outcomes().length, 1, "a probe within the grace finds none and says nothing");
  processes.start(8);
  prober.probe();
  time.pass(5000);
  assert.deepEqual(outcomes(), ["true 1 process, PID 7", "true 1 process, PID 8"]);
  processes.end(8);
  processes.start(9);
  time.pass(1000);
  processes.end(9);
  time.pass(999);
  assert.equal(
    outcomes().length,
    2,
    "the one that came without a probe is watched, with a grace of its own",
  );
  time.pass(1);
  assert.deepEqual(outcomes().slice(2), [
    "false! no process nginx (PID 9 has ended, no other came in 1000 ms)",
  ]);
  prober.close();
});

Deno.test("a grace is for what has run: what is missing at first, or still, has failed", () => {
  using time = new FakeTimeouts();
  const { processes, prober, outcomes } = open({ graceMs: 1000 });
  prober.probe();
  processes.start(7);
  prober.probe();
  processes.unwatchable.add(7);
  processes.running.delete(7);
  processes.watches.clear();
  prober.probe();
  assert.equal(outcomes().length, 2, "an end that a probe finds has its grace");
  time.pass(1000);
  prober.probe();
  assert.deepEqual(outcomes(), [
    "false no process nginx",
    "true 1 process, PID 7",
    "false! no process nginx (no other came in 1000 ms)",
    "false no process nginx (no other came in 1000 ms)",
  ]);
  processes.start(8);
  prober.probe();
  processes.end(8);
  prober.close();
  time.pass(5000);
  assert.equal(outcomes().length, 5, "a closed prober has no grace left to end");
});

Deno.test("a copy of another program by the right name does not count", () => {
  const { processes, prober, outcomes } = open({ path: "/usr/sbin/nginx" });
  processes.start(7, 8, 9);
  processes.executables.set(7, "/tmp/nginx").set(8, null);
  prober.probe();
  processes.end(9);
  prober.probe();
  const others = "1 not of /usr/sbin/nginx, 1 whose executable vipd's user must not see";
  assert.deepEqual(outcomes(), [
    "true 1 process, PID 9",
    `false! no process nginx that counts: ${others} (PID 9 has ended)`,
    `false no process nginx that counts: ${others} (PID 9 has ended)`,
  ]);
});

Deno.test("processes of another user do not count", async () => {
  const { processes, prober, outcomes } = open({ user: "root" });
  const told = async (count: number) => {
    while (outcomes().length < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  processes.start(7, 8);
  processes.owners.set(7, 65_534);
  prober.probe();
  await told(1);
  processes.end(8);
  prober.probe();
  assert.deepEqual(outcomes(), [
    "true 1 process, PID 8",
    "false! no process nginx that counts: 1 not of user root (PID 8 has ended)",
    "false no process nginx that counts: 1 not of user root (PID 8 has ended)",
  ]);
});

Deno.test("the user of a process check must be known", async () => {
  const { prober, outcomes } = open({ user: "no-such-user" });
  prober.probe();
  while (outcomes().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(outcomes(), ["false there is no user no-such-user"]);
});
