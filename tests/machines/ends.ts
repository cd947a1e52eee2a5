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

/** What systemd says of a front that gives no sign of life, and how long until the next one serves, in milliseconds. */
const FRONT_HUNG = /Watchdog timeout \(limit 1min\)/;
const FRONT_BACK_MS = 90_000;

/** The front hangs: systemd ends it and starts another one, and to the engine and the client that is nothing. */
export async function frontHung(pair: Pair, node: Node): Promise<void> {
  const before = await node.serves();
  const logBefore = await node.log("vipd-front");
  const answered = await pair.withoutLoss(async () => {
    const fromMs = performance.now();
    await node.run(`kill -STOP ${before.front.pid}`);
    await replaced(node, "front", before.front.pid);
    const tookMs = performance.now() - fromMs;
    assert.ok(tookMs < FRONT_BACK_MS, `another front after ${tookMs} ms`);
    await node.answers();
  });
  assert.deepEqual(answered, [node.name]);
  assert.match((await node.log("vipd-front")).slice(logBefore.length), FRONT_HUNG);
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

/** What may end the engine. */
interface Death {
  readonly of: string;
  /** Ends the process `$pid`, as root. */
  readonly command: string;
  /** What systemd says of it. */
  readonly logged: RegExp;
  /** Lets the next engine live. */
  readonly afterwards?: string;
}

export const DEATHS: readonly Death[] = [
  // The runtime takes a first SIGSEGV for a fault of WebAssembly, and lets the next one end the process: a real fault
  // comes again at once.
  {
    of: "SIGSEGV",
    command: "kill -SEGV $pid; sleep 1; kill -SEGV $pid 2>/dev/null || true",
    logged: /status=11\/SEGV/,
  },
  { of: "SIGABRT", command: "kill -ABRT $pid", logged: /status=6\/ABRT/ },
  { of: "SIGKILL", command: "kill -KILL $pid", logged: /status=9\/KILL/ },
  {
    of: "systemctl kill",
    command: "systemctl kill -s KILL vipd.service",
    logged: /status=9\/KILL/,
  },
  { of: "the watchdog", command: "kill -STOP $pid", logged: /Watchdog timeout/ },
  {
    of: "a machine without memory",
    // Anybody else on it would be ended first.
    command: "echo 1000 >/proc/$pid/oom_score_adj && echo f >/proc/sysrq-trigger",
    logged: /OOM killer/,
  },
  {
    of: "the limit of its unit",
    // Another process of the unit takes what there is left, and is spared. It ends with the unit, as systemd wants it.
    command: "systemctl set-property --runtime vipd.service " +
      `MemoryMax=$(($(cat ${CGROUPS}/vipd.service/memory.current) + ${50 * 1024 * 1024})); ` +
      "echo 1000 >/proc/$pid/oom_score_adj; " +
      `sh -c 'echo $$ >${CGROUPS}/vipd.service/cgroup.procs; echo -1000 >/proc/$$/oom_score_adj; ` +
      "exec tail /dev/zero' || true",
    // systemd may hear of the death before it hears that there was no memory.
    logged: /status=9\/KILL/,
    afterwards: "rm -r /run/systemd/system.control/vipd.service.d && systemctl daemon-reload",
  },
];

/** Two deaths would hold a node back. */
const UNDAMPED =
  "sed -i 's/^\\( *\\)preempt: true/\\1damping: { moves: 0 }\\n&/' /etc/vipd/vipd.yaml && " +
  "systemctl reload vipd";
const DAMPED = "sed -i '/^ *damping: { moves: 0 }/d' /etc/vipd/vipd.yaml && systemctl reload vipd";

/**
 * However the engine dies, systemd lets it say goodbye, the unit's sandbox lets the goodbye work, and the other node
 * serves until the next engine takes the address back.
 */
export async function goodbyeSaid(
  pair: Pair,
  node: Node,
  other: Node,
  deaths = DEATHS,
): Promise<void> {
  await pair.both((each) => each.run(UNDAMPED));
  await pair.settles();
  for (const { of, command, logged, afterwards } of deaths) {
    const before = await node.serves();
    const logBefore = await node.log();
    const moves = await became(other);
    await node.run(`pid=${before.engine.pid}; ${command}`);
    const since = async () => (await node.log()).slice(logBefore.length);
    await node.eventually(
      `the goodbye after ${of}`,
      async () => (await since()).includes("priority 0 has left from"),
    );
    if (afterwards !== undefined) await node.run(afterwards);
    await replaced(node, "engine", before.engine.pid);
    const log = await since();
    assert.match(log, new RegExp(`${INSTANCE}: .* is off .*; priority 0 has left`), of);
    assert.match(log, logged, of);
    await other.eventually(
      `the address after ${of}`,
      async () => await became(other) === moves + 1,
    );
    await pair.servedBy(node.name);
  }
  await pair.both((each) => each.run(DAMPED));
  await pair.both(forgetDeaths);
  await pair.settles();
}

/** How often a node became master. */
async function became(node: Node): Promise<number> {
  const { instances } = await node.answers();
  return instances.find(({ name }) => name === INSTANCE)!.counters.became_master;
}

/** An engine that dies as master again and again is held back: here that is what a test does, and no defect. */
export async function forgetDeaths(node: Node): Promise<void> {
  await node.run("systemctl stop vipd && rm /var/lib/vipd/journal*.jsonl && systemctl start vipd");
  await node.serves();
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
