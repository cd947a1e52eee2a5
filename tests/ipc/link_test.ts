import assert from "node:assert/strict";
import { join } from "node:path";
import { repeat } from "../../src/host/regular_work.ts";
import { EngineGoneError, EngineLink, type FrontSide } from "../../src/ipc/engine_link.ts";
import { encodeFrame, FrameReader } from "../../src/ipc/framing.ts";
import { FrontLink, type FrontState } from "../../src/ipc/front_link.ts";
import type { FrontSettings } from "../../src/ipc/messages.ts";
import { uptimeS } from "../../src/ipc/command_age.ts";
import type { PeerReport } from "../../src/status/reports/peer_answer.ts";
import { FakeEngine, SETTINGS } from "./fake_engine.ts";
import { REAL_TIMERS } from "../real_timers.ts";
import { WorkClock } from "./work_clock.ts";

const LB02 = { name: "lb02", url: "http://127.0.0.2:9112" };

/** A front that does what it is told. */
class FakeFront implements FrontSide {
  readonly steps: string[] = [];
  /** Why it cannot open what the next settings need. */
  problem: string | null = null;

  prepare({ node }: FrontSettings): Promise<string | null> {
    this.steps.push(`prepare ${node}`);
    return Promise.resolve(this.problem);
  }

  commit({ node }: FrontSettings): void {
    this.steps.push(`commit ${node}`);
  }

  askAgain(name: string, afterMs: number): void {
    this.steps.push(`ask ${name} after ${afterMs}`);
  }

  askClients(instances: readonly string[]): void {
    this.steps.push(`ask as a client for ${instances.join(" ")}`);
  }

  finish(): Promise<void> {
    this.steps.push("finish");
    return Promise.resolve();
  }

  welcomed(run: string, notifiedId: number): void {
    this.steps.push(`welcomed by ${run}, ${notifiedId}`);
  }

  standDown(): void {
    this.steps.push("stand down");
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const untilMs = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > untilMs) assert.fail(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The engine's end, and any number of fronts. */
class Rig implements AsyncDisposable {
  readonly engine = new FakeEngine();
  readonly states: FrontState[] = [];
  readonly refusals: string[] = [];
  readonly path: string;
  readonly #folder: string;
  readonly #fronts: EngineLink[] = [];
  link!: FrontLink;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, "engine.sock");
  }

  static async open(
    prepare: (engine: FakeEngine) => void = () => {},
    key: string | null = null,
    clock?: WorkClock,
  ): Promise<Rig> {
    const rig = new Rig(await Deno.makeTempDir());
    prepare(rig.engine);
    rig.link = await FrontLink.open({
      path: rig.path,
      gid: null,
      key,
      engine: rig.engine,
      repeat: (everyMs, work) => repeat(REAL_TIMERS, everyMs, work),
      settings: { ...SETTINGS, peers: [LB02] },
      changed: (state) => rig.states.push(state),
      refused: (why) => rig.refusals.push(why),
      ...(clock && { clock }),
    });
    rig.engine.journal.listen(() => rig.link.recorded());
    return rig;
  }

  /** A front that is connected and has its settings. */
  async front(key?: string): Promise<{ front: FakeFront; link: EngineLink }> {
    const { front, link } = this.comer(key);
    await until("a front with settings", () => front.steps.includes("commit lb01"));
    return { front, link };
  }

  /** A front that comes, and comes again. */
  comer(key?: string, path = this.path): { front: FakeFront; link: EngineLink; log: string[] } {
    const front = new FakeFront();
    const log: string[] = [];
    const link = this.connect(front, { path, log, ...(key === undefined ? {} : { key }) });
    return { front, link, log };
  }

  connect(
    front: FakeFront,
    { log = [], ...other }: { key?: string; path?: string; log?: string[] } = {},
  ): EngineLink {
    const link = new EngineLink({
      ...{ path: this.path, user: "nobody", folder: "/run/front" },
      log: (line: string) => void log.push(line),
      ...other,
    }, front);
    this.#fronts.push(link);
    void link.run();
    return link;
  }

  /** Somebody else, who may say anything. */
  async stranger(): Promise<Deno.UnixConn> {
    return await Deno.connect({ transport: "unix", path: this.path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const front of this.#fronts) front.close();
    await this.link.close(10);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test("a front is welcomed, gets its settings, and the status whenever it asks", async () => {
  await using rig = await Rig.open();
  const { front, link } = await rig.front();
  assert.deepEqual(front.steps, ["welcomed by run1, 0", "prepare lb01", "commit lb01"]);
  assert.deepEqual(await link.status(), JSON.parse(JSON.stringify(rig.engine.status)));
  assert.deepEqual(link.figures, rig.engine.figures());
  rig.engine.status = { ...rig.engine.status, node: "other", instances: [] };
  assert.deepEqual(await link.status(), JSON.parse(JSON.stringify(rig.engine.status)));
  const { connected, user, folder, pid } = rig.link.state;
  assert.deepEqual([connected, user, folder, pid], [true, "nobody", "/run/front", Deno.pid]);
});

Deno.test("the machine is as it is when it is asked about, also while a status is under way", async () => {
  await using rig = await Rig.open();
  const { engine } = rig;
  const { link } = await rig.front();
  const valueNow = async () => (await link.machine())?.settings["ipv4/ip_forward"];
  engine.settings = { "ipv4/ip_forward": "0" };
  assert.equal(await valueNow(), "0");
  await link.status();
  engine.settings = { "ipv4/ip_forward": "1" };
  assert.equal(await valueNow(), "1", "it is no older than the question");
  const before = [link.status(), valueNow()];
  // The one under way has left for the engine, and what is seen from now on must be what is then.
  engine.settings = { "ipv4/ip_forward": "2" };
  const [, asked, askedLater] = await Promise.all([...before, valueNow()]);
  assert.deepEqual([asked, askedLater], ["2", "2"]);
});

Deno.test("a status that nobody wants the machine for looks at nothing", async () => {
  await using rig = await Rig.open();
  const { link } = await rig.front();
  rig.engine.settings = { "ipv4/ip_forward": "1" };
  await link.status();
  assert.deepEqual(rig.engine.seen, {});
});

Deno.test("of the status only what is new is sent", async () => {
  await using rig = await Rig.open();
  using stranger = await rig.stranger();
  const partsOf = async (...words: object[]) =>
    (await conversation(stranger, words, 1)).flatMap(({ key }) => key ?? []);
  assert.deepEqual(await partsOf(HELLO, { type: "refresh" }), ["head ", "instance VI_1"]);
  assert.deepEqual(await partsOf({ type: "refresh" }), []);
  rig.engine.status = { ...rig.engine.status, uptime_seconds: 501 };
  assert.deepEqual(await partsOf({ type: "refresh" }), ["head "]);
});

Deno.test("the journal is the front's too: all that is kept, then what happens, in order", async () => {
  await using rig = await Rig.open(({ journal }) => {
    for (let i = 1; i <= 250; i++) journal.record("info", "check_changed", `entry ${i}`);
  });
  rig.engine.firstEntryId = 201;
  {
    using stranger = await rig.stranger();
    const [welcome] = await conversation(stranger, [HELLO, { type: "refresh" }], 1);
    assert.equal(welcome?.lastEntryId, 250, "known before the entries are there");
  }
  await until("the front is gone", () => !rig.link.state.connected);
  const { link } = await rig.front();
  const news: number[] = [];
  link.journal.listen(({ id }) => news.push(id));
  rig.engine.journal.record("info", "check_changed", "entry 251");
  await until("the last entry", () => link.journal.lastId === 251);
  assert.deepEqual(link.journal.since(), rig.engine.journal.since());
  assert.ok(news.every((id) => id >= 201), "what an earlier run has left is no news");
  assert.equal(news.at(-1), 251);
});

Deno.test("a front that comes later, or again, has the same journal and settings", async () => {
  await using rig = await Rig.open();
  const first = await rig.front();
  rig.engine.journal.record("info", "check_changed", "one");
  await until("the entry", () => first.link.journal.lastId === 1);
  first.link.close();
  await until("the front is gone", () => !rig.link.state.connected);
  await assert.rejects(first.link.status(), EngineGoneError);
  rig.engine.journal.record("info", "check_changed", "two");
  const second = await rig.front();
  await until("both entries", () => second.link.journal.lastId === 2);
  assert.deepEqual(second.link.journal.since(), rig.engine.journal.since());
});

Deno.test("a second front is refused, says so once, and serves when the first one is gone", async () => {
  await using rig = await Rig.open();
  const first = await rig.front();
  const second = rig.comer();
  await until("it came again", () => rig.refusals.length >= 3);
  const reason = `another front, PID ${Deno.pid}, is connected: end one of them`;
  assert.deepEqual(second.log, [`refused by the engine: ${reason}`]);
  assert.equal(rig.refusals[0], `${reason} (PID ${Deno.pid}, user nobody)`);
  assert.ok(second.front.steps.every((step) => step === "stand down"), `${second.front.steps}`);
  await assert.rejects(second.link.status(), /refuses this front: another front/);
  assert.equal((await first.link.status()).node, "lb01", "the first one serves on");
  first.link.close();
  await until("the second serves", () => second.front.steps.includes("commit lb01"));
  assert.equal((await second.link.status()).node, "lb01");
});

Deno.test("a front takes the place of one that hangs", async () => {
  await using rig = await Rig.open();
  using silent = await rig.stranger();
  await silent.write(encodeFrame(JSON.stringify(HELLO)));
  await until("it is admitted", () => rig.link.state.connected);
  const now = performance.now;
  try {
    performance.now = () => now.call(performance) + 6000;
    await rig.front();
  } finally {
    performance.now = now;
  }
  assert.equal(rig.link.state.pid, Deno.pid);
});

Deno.test("an engine that starts its front itself takes no other", async () => {
  await using rig = await Rig.open(() => {}, "k3y");
  const strangers = [rig.comer(), rig.comer("another key")];
  await until("both are refused", () => strangers.every(({ log }) => log.length > 0));
  for (const { log, front } of strangers) {
    assert.deepEqual(log, [
      "refused by the engine: it is not the one that the engine has started: end it",
    ]);
    assert.deepEqual(new Set(front.steps), new Set(["stand down"]));
  }
  const { link } = await rig.front("k3y");
  assert.equal((await link.status()).node, "lb01");
});

Deno.test("a front that does not reach its engine says where and what to do, once", async () => {
  await using rig = await Rig.open();
  const { log, link } = rig.comer(undefined, `${rig.path}.gone`);
  await new Promise((resolve) => setTimeout(resolve, 350));
  assert.deepEqual(log, [
    `cannot reach the engine at ${rig.path}.gone: there is no such socket; ` +
    "is the engine, vipd run, there (systemctl status vipd, or the log of vipd without systemd), with this run_dir?",
  ]);
  await assert.rejects(link.status(), EngineGoneError);
});

Deno.test({
  name: "another group may connect from then on, also to a socket that is made again",
  // Only root gives a file to any group.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using rig = await Rig.open();
    const groupOf = async () => (await Deno.lstat(rig.path)).gid;
    assert.equal(await groupOf(), Deno.gid());
    await rig.link.admitGroup(60706);
    assert.equal(await groupOf(), 60706);
    await Deno.remove(rig.path);
    await rig.link.listenAgain();
    assert.equal(await groupOf(), 60706);
    await rig.front();
  },
});

Deno.test("a socket that was removed is known to be, and made again; who is connected stays", async () => {
  await using rig = await Rig.open();
  const first = await rig.front();
  assert.equal(await rig.link.isThere(), true);
  await Deno.remove(rig.path);
  assert.equal(await rig.link.isThere(), false);
  await Deno.writeTextFile(rig.path, "somebody else's");
  assert.equal(await rig.link.isThere(), false);
  await rig.link.listenAgain();
  assert.equal(await rig.link.isThere(), true);
  assert.equal((await first.link.status()).node, "lb01");
  first.link.close();
  await until("the front is gone", () => !rig.link.state.connected);
  await rig.front();
});

Deno.test("tokens, commands and secrets are the engine's", async () => {
  await using rig = await Rig.open();
  const { link } = await rig.front();
  rig.engine.verdict = "read";
  assert.equal(await link.judge("t0ken", "read"), "read");
  rig.engine.outcome = { kind: "key_reused" };
  const command = { kind: "promote", instance: "VI_1", forMs: 60_000, reason: "disk" } as const;
  const client = { user: "alice", uid: 1000, agent: "vipd/0.2.0" };
  assert.deepEqual(await link.command(command, "key", "t0ken", client), { kind: "key_reused" });
  const [judged, [called, ...said]] = rig.engine.heard as [unknown[], unknown[]];
  assert.deepEqual([judged, called], [["judge", "t0ken"], "command"]);
  const { forwardedAtS, ...from } = said.pop() as { forwardedAtS: number };
  assert.deepEqual([...said, from], [command, "key", "t0ken", { client }]);
  // For how late it comes: engine and front have the same clock.
  assert.ok(Math.abs(Number(forwardedAtS) - uptimeS()) <= 1);
  assert.equal(await link.readSecret("/secret"), "s3cr3t");
  await assert.rejects(link.readSecret("/etc/shadow"), /does not name \/etc\/shadow/);
});

Deno.test("the token of a change waits for an engine that is slow, that of a reading does not", async () => {
  await using rig = await Rig.open();
  const { link } = await rig.front();
  rig.engine.judge = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return "change";
  };
  const [read, change] = await Promise.allSettled([
    link.judge("t0ken", "read"),
    link.judge("t0ken", "change"),
  ]);
  assert.ok(read.status === "rejected" && read.reason instanceof EngineGoneError);
  assert.deepEqual(change, { status: "fulfilled", value: "change" });
});

Deno.test("a peer's report is sent once, and once more only if it is another", async () => {
  await using rig = await Rig.open();
  const { front, link } = await rig.front();
  const report: PeerReport = { ok: false, error: "nobody listens there" };
  link.reportPeer("lb02", report, null);
  link.reportPeer("lb02", null, null);
  await until("both answers", () => front.steps.length === 5);
  assert.deepEqual(rig.engine.heard, Array(2).fill(["peer", "lb02", "nobody listens there"]));
  assert.deepEqual(front.steps.slice(3), Array(2).fill("ask lb02 after 1234"));
});

Deno.test("the offset of a peer's clock travels outside the report, which may be the same as before", async () => {
  await using rig = await Rig.open();
  const { front, link } = await rig.front();
  const answer = { node: "lb02", version: "0.2.0", instances: [] };
  link.reportPeer("lb02", { ok: true, answer }, 40);
  link.reportPeer("lb02", null, -3_600_000);
  await until("both answers", () => front.steps.length === 5);
  assert.deepEqual(rig.engine.heard, [["peer", "lb02", "lb02", 40], [
    ...["peer", "lb02", "lb02"],
    -3_600_000,
  ]]);
});

Deno.test("the engine hears when the rehearsal began that was compared", async () => {
  await using rig = await Rig.open();
  const { front, link } = await rig.front();
  const answer = { node: "lb02", version: "0.2.0", instances: [] };
  const rehearsed = { began: "2026-03-01T10:03:00.000Z", is_last: true };
  link.reportPeer("lb02", { ok: true, answer, rehearsed }, null);
  link.reportPeer("lb02", { ok: false, error: "nobody listens there", rehearsed }, null);
  await until("both answers", () => front.steps.length === 5);
  assert.deepEqual(rig.engine.heard, [
    ["peer", "lb02", "lb02", rehearsed],
    ["peer", "lb02", "nobody listens there", rehearsed],
  ]);
});

Deno.test("the front asks as a client for whom the engine wants, and reports what came of it", async () => {
  await using rig = await Rig.open();
  const { front, link } = await rig.front();
  const asks = () => front.steps.filter((step) => step.startsWith("ask as a client"));
  rig.engine.wanted = ["VI_1", "VI_2"];
  await until("the first list", () => asks().length === 1);
  rig.engine.wanted = [];
  await until("the second list", () => asks().length === 2);
  assert.deepEqual(asks(), ["ask as a client for VI_1 VI_2", "ask as a client for "]);
  const report = { instance: "VI_1", target: "tcp 192.168.31.5:80", ok: true, detail: "connected" };
  link.reportClient(report);
  await until("the report", () => rig.engine.heard.length === 1);
  assert.deepEqual(rig.engine.heard, [["client", report]]);
});

Deno.test("what the front records is bounded, and has the codes of the front", async () => {
  await using rig = await Rig.open();
  const { link } = await rig.front();
  for (let i = 0; i < 100; i++) link.journal.record("warning", "api_token_guessed", `guess ${i}`);
  await link.judge("afterwards", "read");
  assert.equal(rig.engine.journal.since().length, 60);
  link.journal.record("error", "crashed", "the journal is the engine's");
  await until("it is sent away", () => rig.refusals.length > 0);
  assert.equal(rig.engine.journal.since().length, 60);
});

Deno.test("a front that connects again and again records no more for that, and on configured peers alone", async () => {
  await using rig = await Rig.open();
  const record = { type: "record", severity: "error", code: "api_failed", message: "boom" };
  const report = { ok: false, error: "nobody listens there" };
  for (let round = 0; round < 3; round++) {
    using stranger = await rig.stranger();
    const records = Array.from({ length: 50 }, () => record);
    const peer = { type: "peer", name: `made up ${round}`, report };
    await conversation(stranger, [HELLO, ...records, peer, { type: "refresh" }], 1);
  }
  assert.equal(rig.engine.journal.since().length, 60);
  assert.deepEqual(rig.engine.heard, []);
});

Deno.test("settings that the front cannot open are not in force; without a front all are", async () => {
  await using rig = await Rig.open();
  const other = { ...SETTINGS, node: "lb09" };
  const alone = await rig.link.prepare(other);
  assert.ok(alone.ok);
  const { front } = await rig.front();
  front.problem = "the port is in use";
  assert.deepEqual(await rig.link.prepare(other), { ok: false, problem: "the port is in use" });
  front.problem = null;
  const prepared = await rig.link.prepare(other);
  assert.ok(prepared.ok);
  assert.ok(!front.steps.includes("commit lb09"));
  prepared.commit();
  await until("the commit", () => front.steps.includes("commit lb09"));
});

Deno.test("a front that is late with its settings holds up no reload, and gets them in order", async () => {
  await using rig = await Rig.open();
  const { front } = await rig.front();
  const { promise, resolve } = Promise.withResolvers<null>();
  front.prepare = ({ node }) => {
    front.steps.push(`prepare ${node}`);
    return promise;
  };
  const prepared = await rig.link.prepare({ ...SETTINGS, node: "lb09" });
  assert.ok(prepared.ok);
  prepared.commit();
  await new Promise((done) => setTimeout(done, 20));
  assert.ok(!front.steps.includes("commit lb09"), "it has not opened them yet");
  resolve(null);
  await until("the commit", () => front.steps.includes("commit lb09"));
});

Deno.test("a front that has just come opens what is in force before it is asked for other settings", async () => {
  await using rig = await Rig.open();
  const front = new FakeFront();
  const opened = Promise.withResolvers<null>();
  front.prepare = ({ node }) => {
    front.steps.push(`prepare ${node}`);
    return node === "lb01" ? opened.promise : Promise.resolve("the port is in use");
  };
  rig.connect(front);
  await until("the first settings", () => front.steps.includes("prepare lb01"));
  const prepared = rig.link.prepare({ ...SETTINGS, node: "lb09" });
  await new Promise((done) => setTimeout(done, 20));
  assert.ok(!front.steps.includes("prepare lb09"));
  opened.resolve(null);
  assert.deepEqual(await prepared, { ok: false, problem: "the port is in use" });
  assert.deepEqual(front.steps.slice(1), ["prepare lb01", "commit lb01", "prepare lb09"]);
});

Deno.test("an engine that ends lets its front finish, after all that it has recorded", async () => {
  const rig = await Rig.open();
  const { front, link } = await rig.front();
  const seen: number[] = [];
  front.finish = () => {
    seen.push(link.journal.lastId);
    return Promise.resolve();
  };
  rig.engine.journal.record("notice", "stopped", "vipd has stopped");
  await rig.link.close(1000);
  assert.deepEqual(seen, [1]);
  await rig[Symbol.asyncDispose]();
});

const HELLO = {
  type: "hello",
  protocol: 1,
  version: "9",
  pid: 1,
  user: "nobody",
  folder: "/",
  startedAt: "2026-03-01T10:00:00.000Z",
};

interface Said {
  readonly type: string;
  readonly key?: string;
  readonly reason?: string;
  readonly lastEntryId?: number;
}

/** Says these things, and hears until the connection ends or so many status answers have come. */
async function conversation(
  stranger: Deno.Conn,
  words: readonly (object | Uint8Array)[],
  answers = Infinity,
): Promise<Said[]> {
  const heard: Said[] = [];
  const frames = new FrameReader(1 << 24);
  for (const word of words) {
    const octets = word instanceof Uint8Array ? word : encodeFrame(JSON.stringify(word));
    await stranger.write(octets).catch(() => {});
  }
  const buffer = new Uint8Array(65536);
  while (heard.filter(({ type }) => type === "refreshed").length < answers) {
    const length = await stranger.read(buffer).catch(() => null);
    if (length === null) break;
    for (const { value } of frames.feed(buffer.subarray(0, length))) heard.push(value as Said);
  }
  return heard;
}

const HOSTILE: Readonly<Record<string, readonly (object | Uint8Array)[]>> = {
  "no hello first": [{ type: "refresh" }],
  "no message": [{ type: "boom" }],
  "no JSON": [Uint8Array.of(0, 0, 0, 1, 123)],
  "a frame of 4 GiB": [Uint8Array.of(255, 255, 255, 255)],
  "a second hello": [HELLO, HELLO],
  "a command without a key": [HELLO, {
    type: "command",
    id: 1,
    token: null,
    client: "",
    command: { kind: "reload" },
  }],
  "a priority that is none": [HELLO, {
    ...{ type: "command", id: 1, key: "k", token: null, client: "" },
    command: { kind: "set_priority", instance: "VI_1", priority: 255 },
  }],
  "a report that refers to nothing": [HELLO, { type: "peer", name: "lb02", report: null }],
  "more questions than answers": [
    HELLO,
    ...Array.from({ length: 400 }, (_, id) => ({ type: "judge", id, token: "x" })),
  ],
};

for (const [what, words] of Object.entries(HOSTILE)) {
  Deno.test(`a front that says ${what} is sent away, and the next one is served`, async () => {
    await using rig = await Rig.open();
    // Nobody is let in by an engine that answers late.
    rig.engine.judge = () => new Promise(() => {});
    using stranger = await rig.stranger();
    await conversation(stranger, words);
    const { link } = await rig.front();
    assert.equal((await link.status()).node, "lb01");
    assert.deepEqual(rig.engine.heard, []);
  });
}

Deno.test("a front of another version is refused with a reason, on both sides", async () => {
  await using rig = await Rig.open();
  using stranger = await rig.stranger();
  const [answer] = await conversation(stranger, [{ ...HELLO, protocol: 2 }]);
  assert.equal(answer?.type, "refused");
  assert.match(answer?.reason ?? "", /version 2 of the messages, the engine 1/);
  assert.match(rig.refusals[0] ?? "", /start both processes from the same vipd/);
});

Deno.test("connections that say nothing take no place from a front", async () => {
  await using rig = await Rig.open();
  const silent = await Promise.all(Array.from({ length: 20 }, () => rig.stranger()));
  const { link } = await rig.front();
  assert.equal((await link.status()).node, "lb01");
  for (const stranger of silent) stranger.close();
});

/** These messages as the front sends them, at once. */
function atOnce(words: readonly object[]): Uint8Array {
  const frames = words.map((word) => encodeFrame(JSON.stringify(word)));
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

Deno.test("a front that floods the engine gets a tenth of its time, in turns of 2 ms", async () => {
  const clock = new WorkClock();
  await using rig = await Rig.open(undefined, null, clock);
  rig.engine.notifications = () => clock.work(0.5);
  using stranger = await rig.stranger();
  const word = { type: "notifications", notifications: [], notifiedId: 0, problem: null };
  const flood = Array.from({ length: 400 }, () => word);
  void conversation(stranger, [atOnce([HELLO, ...flood])]);
  await until("all of it is heard", () => clock.workedMs === 200);
  const share = clock.workedMs / clock.nowMs();
  assert.ok(share <= 0.11, `it got ${share} of the time`);
  assert.ok(clock.longestMs <= 2.5, `${clock.longestMs} ms at once`);
});

Deno.test("a front that reads nothing is sent away once 4 MiB wait for it", async () => {
  await using rig = await Rig.open();
  rig.engine.readSecret = () => Promise.resolve("x".repeat(65_536));
  using stranger = await rig.stranger();
  const questions = Array.from({ length: 120 }, (_, id) => ({ type: "secret", id, path: "/s" }));
  await stranger.write(atOnce([HELLO, ...questions]));
  await until(
    "it is sent away",
    () => rig.states.some(({ problem }) => problem === "it does not read"),
  );
});
