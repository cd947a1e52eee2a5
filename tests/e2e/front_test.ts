/**
 * The engine and its front as two processes: what the front may, and what becomes of the engine when it is gone. Needs
 * root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_ADDRESS, PAIR_PLAN, type PairSettings, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd, vipdCommand, type VipdOptions } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import { atOnce, type Step } from "../at_once.ts";
import { executable } from "./built.ts";

const FAST: PairSettings = { version: 3, advertIntervalMs: 100 };
const BINARY = Deno.env.get("VIPD_BINARY");
const CONFIG = "/run/lab/vipd.yaml";
const KEY = "/run/lab/hmac.key";
const HMAC_KEY = "00112233445566778899aabbccddeeff".repeat(2);

/** A program that has the API's port and answers nobody. */
const TAKE_PORT =
  'Deno.listen({ hostname: "127.0.0.1", port: 9112 }); setTimeout(() => {}, 60_000)';

/** What lb01 runs: adverts are signed, so that there is a key that is none of the front's business. */
function config(priority: number, settings = FAST): string {
  return `${
    vipdConfig(settings, priority)
  }    authentication: { type: hmac, keys: [{ id: 1, key_file: ${KEY} }] }\n`;
}

/** How both nodes are started, where it matters. */
interface Started extends Pick<VipdOptions, "before" | "binary"> {
  readonly settings?: PairSettings;
}

/** A pair whose lb01 is master, and who has held the address at which time. */
async function withPair(
  act: (lb01: Vipd, watch: HolderWatch, lb02: Vipd) => Promise<void>,
  { settings, ...options }: Started = {},
): Promise<void> {
  await using lab = await Lab.open(`front-${crypto.randomUUID()}`, PAIR_PLAN);
  const watch = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 10);
  const nodes = await Promise.all(lab.hosts.map(async (host, index) => {
    await host.write(KEY, HMAC_KEY);
    await host.run(["chmod", "600", KEY]);
    const text = config([150, 100][index]!, settings);
    return new Vipd(host, { binary: BINARY, ...options, config: text });
  }));
  const [lb01, lb02] = nodes as [Vipd, Vipd];
  await lb01.start();
  await watch.heldBy("lb01", 10_000);
  await lb02.start();
  await sleep(1000);
  await act(lb01, watch, lb02);
}

/** The status that the API gives once its front serves. */
async function serving(vipd: Vipd): Promise<NodeStatus> {
  return await waitFor(`the API of ${vipd.host.name}`, async () => {
    const status = await vipd.status();
    return status?.processes.front.state === "serving" ? status : null;
  }, { timeoutMs: 10_000, everyMs: 20 });
}

/** What the command line says there, and how it ends. */
function command(host: LabHost, ...words: string[]) {
  return host.run([...vipdCommand(BINARY), ...words, "--config", CONFIG], { check: false });
}

/** Client and reason of an override are in the status, also after a restart. */
async function namesTheClient(lb01: Vipd): Promise<void> {
  const words = ["demote", "--all", "--for", "5m", "--reason", "disk swap"];
  const { code, stdout, stderr } = await command(lb01.host, ...words);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\S+: lb01 is backup now, .*, until 2\S+ [0-9:]{8};/);
  const override = async () => (await serving(lb01)).instances[0]!.override;
  const before = await override();
  assert.ok(before);
  assert.deepEqual([before.by?.user, before.by?.uid], ["root", 0]);
  assert.equal(before.reason, "disk swap");
  await lb01.stop();
  await lb01.start();
  assert.deepEqual(await override(), before);
}

async function withoutRights(): Promise<void> {
  await withPair(async (lb01) => {
    const { host } = lb01;
    const { engine, front } = (await serving(lb01)).processes;
    assert.notEqual(front.user, engine.user);
    const { stdout } = await host.run(["sh", "-c", `cat /proc/${front.pid}/task/*/status`]);
    const threads = [...stdout.matchAll(/^Uid:\s+(.*)$/gm)].map((found) => found[1]!.split("\t"));
    assert.ok(threads.length > 1);
    assert.ok(threads.flat().every((uid) => uid !== "0"), "no thread is root's");
    const powers = [...stdout.matchAll(/^Cap(?:Inh|Prm|Eff|Amb):\s+(\w+)$/gm)].map((it) => it[1]!);
    assert.ok(powers.length >= 4 * threads.length);
    assert.ok(powers.every((power) => /^0+$/.test(power)), "no thread has a capability");
    const { stdout: score } = await host.run(["cat", `/proc/${front.pid}/oom_score_adj`]);
    assert.ok(Number(score) >= 500);

    // What somebody could do who has taken the front over.
    const uid = threads[0]![0]!;
    const as = ["setpriv", `--reuid=${uid}`, "--regid=65534", "--clear-groups", "sh", "-c"];
    const refused = [
      `kill -TERM ${engine.pid}`,
      `cat ${KEY}`,
      `cat /proc/${engine.pid}/mem`,
      `cat /proc/${engine.pid}/environ`,
      "cat /run/vipd/token",
      "touch /run/vipd/planted",
      "ln -s /etc/passwd /run/vipd/status.json.new",
      "rm /run/vipd/lock",
      "exec 9<> /run/vipd/lock",
      "touch /var/lib/vipd/planted",
      "cat /var/lib/vipd/state.json /var/lib/vipd/journal.jsonl",
    ];
    for (const attempt of refused) {
      const { code, stderr } = await host.run([...as, attempt], { check: false });
      assert.ok(
        code !== 0 && /denied|not permitted/i.test(stderr),
        `${attempt}: ${code} ${stderr}`,
      );
    }
    assert.equal((await serving(lb01)).processes.engine.pid, engine.pid);
    await namesTheClient(lb01);
  });
}

async function killed(): Promise<void> {
  await withPair(async (lb01, watch) => {
    const fromMs = clockMs();
    const awayMs: number[] = [];
    for (let round = 1; round <= 3; round++) {
      const { front } = (await serving(lb01)).processes;
      await lb01.host.run(["kill", "-KILL", `${front.pid}`]);
      const killedMs = clockMs();
      const { processes } = await waitFor("the next front", async () => {
        const status = await lb01.status();
        return status && status.processes.front.pid !== front.pid ? status : null;
      }, { timeoutMs: 10_000, everyMs: 10 });
      assert.equal(processes.front.restarts, round);
      assert.match(processes.front.last_exit?.reason ?? "", /SIGKILL/);
      awayMs.push(clockMs() - killedMs);
    }
    // The other tests load the machine meanwhile.
    assert.ok(Math.min(...awayMs) < 1000, `it was away for ${awayMs.join(", ")} ms`);
    assert.ok(lb01.lastLines.some((line) => line.includes("[front_ended]")));
    assert.deepEqual(watch.now(), ["lb01"]);
    assert.deepEqual(watch.holdings().map((it) => it.host), ["lb01"], "no election");
    assert.ok(clockMs() > fromMs);
  });
}

async function hangs(): Promise<void> {
  await withPair(async (lb01, watch) => {
    const { host } = lb01;
    const { front } = (await serving(lb01)).processes;
    await host.run(["kill", "-STOP", `${front.pid}`]);
    const { stdout } = await waitFor("the alarm in the status file", async () => {
      const said = await command(host, "status");
      return said.stdout.includes("api_down") ? said : null;
    }, { timeoutMs: 20_000, everyMs: 500 });
    assert.match(stdout, /not live, \d+ s old/);
    assert.match(stdout, /MASTER/);
    const order = await command(host, "demote");
    assert.notEqual(order.code, 0);
    assert.match(order.stderr, /API is down/);
    await host.run(["kill", "-CONT", `${front.pid}`]);
    await serving(lb01);
    assert.deepEqual(watch.now(), ["lb01"]);
  });
}

async function cannotListen(): Promise<void> {
  await using lab = await Lab.open(`front-${crypto.randomUUID()}`, PAIR_PLAN);
  const [host] = lab.hosts;
  await host!.write(KEY, HMAC_KEY);
  await host!.run(["chmod", "600", KEY]);
  const watch = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 10);
  const other = host!.start("other", [Deno.execPath(), "eval", TAKE_PORT]);
  const vipd = new Vipd(host!, { config: config(150), binary: BINARY });
  await vipd.launch();
  await watch.heldBy("lb01", 10_000);
  const status = await waitFor("the alarm", async () => {
    const said = await command(host!, "status", "--json");
    const found: NodeStatus | null = said.code === 0 ? JSON.parse(said.stdout) : null;
    return found?.alarms.some(({ code }) => code === "api_down") ? found : null;
  }, { timeoutMs: 20_000, everyMs: 300 });
  assert.match(status.processes.front.problem ?? "", /9112: the port is in use/);
  await other.stop();
  await serving(vipd);
}

/** The scheduling policies of a process's threads, in the order of sched.h (proc_pid_stat(5)). */
async function policiesOf(host: LabHost, pid: number): Promise<string[]> {
  const { stdout } = await host.run(["sh", "-c", `cat /proc/${pid}/task/*/stat`], { check: false });
  // The third field stands behind the name, which may have spaces, and the policy is the 41st.
  const policies = stdout.trim().split("\n").map((line) =>
    line.slice(line.lastIndexOf(")") + 2).split(" ")[41 - 3]!
  );
  return [...new Set(policies)];
}

/** SCHED_OTHER and SCHED_RR, sched(7). */
const [ORDINARY, ROUND_ROBIN] = ["0", "2"];

async function realtimeAlone(): Promise<void> {
  await withPair(async (lb01) => {
    const { host } = lb01;
    const ordinaryFront = async () => {
      const { engine, front } = (await serving(lb01)).processes;
      // A thread has the policy a moment after its start.
      await waitFor(
        "real-time threads of the engine alone",
        async () => (await policiesOf(host, engine.pid)).join() === ROUND_ROBIN,
        {
          timeoutMs: 10_000,
          everyMs: 100,
        },
      );
      assert.deepEqual(await policiesOf(host, front.pid!), [ORDINARY]);
      return front.pid;
    };
    const first = await ordinaryFront();
    await host.run(["kill", "-KILL", `${first}`]);
    await waitFor("the next front", async () => {
      const { processes } = await serving(lb01);
      return processes.front.pid !== first;
    }, { timeoutMs: 10_000, everyMs: 20 });
    await ordinaryFront();
  }, { settings: { ...FAST, realtimePriority: 10 } });
}

/** The least that docs/install.md asks for; both limits, because the runtime may raise the soft one to the hard one. */
const DESCRIPTORS = ["prlimit", "--nofile=64:64"];

/** More clients than the front takes with so few; those that it takes stay. */
const CLIENTS = `
for (let client = 0; client < 60; client++) {
  Deno.connect({ hostname: "127.0.0.1", port: 9112 }).catch(() => {});
}
setTimeout(() => {}, 60_000);
`;

/** Limits the front's descriptors as its own user, because a machine may not let root do that to others (prlimit(2)). */
async function limitDescriptors(host: LabHost, pid: number, soft: number): Promise<void> {
  const { stdout } = await host.run(["cat", `/proc/${pid}/status`]);
  const [uid, gid] = ["Uid", "Gid"].map((name) =>
    new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(stdout)![1]!
  );
  const asUser = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--keep-groups"];
  await host.run([...asUser, "prlimit", "--pid", `${pid}`, `--nofile=${soft}:`]);
}

async function fewDescriptors(): Promise<void> {
  // From source, the runtime opens more than that before it comes to vipd.
  await using built = await executable();
  await withPair(async (lb01, watch, lb02) => {
    const { host } = lb01;
    const { alarms, processes: { front } } = await serving(lb01);
    assert.deepEqual(alarms.filter(({ code }) => code === "api_down"), []);
    const { state, master } = (await serving(lb02)).instances[0]!;
    assert.deepEqual([state, master?.address], ["backup", "192.168.31.11"]);

    const clients = host.start("clients", [Deno.execPath(), "eval", CLIENTS]);
    await waitFor("as many clients as it takes", async () => {
      const { stdout } = await host.run(["ls", `/proc/${front.pid}/fd`]);
      return stdout.trim().split("\n").length >= 40;
    }, { timeoutMs: 10_000, everyMs: 100 });
    assert.equal((await serving(lb01)).processes.front.pid, front.pid);
    await clients.stop();

    await limitDescriptors(host, front.pid!, 4);
    const { stdout } = await waitFor("the alarm", async () => {
      const said = await command(host, "status", "--json");
      return said.stdout.includes("api_down") ? said : null;
    }, { timeoutMs: 20_000, everyMs: 300 });
    assert.match(stdout, /Too many open files/);
    assert.deepEqual(watch.now(), ["lb01"]);
    await limitDescriptors(host, front.pid!, 64);
    await serving(lb01);
    assert.ok(!lb01.lastLines.some((line) => /master -> /.test(line)), "no election");
  }, { before: DESCRIPTORS, binary: built.path });
}

/** What needs a privilege that a user namespace does not give. */
const OF_ROOT: readonly Step[] = Deno.uid() === 0
  ? [["real-time priority is the engine's alone, of each front", realtimeAlone]]
  : [];

Deno.test("the engine and its front", async (t) => {
  await atOnce(t, [
    ...OF_ROOT,
    [
      "64 descriptors are enough for both; a front that has none left is an alarm, and costs no address",
      fewDescriptors,
    ],
    [
      "the front is a user without rights: engine, keys and folders are out of its reach",
      withoutRights,
    ],
    ["a front that is killed is back within a second, and the engine serves on", killed],
    [
      "while the front hangs, the command line shows what the engine has written, and the alarm",
      hangs,
    ],
    ["an API that cannot listen is an alarm, and costs no address", cannotListen],
  ]);
});
