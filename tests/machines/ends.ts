/** Processes end that nobody asked to: killed, hung, out of memory. */

import assert from "node:assert/strict";
import { assertReplaced, assertUntouched, INSTANCE, type Node, type Pair } from "./pair.ts";

const CGROUPS = "/sys/fs/cgroup/system.slice";
/** Nobody's limit is as low: no front fits into it. */
const TIGHT = "MemoryMax=8M";

/** The front is killed: it comes back, and to the engine and the client that is nothing. */
export async function frontKilled(pair: Pair, node: Node): Promise<void> {
  const before = await node.serves();
  const answered = await pair.withoutLoss(async () => {
    await node.run(`kill -KILL ${before.front.pid}`);
    await replaced(node, "front", before.front.pid);
    await node.answers();
  });
  assert.deepEqual(answered, [node.name]);
  assertUntouched(before.engine, (await node.units()).engine);
}

/** The engine is killed: the other node serves, and systemd starts it again. */
export async function engineKilled(pair: Pair, node: Node): Promise<void> {
  const before = await node.serves();
  await node.run(`kill -KILL ${before.engine.pid}`);
  await replaced(node, "engine", before.engine.pid);
  const { status, engine } = await node.serves();
  assertReplaced(before.engine, engine);
  assert.equal(status.processes.engine.restarts, before.status.processes.engine.restarts + 1);
  await pair.servedBy(node.name);
}

const ENGINE = "$(systemctl show --value --property=MainPID vipd)";
/**
 * What may end the engine besides a plain kill. The runtime takes a first SIGSEGV for a fault of WebAssembly, and lets
 * the next one end the process: a real fault comes again at once.
 */
const DEATHS = [
  `pid=${ENGINE}; kill -SEGV $pid; sleep 1; kill -SEGV $pid 2>/dev/null || true`,
  `kill -ABRT ${ENGINE}`,
  "systemctl kill -s KILL vipd.service",
] as const;

/** However the engine dies, systemd lets it say goodbye, and the unit's sandbox lets the goodbye work. */
export async function goodbyeSaid(pair: Pair, node: Node, other: Node): Promise<void> {
  for (const death of DEATHS) {
    const before = await node.serves();
    const goodbyes = goodbyesOf(await node.log());
    await node.run(death);
    await replaced(node, "engine", before.engine.pid);
    await node.eventually(
      "the goodbye",
      async () => goodbyesOf(await node.log()) === goodbyes + 1,
    );
    assert.match(await node.log(), new RegExp(`${INSTANCE}: .* is off .*; priority 0 has left`));
    await other.serves();
    await forgetDeaths(node);
    await pair.servedBy(node.name);
  }
  // It has taken over so often that it would leave the next hand-over to nobody for a while.
  await forgetDeaths(other);
}

function goodbyesOf(log: string): number {
  return log.split("priority 0 has left from").length - 1;
}

/** An engine that dies as master again and again is held back: here that is what a test does, and no defect. */
export async function forgetDeaths(node: Node): Promise<void> {
  await node.run("systemctl stop vipd && rm /var/lib/vipd/journal*.jsonl && systemctl start vipd");
  await node.serves();
}

/** An engine that hangs gives no sign of life: the watchdog ends it. */
export async function engineHangs(pair: Pair, node: Node): Promise<void> {
  const before = await node.serves();
  await node.run(`kill -STOP ${before.engine.pid}`);
  await replaced(node, "engine", before.engine.pid);
  assert.match(await node.log(), /Watchdog timeout/);
  await node.serves();
  await pair.servedBy(node.name);
}

/** The front reaches its limit of memory: it alone is ended, and serves again. */
export async function frontOutOfMemory(pair: Pair, node: Node): Promise<void> {
  const before = await node.serves();
  const limit = await node.run(`cat ${CGROUPS}/vipd-front.service/memory.max`);
  assert.equal(Number(limit), 256 * 1024 * 1024);
  const answered = await pair.withoutLoss(async () => {
    await node.run(`systemctl set-property --runtime vipd-front.service ${TIGHT}`);
    await node.eventually(
      "the end of the front",
      async () => (await node.log("vipd-front")).includes("oom-kill"),
    );
    await node.run("systemctl revert vipd-front.service && systemctl daemon-reload");
    await node.answers();
  });
  assert.deepEqual(answered, [node.name]);
  const after = await node.serves();
  assertUntouched(before.engine, after.engine);
  assertReplaced(before.front, after.front);
}

/** A program of a check takes all the memory that the engine's unit may have: it alone is ended. */
export async function programOutOfMemory(node: Node): Promise<void> {
  const before = await node.serves();
  const group = `${CGROUPS}/vipd.service`;
  const has = Number(await node.run(`cat ${group}/memory.current`));
  await node.run(
    `systemctl set-property --runtime vipd.service MemoryMax=${has + 50 * 1024 * 1024}`,
  );
  const glutton = `echo $$ >${group}/cgroup.procs; echo 1000 >/proc/$$/oom_score_adj; ` +
    "exec tail /dev/zero";
  const { said } = await node.tried(`sh -c '${glutton}'; echo it ended with $?`);
  // 128 and SIGKILL.
  assert.match(said, /it ended with 137/);
  await node.run("systemctl revert vipd.service && systemctl daemon-reload");
  assert.match(await node.log(), /OOM killer/);
  const after = await node.serves();
  assertUntouched(before.engine, after.engine);
  assert.equal(stateOf(after.status), stateOf(before.status));
}

function stateOf({ instances }: { instances: readonly { name: string; state: string }[] }) {
  return instances.find(({ name }) => name === INSTANCE)?.state;
}

/** Waits until a unit has another process. */
async function replaced(node: Node, which: "engine" | "front", pid: number): Promise<void> {
  await node.eventually(`another ${which}`, async () => {
    const unit = (await node.units())[which];
    return unit.active === "active" && unit.pid !== 0 && unit.pid !== pid;
  });
}
