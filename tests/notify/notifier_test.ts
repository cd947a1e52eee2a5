import assert from "node:assert/strict";
import type { NotifyConfig } from "../../src/config/notify_model.ts";
import { Notifier, type NotifierConfig } from "../../src/notify/notifier.ts";
import { Journal } from "../../src/status/journal.ts";
import { openTarget } from "./open_target.ts";
import { delay, until } from "./support.ts";

/** A web server on loopback: the texts that it got, and what it answers. */
function receiver() {
  const texts: string[] = [];
  const state = { status: 204 };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { text } = await request.json();
      if (state.status === 204) texts.push(text);
      return new Response(null, { status: state.status });
    },
  );
  return {
    texts,
    state,
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function webhook(name: string, url: string, changes: Partial<NotifyConfig> = {}): NotifyConfig {
  return {
    name,
    type: "webhook",
    on: ["master", "backup", "alarm"],
    target: { secretUrl: url },
    timeoutMs: 500,
    retryForMs: 60_000,
    ...changes,
  } as NotifyConfig;
}

function config(...notify: NotifyConfig[]): NotifierConfig {
  return { node: "lb01", notify, syncGroups: [] };
}

function open(...notify: NotifyConfig[]) {
  const journal = new Journal(() => Date.now());
  const alarms: (string | null)[] = [];
  const notifier = new Notifier(config(...notify), journal, {
    open: openTarget,
    alarm: (problem) => alarms.push(problem),
  });
  const move = (subject: string, to: string) =>
    journal.record("notice", "state_changed", `${subject}: -> ${to}`, subject, {
      transition: { from: "backup", to, reason: "test" },
      priority: 100,
    });
  const codes = () =>
    journal.since().map(({ code }) => code).filter((it) => it !== "state_changed");
  return { journal, notifier, alarms, move, codes };
}

Deno.test("each target gets what it asked for, and the status says so", async () => {
  await using all = receiver();
  await using one = receiver();
  const { notifier, move, journal } = open(
    webhook("all", all.url),
    webhook("one", one.url, { instances: ["VI_2"] }),
  );
  move("VI_1", "master");
  move("VI_2", "master");
  move("VI_2", "fault");
  journal.record("info", "priority_changed", "of no interest");
  // A delivery counts when its answer has come.
  const delivered = () => notifier.status().map((target) => target.delivered);
  await until("both", () => delivered().join() === "2,1");
  assert.deepEqual(all.texts, ["lb01: VI_1: -> master", "lb01: VI_2: -> master"]);
  assert.deepEqual(one.texts, ["lb01: VI_2: -> master"]);
  const [first, second] = notifier.status();
  assert.deepEqual([first?.name, first?.type, first?.state, first?.delivered, first?.waiting], [
    "all",
    "webhook",
    "ok",
    2,
    0,
  ]);
  assert.equal(second?.delivered, 1);
  assert.ok(Math.abs(Date.parse(first!.last_success!) - Date.now()) < 5000);
  await notifier.close(1000);
});

Deno.test("a dead receiver holds up nobody, raises an alarm, and misses nothing once it is back", async () => {
  await using dead = receiver();
  await using well = receiver();
  dead.state.status = 503;
  const { notifier, move, alarms, codes } = open(
    webhook("dead", dead.url),
    webhook("well", well.url),
  );
  const startedMs = performance.now();
  for (let turn = 0; turn < 10; turn++) move("VI_1", turn % 2 === 0 ? "master" : "backup");
  assert.ok(performance.now() - startedMs < 50, "recording waits for nobody");
  await until("the other", () => well.texts.length === 10);
  await until("the alarm", () => alarms.length === 1);
  assert.equal(alarms[0], "dead (webhook) does not get this node's events: HTTP 503");
  assert.deepEqual(codes(), ["notification_failed"]);
  assert.deepEqual([notifier.status()[0]?.state, notifier.status()[0]?.waiting], ["failing", 10]);
  dead.state.status = 204;
  await until("the rest", () => dead.texts.length === 10, 10_000);
  assert.deepEqual(dead.texts, well.texts);
  assert.deepEqual(alarms.slice(1), [null]);
  assert.deepEqual(codes(), ["notification_failed", "notification_recovered"]);
  await notifier.close(1000);
});

Deno.test("a reload keeps what waits for the targets that stay, and ends the others", async () => {
  await using kept = receiver();
  await using gone = receiver();
  await using fresh = receiver();
  kept.state.status = gone.state.status = 503;
  const { notifier, move, alarms, codes } = open(
    webhook("kept", kept.url),
    webhook("gone", gone.url),
  );
  move("VI_1", "master");
  await until("failures", () => alarms.length > 0 && codes().length === 2);
  notifier.reconfigure(config(webhook("fresh", fresh.url), webhook("kept", kept.url)));
  assert.deepEqual(notifier.status().map(({ name, waiting }) => [name, waiting]), [
    ["fresh", 0],
    ["kept", 1],
  ]);
  move("VI_1", "backup");
  kept.state.status = 204;
  await until("the kept one", () => kept.texts.length === 2, 10_000);
  assert.equal(fresh.texts.length, 1);
  await until("the end of the other", () => codes().includes("notification_lost"));
  assert.equal(alarms.at(-1), null);
  await notifier.close(1000);
});

Deno.test("what happens at the end is sent before vipd stops", async () => {
  await using web = receiver();
  const { notifier, move } = open(webhook("web", web.url));
  move("VI_1", "master");
  await delay(50);
  move("VI_1", "backup");
  await notifier.close(2000);
  assert.equal(web.texts.length, 2);
  move("VI_1", "master");
  await delay(50);
  assert.equal(web.texts.length, 2, "nothing after that");
});
