import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { LinuxProcesses } from "../../../src/linux/process/processes.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { Reactor } from "../../../src/linux/sys/reactor.ts";
import { delay, until } from "../namespace.ts";

/** The watched program: a copy of sleep under a name that no other process has. */
class Sleeper implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync();
  readonly path: string;

  constructor(name: string) {
    this.path = `${this.#folder}/${name}`;
    Deno.copyFileSync("/bin/sleep", this.path);
  }

  start(): Deno.ChildProcess {
    return new Deno.Command(this.path, { args: ["60"] }).spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

class Fixture implements AsyncDisposable {
  readonly libc = Libc.open();
  readonly reactor = new Reactor(this.libc, (error) => {
    throw error;
  });
  readonly processes = new LinuxProcesses(this.libc, this.reactor);

  constructor() {
    this.reactor.start(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reactor.close();
    this.processes.close();
    this.libc.close();
  }
}

/** A name of this test run alone. */
function uniqueName(prefix: string): string {
  return `${prefix}${Deno.pid.toString(36)}`;
}

Deno.test("processes are found by name while they run, all of them", async () => {
  await using fixture = new Fixture();
  const name = uniqueName("find");
  await using sleeper = new Sleeper(name);
  deepStrictEqual(fixture.processes.find(name), []);
  const children = [sleeper.start(), sleeper.start()];
  const pids = children.map(({ pid }) => pid).sort((a, b) => a - b);
  await until("found", () => fixture.processes.find(name).length === 2);
  deepStrictEqual(fixture.processes.find(name), pids);
  deepStrictEqual(fixture.processes.find(name.slice(0, -1)), [], "a part of the name is not it");
  for (const child of children) {
    child.kill("SIGKILL");
    await child.status;
  }
  deepStrictEqual(fixture.processes.find(name), []);
});

Deno.test("a name is compared as the kernel keeps it: cut to 15 octets, parentheses and blanks allowed", async () => {
  await using fixture = new Fixture();
  for (const name of [`${uniqueName("long")}-and-much-longer`, `${uniqueName("a) (b")} R`]) {
    await using sleeper = new Sleeper(name);
    await using child = sleeper.start();
    await until("found", () => fixture.processes.find(name).includes(child.pid));
    child.kill("SIGKILL");
  }
});

Deno.test("a zombie does not run", async () => {
  await using fixture = new Fixture();
  const name = uniqueName("zombie");
  await using sleeper = new Sleeper(name);
  // The shell starts it and then becomes a program that never waits for it.
  const parent = new Deno.Command("/bin/sh", {
    args: ["-c", `"$0" 60 & exec sleep 60`, sleeper.path],
  }).spawn();
  await until("it runs", () => fixture.processes.find(name).length === 1);
  const [pid] = fixture.processes.find(name);
  await until("the shell is gone", () => commandName(parent.pid) === "sleep");
  Deno.kill(pid!, "SIGKILL");
  await until("it is a zombie", () => / Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`)));
  deepStrictEqual(fixture.processes.find(name), []);
  parent.kill("SIGKILL");
  await parent.status;
});

Deno.test("the end of a watched process is reported once, without looking for it", async () => {
  await using fixture = new Fixture();
  await using sleeper = new Sleeper(uniqueName("watch"));
  for (let i = 0; i < 20; i++) {
    const child = sleeper.start();
    let told = 0;
    const end = fixture.processes.watchExit(child.pid, () => told++);
    ok(end);
    await delay(5);
    strictEqual(told, 0);
    child.kill("SIGKILL");
    await until("told", () => told === 1);
    await child.status;
    end();
    strictEqual(told, 1);
  }
});

Deno.test("a watch that was ended reports nothing; a process that is not there cannot be watched", async () => {
  await using fixture = new Fixture();
  await using sleeper = new Sleeper(uniqueName("ended"));
  const child = sleeper.start();
  let told = 0;
  fixture.processes.watchExit(child.pid, () => told++)?.();
  child.kill("SIGKILL");
  await child.status;
  await delay(20);
  strictEqual(told, 0);
  strictEqual(fixture.processes.watchExit(child.pid, () => {}), null);
});

Deno.test("a process has an owner and an executable, also one that was replaced on the disk", async () => {
  await using fixture = new Fixture();
  await using sleeper = new Sleeper(uniqueName("owner"));
  await using child = sleeper.start();
  const { processes } = fixture;
  await until("it runs", () => processes.executable(child.pid) === sleeper.path);
  strictEqual(processes.owner(child.pid), Deno.uid());
  await Deno.remove(sleeper.path);
  await Deno.copyFile("/bin/sleep", sleeper.path);
  strictEqual(processes.executable(child.pid), sleeper.path);
  child.kill("SIGKILL");
  await child.status;
  deepStrictEqual([processes.owner(child.pid), processes.executable(child.pid)], [null, null]);
});

function commandName(pid: number): string {
  return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
}
