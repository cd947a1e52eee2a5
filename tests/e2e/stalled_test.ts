/**
 * What a master waits for does not answer: resolver, programs, disk, reader of its log. Its adverts leave all the same.
 * Needs root, for a file system of FUSE.
 *
 * @module
 */

import assert from "node:assert/strict";
import { AdvertCapture } from "../../lab/capture.ts";
import { Lab } from "../../lab/network.ts";
import { NODE_ADDRESSES, PAIR_PLAN, PRIORITIES, vipdConfig } from "../../lab/pair_config.ts";
import { StallingFolder, StallingPipe } from "../../lab/stalled_files.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import type { CommandAnswer } from "../../src/api/answer_shapes.ts";
import { atOnce } from "../at_once.ts";

const INTERVAL_MS = 100;
const STALL_MS = 12_000;
/** Of the adverts that are due, so many leave at least: a machine that others use as well makes some late. */
const LEAVE_AT_LEAST = 0.8;
const CHECKS = 40;

/** On the pair's network, where nobody is. */
const NOBODY = "192.168.31.53";

type Prepared = { readonly stall: () => Promise<void> };

interface StallCase {
  /** Stands before the master's instances. */
  readonly config: string;
  readonly before?: readonly string[];
  /** Makes ready what is to stall. */
  readonly prepare: (lab: Lab) => Promise<Prepared>;
  /** What is seen of the master while it is stalled. */
  readonly seen: (master: Vipd) => Promise<void>;
}

function checks(each: (index: number) => string): string {
  const lines = Array.from({ length: CHECKS }, (_, index) => `  c${index}: ${each(index)}\n`);
  return `checks:\n${lines.join("")}`;
}

async function alarms(vipd: Vipd): Promise<string[]> {
  return (await vipd.status())?.alarms.map(({ code }) => code) ?? [];
}

async function details(vipd: Vipd): Promise<readonly string[]> {
  return (await vipd.status())?.checks.map(({ last }) => last?.detail ?? "") ?? [];
}

/** Waits until every check says this. */
async function allSay(vipd: Vipd, pattern: RegExp): Promise<void> {
  const all = async () => (await details(vipd)).every((detail) => pattern.test(detail));
  await waitFor(`${pattern} of all checks`, all, {
    timeoutMs: STALL_MS,
    everyMs: 500,
    explain: async () => (await details(vipd)).join("\n"),
  });
}

const RESOLVER: StallCase = {
  config: checks((index) =>
    `{ type: http, url: "http://web${index}.example.test/", interval: 1s, timeout: 500ms }`
  ),
  async prepare(lab) {
    const host = lab.host("lb01");
    await host.write("/run/lab/resolv.conf", `nameserver ${NOBODY}\n`);
    await host.run(["mount", "--bind", "/run/lab/resolv.conf", "/etc/resolv.conf"]);
    // Without a neighbour the kernel would say at once that nobody is there.
    await host.run(["ip", "neigh", "add", NOBODY, "lladdr", "02:00:00:00:00:53", "dev", "eth1"]);
    return { stall: () => Promise.resolve() };
  },
  seen: (master) => allSay(master, /no answer within 500 ms/),
};

const PROGRAMS: StallCase = {
  config: checks(() =>
    `{ type: exec, command: [/bin/sh, -c, "trap '' TERM; sleep 60"], interval: 1s, timeout: 500ms }`
  ),
  prepare: () => Promise.resolve({ stall: () => Promise.resolve() }),
  seen: (master) => allSay(master, /not finished within 500 ms, killed/),
};

const PROGRAMS_DISK: StallCase = {
  config: checks(() =>
    `{ type: exec, command: [${StallingFolder.path}/check], interval: 1s, timeout: 500ms }`
  ),
  async prepare(lab) {
    const host = lab.host("lb01");
    const folder = await StallingFolder.mount(host);
    await host.run(["cp", "/bin/true", `${StallingFolder.path}/check`]);
    return { stall: () => folder.stall() };
  },
  seen: (master) => allSay(master, /not finished within 500 ms, killed/),
};

const DISK: StallCase = {
  // The mount point itself, as in a container: its parent, on another disk, answers.
  config: `state_dir: ${StallingFolder.path}\n`,
  async prepare(lab) {
    const folder = await StallingFolder.mount(lab.host("lb01"));
    return { stall: () => folder.stall() };
  },
  async seen(master) {
    const { status, body } = await master.send("VI_1", "promote");
    assert.equal(status, 200, "an order is obeyed though the disk does not take it");
    assert.match((body as CommandAnswer).not_kept ?? "", /^the disk has not answered for 5 s$/);
    const raised = async () => (await alarms(master)).includes("state_unwritable");
    await waitFor("the alarm", raised, { timeoutMs: STALL_MS, everyMs: 200 });
  },
};

const RUN_DIR: StallCase = {
  config: `run_dir: ${StallingFolder.path}\n`,
  async prepare(lab) {
    const folder = await StallingFolder.mount(lab.host("lb01"));
    return { stall: () => folder.stall() };
  },
  async seen(master) {
    // The status is written every ten seconds.
    await sleep(STALL_MS);
    assert.equal((await master.status())?.instances[0]?.state, "master");
  },
};

const LOG: StallCase = {
  config: "",
  before: StallingPipe.before,
  async prepare(lab) {
    const pipe = await StallingPipe.open(lab.host("lb01"));
    return { stall: () => pipe.stall() };
  },
  async seen(master) {
    for (const order of ["promote", "release", "promote", "release"] as const) {
      assert.equal((await master.send("VI_1", order)).status, 200);
    }
  },
};

Deno.test({
  name: "what does not answer makes no advert late: a master stays the only one",
  ignore: Deno.uid() !== 0,
  fn: async (t) => {
    await atOnce(t, [
      [`${CHECKS} checks of names, and a silent resolver`, () => stalled(RESOLVER)],
      [`${CHECKS} check programs that ignore SIGTERM`, () => stalled(PROGRAMS)],
      [`${CHECKS} check programs on a disk that does not answer`, () => stalled(PROGRAMS_DISK)],
      ["a disk that does not answer", () => stalled(DISK)],
      ["a disk that does not answer, with run_dir", () => stalled(RUN_DIR)],
      ["a log that nobody reads", () => stalled(LOG)],
    ], 2);
  },
});

Deno.test({
  name: "a node starts and serves though its disk does not answer, and says so",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using lab = await Lab.open(`stalled-${crypto.randomUUID()}`, PAIR_PLAN);
    const host = lab.host("lb01");
    const folder = await StallingFolder.mount(host);
    await folder.stall();
    const settings = { version: 3, advertIntervalMs: INTERVAL_MS } as const;
    const config = DISK.config + vipdConfig(settings, PRIORITIES.lb01);
    const vipd = new Vipd(host, { config, binary: Deno.env.get("VIPD_BINARY") });
    await vipd.start();
    const serves = async () => (await vipd.status())?.instances[0]?.state === "master";
    await waitFor("lb01 to be master", serves, { timeoutMs: 10_000, everyMs: 100 });
    const raised = async () => (await alarms(vipd)).includes("state_damaged");
    await waitFor("the alarm", raised, { timeoutMs: 10_000, everyMs: 200 });
    const entries = await vipd.events();
    const lost = entries.find(({ code }) => code === "journal_damaged");
    assert.match(lost?.message ?? "", /has not answered for 5 s/);
    assert.ok(entries.some(({ code }) => code === "probation_unknown"));
    await folder.recover();
  },
});

async function stalled({ config, before, prepare, seen }: StallCase): Promise<void> {
  await using lab = await Lab.open(`stalled-${crypto.randomUUID()}`, PAIR_PLAN);
  const binary = Deno.env.get("VIPD_BINARY");
  const settings = { version: 3, advertIntervalMs: INTERVAL_MS } as const;
  const prepared = await prepare(lab);
  const master = new Vipd(lab.host("lb01"), {
    config: config + vipdConfig(settings, PRIORITIES.lb01),
    binary,
    before,
  });
  const backup = new Vipd(lab.host("lb02"), {
    config: vipdConfig(settings, PRIORITIES.lb02),
    binary,
  });
  await master.start();
  const state = async (vipd: Vipd) => (await vipd.status())?.instances[0]?.state;
  const isMaster = async () => await state(master) === "master";
  await waitFor("lb01 to be master", isMaster, { timeoutMs: 10_000, everyMs: 100 });
  await backup.start();
  const capture = await AdvertCapture.start(lab.host("lb02"), "eth1");
  await prepared.stall();
  const fromMs = clockMs();
  await Promise.all([seen(master), sleep(STALL_MS)]);
  const tookMs = clockMs() - fromMs;
  const adverts = (await capture.stop()).filter(({ atMs }) => atMs >= fromMs);
  const left = adverts.filter(({ source }) => source === NODE_ADDRESSES.lb01).length;
  assert.equal(adverts.length - left, 0, "the backup has taken over");
  const due = tookMs / INTERVAL_MS;
  assert.ok(left >= LEAVE_AT_LEAST * due, `${left} of ${due.toFixed(0)} adverts left`);
}
