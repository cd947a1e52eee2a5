import assert from "node:assert/strict";
import { type AlarmPlace, Alarms, HOLD_DOWN_MS } from "../../../src/node/journal/alarms.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { ALARMS } from "../../../src/status/codes/alarms.ts";
import { Journal } from "../../../src/status/journal.ts";
import { countTimers } from "../count_timers.ts";

const TEXT = { message: "something is the matter", hint: "do something" };

function scene() {
  const time = new VirtualTime();
  const network = new SimNetwork(time, () => 0);
  const host = new SimHost({ name: "a", interface: "eth1", address: "192.0.2.1" }, time, network);
  const journal = new Journal(() => host.wallClockMs());
  const timers = countTimers(host);
  return {
    time,
    journal,
    alarms: new Alarms(host, journal),
    timers,
    run: (ms: number) => time.runUntil(time.nowMs + ms),
    told: () => journal.since().map(({ code, alarm, subject }) => `${code} ${alarm} ${subject}`),
  };
}

Deno.test("an alarm is reported when it is raised and when it is over, once each", () => {
  const { alarms, run, told, journal } = scene();
  for (let i = 0; i < 5; i++) {
    alarms.raise("flapping", "VI_1", TEXT);
    run(1000);
  }
  assert.deepEqual(alarms.status(), [{
    code: "flapping",
    severity: "warning",
    subject: "VI_1",
    ...TEXT,
    since: "2030-01-01T00:00:00.000Z",
  }]);
  alarms.clear("flapping", "VI_1");
  run(HOLD_DOWN_MS + 1);
  assert.deepEqual(alarms.status(), []);
  assert.deepEqual(told(), ["alarm_raised flapping VI_1", "alarm_cleared flapping VI_1"]);
  assert.deepEqual(journal.since().map(({ severity, message }) => [severity, message]), [
    ["warning", "VI_1: flapping: something is the matter; do something"],
    ["notice", "VI_1: flapping is over after 5 s: something is the matter"],
  ]);
});

Deno.test("a cause that comes and goes is one alarm, with the text of its last time", () => {
  const { alarms, run, told } = scene();
  for (let i = 0; i < 20; i++) {
    alarms.raise("flapping", "VI_1", { ...TEXT, message: `time ${i}` });
    run(500);
    alarms.clear("flapping", "VI_1");
    run(HOLD_DOWN_MS - 1000);
  }
  assert.equal(alarms.status()[0]!.message, "over for 9 s: time 19");
  alarms.raise("flapping", "VI_1", TEXT);
  assert.equal(alarms.status()[0]!.message, TEXT.message);
  assert.equal(told().length, 1);
});

Deno.test("an alarm with a time ends by itself when it is not raised again", () => {
  const { alarms, run, told } = scene();
  for (let i = 0; i < 10; i++) {
    alarms.raise("flapping", null, TEXT, 3000);
    run(2000);
  }
  assert.equal(alarms.status().length, 1);
  run(1001);
  assert.equal(alarms.status().length, 0);
  assert.deepEqual(told(), ["alarm_raised flapping undefined", "alarm_cleared flapping undefined"]);
});

Deno.test("an alarm with a time that is raised once ends when that is over, not before", () => {
  const { alarms, run } = scene();
  alarms.raise("flapping", null, TEXT, 3000);
  run(2999);
  assert.equal(alarms.status().length, 1);
  run(1);
  assert.deepEqual(alarms.status(), []);
});

Deno.test("the end of an alarm follows the last time that it was raised with, sooner or later", () => {
  for (const lastsMs of [1000, 3000, 9000]) {
    const { alarms, run } = scene();
    alarms.raise("flapping", null, TEXT, 3000);
    run(500);
    alarms.raise("flapping", null, TEXT, lastsMs);
    run(lastsMs - 1);
    assert.equal(alarms.status().length, 1, `${lastsMs}`);
    run(1);
    assert.deepEqual(alarms.status(), [], `${lastsMs}`);
  }
});

Deno.test("an alarm with a time says how long its cause has not been seen, or that it is over", () => {
  const { alarms, run } = scene();
  const said = () => alarms.status().map(({ message }) => message);
  alarms.raise("flapping", null, TEXT, 10_000);
  run(5000);
  assert.deepEqual(said(), [TEXT.message]);
  run(2000);
  assert.deepEqual(said(), [`not seen for 7 s: ${TEXT.message}`]);
  alarms.raise("flapping", null, TEXT, 10_000);
  run(1000);
  alarms.clear("flapping", null);
  run(2000);
  alarms.clear("flapping", null);
  assert.deepEqual(said(), [`over for 2 s: ${TEXT.message}`]);
  run(7001);
  assert.deepEqual(said(), [], "no longer than it would have lasted");
});

Deno.test("what was raised for good and then for a time ends; clearing does not lengthen it", () => {
  const { alarms, run } = scene();
  alarms.raise("flapping", "VI_1", TEXT);
  alarms.raise("flapping", "VI_1", TEXT, 2000);
  alarms.clear("flapping", "VI_1");
  run(2001);
  assert.equal(alarms.status().length, 0);
  alarms.raise("flapping", "VI_1", TEXT, 2000);
  alarms.raise("flapping", "VI_1", TEXT);
  run(60_000);
  assert.equal(alarms.status().length, 1);
});

Deno.test("alarms of an instance that is no more end at once, those of others stay", () => {
  const { alarms } = scene();
  alarms.raise("flapping", "VI_1", TEXT);
  alarms.raise("flapping", "VI_2", TEXT);
  alarms.forget("VI_1");
  assert.deepEqual(alarms.status().map(({ subject }) => subject), ["VI_2"]);
});

Deno.test("alarms of one cause are one, the most certain, with the others as its evidence", () => {
  const { alarms, run, told } = scene();
  const said = () =>
    alarms.status().map(({ code, message, evidence }) => [code, message, evidence]);
  const text = (message: string) => ({ message, hint: "do something" });
  alarms.raise("address_conflict", "VI_1", text("a host"));
  run(1000);
  alarms.raise("split_brain_peer", "VI_1", text("the peer"));
  alarms.raise("split_brain_address", "VI_1", text("another master"));
  alarms.raise("address_conflict", "VI_2", text("another instance"));
  assert.deepEqual(said(), [
    ["split_brain_peer", "the peer", ["a host", "another master"]],
    ["address_conflict", "another instance", undefined],
  ]);
  assert.match(alarms.status()[0]!.since, /T00:00:00\.000Z$/, "since the first of them");
  alarms.withdraw("address_conflict", "VI_1");
  alarms.clear("split_brain_peer", "VI_1");
  assert.deepEqual(said()[0], ["split_brain_address", "another master", undefined]);
  alarms.withdraw("split_brain_address", "VI_1");
  assert.deepEqual(told(), [
    "alarm_raised address_conflict VI_1",
    "alarm_raised split_brain_peer VI_1",
    "alarm_cleared address_conflict VI_1",
    "alarm_raised address_conflict VI_2",
    "alarm_raised split_brain_address VI_1",
    "alarm_cleared split_brain_peer VI_1",
    "alarm_cleared split_brain_address VI_1",
  ]);
});

Deno.test("a fault that another alarm explains is its evidence", () => {
  const { alarms } = scene();
  const said = () => alarms.status().map(({ code, evidence }) => [code, evidence?.length ?? 0]);
  alarms.raise("fault", "VI_1", TEXT);
  alarms.raise("adverts_not_sent", "VI_1", TEXT);
  assert.deepEqual(said(), [["adverts_not_sent", 1]]);
  alarms.withdraw("adverts_not_sent", "VI_1");
  assert.deepEqual(said(), [["fault", 0]]);
});

Deno.test("what stands for a time leads only when it is raised again", () => {
  const { alarms, run, told } = scene();
  const codes = () => alarms.status().map(({ code }) => code);
  alarms.raise("split_brain_address", "VI_1", TEXT, 10_000);
  alarms.raise("split_brain_advert", "VI_1", TEXT, 10_000);
  run(3000);
  alarms.withdraw("split_brain_address", "VI_1");
  assert.deepEqual(codes(), [], "it may be over for the adverts, too");
  run(6900);
  assert.equal(told().length, 2);
  alarms.raise("split_brain_advert", "VI_1", TEXT, 10_000);
  assert.deepEqual(codes(), ["split_brain_advert"]);
  assert.equal(told().length, 3);
});

Deno.test("an alarm with another cause is over and begins, one with a cause more or less continues", () => {
  const { alarms, run, told } = scene();
  const since = () => alarms.status().map(({ since }) => since.slice(17, 19));
  const raise = (...causes: string[]) => alarms.raise("fault", "VI_1", { ...TEXT, causes });
  raise("check nginx");
  run(5000);
  raise("check nginx", "interface eth1");
  assert.deepEqual(since(), ["00"]);
  run(5000);
  raise("interface eth1");
  assert.deepEqual(since(), ["05"], "since its own begin");
  assert.equal(told().length, 1);
  alarms.clear("fault", "VI_1");
  run(5000);
  raise("interface eth1");
  assert.deepEqual(since(), ["05"], "it comes and goes");
  run(5000);
  raise("check site");
  assert.deepEqual(since(), ["20"]);
  assert.deepEqual(told().slice(1), ["alarm_cleared fault VI_1", "alarm_raised fault VI_1"]);
});

Deno.test("an alarm of another kind can be evidence of the one that reports its cause", () => {
  const { alarms, told } = scene();
  const said = () =>
    alarms.status().map(({ code, hint, evidence }) => [code, hint, evidence?.length ?? 0]);
  const raise = (evidenceFor: AlarmPlace | null, hasRemedy = false) =>
    alarms.raise("unprotected", "VI_2", {
      ...{ message: "nobody is ready", hint: "let it in", evidenceFor, hasRemedy },
    });
  const cause = { code: "adverts_not_sent", subject: "VI_1" } as const;
  raise(null);
  alarms.raise(cause.code, cause.subject, TEXT);
  assert.equal(said().length, 2);
  raise(cause);
  assert.deepEqual(said(), [["adverts_not_sent", "do something", 1]]);
  raise(cause, true);
  assert.deepEqual(said(), [["adverts_not_sent", "let it in", 1]]);
  alarms.withdraw("adverts_not_sent", "VI_1");
  assert.deepEqual(said(), []);
  raise(null);
  assert.deepEqual(said(), [["unprotected", "let it in", 0]]);
  assert.deepEqual(told(), [
    "alarm_raised unprotected VI_2",
    "alarm_raised adverts_not_sent VI_1",
    "alarm_cleared unprotected VI_2",
    "alarm_cleared adverts_not_sent VI_1",
    "alarm_raised unprotected VI_2",
  ]);
});

Deno.test("an alarm that is raised with every packet sets a timer now and then", () => {
  const { alarms, run, timers } = scene();
  for (let packet = 0; packet < 100; packet++) {
    alarms.raise("flapping", null, TEXT, 10_000);
    alarms.raise("flapping", null, TEXT, 10_000);
    run(10);
  }
  assert.equal(timers.set, 1);
});

Deno.test("an alarm that ended earlier than it once was to ends nothing of the next one", () => {
  const ends: ((alarms: Alarms, run: (ms: number) => void) => void)[] = [
    (alarms) => alarms.withdraw("split_brain_peer", "VI_1"),
    (alarms, run) => {
      alarms.raise("split_brain_peer", "VI_1", TEXT, 1000);
      run(1000);
    },
  ];
  for (const end of ends) {
    const { alarms, run, timers } = scene();
    alarms.raise("split_brain_peer", "VI_1", TEXT, 9000);
    end(alarms, run);
    assert.deepEqual([alarms.status(), alarms.standing("split_brain_peer", "VI_1")], [[], null]);
    assert.equal(timers.running, 0);
    alarms.raise("split_brain_peer", "VI_1", TEXT);
    run(60_000);
    assert.ok(alarms.standing("split_brain_peer", "VI_1"));
  }
});

Deno.test("an alarm is over ten seconds after it was cleared, and lasted from when it was raised", () => {
  const { alarms, run, journal } = scene();
  run(5000);
  alarms.raise("flapping", null, TEXT);
  run(2_000_000);
  alarms.clear("flapping", null);
  run(9999);
  assert.equal(alarms.status()[0]?.message, "over for 9 s: something is the matter");
  run(1);
  assert.deepEqual(alarms.status(), []);
  assert.equal(
    journal.since().at(-1)!.message,
    "flapping is over after 2000 s: something is the matter",
  );
});

Deno.test("an alarm says for how long its cause has not been seen, whenever that was", () => {
  const { alarms, run } = scene();
  run(60_000);
  alarms.raise("flapping", null, TEXT, 10_000);
  assert.equal(alarms.status()[0]?.message, TEXT.message);
  run(7000);
  assert.equal(alarms.status()[0]?.message, `not seen for 7 s: ${TEXT.message}`);
});

Deno.test("an alarm stands, and is found by its code, while its cause lasts", () => {
  const { alarms, run } = scene();
  const found = (...codes: ("flapping" | "fault")[]) => alarms.find(codes, () => true);
  assert.deepEqual([found("flapping"), alarms.standing("flapping", "VI_1")], [null, null]);
  run(1000);
  alarms.raise("flapping", "VI_1", { ...TEXT, causes: ["a", "b"] });
  const place = { code: "flapping", subject: "VI_1" };
  assert.deepEqual([found("flapping"), found("fault"), found("fault", "flapping")], [
    ...[place, null, place],
  ]);
  assert.equal(alarms.standing("flapping", "VI_1")?.seenMs, 1000);
  assert.equal(alarms.standing("flapping", "VI_2"), null);
  const asked: unknown[] = [];
  assert.equal(alarms.find(["flapping"], (alarm) => asked.push(alarm) === 0), null);
  assert.deepEqual(asked, [{ ...place, causes: ["a", "b"] }]);
  alarms.clear("flapping", "VI_1");
  assert.deepEqual([found("flapping"), alarms.standing("flapping", "VI_1")], [null, null]);
});

Deno.test("of those that are left the most certain one leads, whichever was raised first", () => {
  const order = ["address_conflict", "split_brain_address"] as const;
  for (const codes of [order, order.toReversed()]) {
    const { alarms } = scene();
    alarms.raise("split_brain_peer", "VI_1", TEXT);
    for (const code of codes) alarms.raise(code, "VI_1", TEXT);
    alarms.withdraw("split_brain_peer", "VI_1");
    assert.deepEqual(alarms.status().map(({ code }) => code), ["split_brain_address"]);
  }
});

Deno.test("an alarm that others are only evidence of, or that are over, says that it is over", () => {
  const reported = { code: "adverts_not_sent", subject: "VI_1" } as const;
  const others: ((alarms: Alarms) => void)[] = [
    (alarms) => alarms.raise("unprotected", "VI_2", { ...TEXT, evidenceFor: reported }),
    (alarms) => alarms.raise("unprotected", "VI_2", { ...TEXT, evidenceFor: null }),
  ];
  for (const other of others) {
    const { alarms, run } = scene();
    alarms.raise(reported.code, reported.subject, TEXT);
    other(alarms);
    alarms.clear(reported.code, reported.subject);
    run(5000);
    assert.equal(alarms.status()[0]?.message, `over for 5 s: ${TEXT.message}`);
  }
  const { alarms, run } = scene();
  alarms.raise("fault", "VI_1", TEXT);
  alarms.clear("fault", "VI_1");
  run(1000);
  alarms.raise(reported.code, reported.subject, TEXT);
  alarms.clear(reported.code, reported.subject);
  run(1000);
  assert.equal(alarms.status()[0]?.message, `over for 1 s: ${TEXT.message}`);
});

Deno.test("an alarm is as old as the oldest that shows its cause, but for evidence and what is over", () => {
  const since = (alarms: Alarms) =>
    alarms.status().map(({ code, since }) => `${code} ${since.slice(17, 19)}`);
  const cause = { code: "adverts_not_sent", subject: "VI_1" } as const;
  const raise = (alarms: Alarms) => alarms.raise(cause.code, cause.subject, TEXT);
  const before: [string, (alarms: Alarms) => void, (alarms: Alarms) => void, string][] = [
    ["it lasts", (alarms) => alarms.raise("fault", "VI_1", TEXT), () => {}, "00"],
    [
      "it is over",
      (alarms) => {
        alarms.raise("fault", "VI_1", TEXT);
        alarms.clear("fault", "VI_1");
      },
      () => {},
      "01",
    ],
    [
      "it is evidence",
      (alarms) => alarms.raise("unprotected", "VI_2", TEXT),
      (alarms) => alarms.raise("unprotected", "VI_2", { ...TEXT, evidenceFor: cause }),
      "01",
    ],
  ];
  for (const [what, first, then, expected] of before) {
    const { alarms, run } = scene();
    first(alarms);
    run(1000);
    raise(alarms);
    then(alarms);
    assert.deepEqual(since(alarms), [`adverts_not_sent ${expected}`], what);
  }
});

Deno.test("evidence that led while its alarm did not leads as an alarm of its own when it is none any more", () => {
  const { alarms } = scene();
  const said = () => alarms.status().map(({ code }) => code);
  const reported = { code: "split_brain_advert", subject: "VI_1" } as const;
  alarms.raise("split_brain_address", "VI_1", TEXT, 10_000);
  alarms.raise(reported.code, reported.subject, TEXT, 10_000);
  alarms.withdraw("split_brain_address", "VI_1");
  alarms.raise("unprotected", "VI_1", { ...TEXT, evidenceFor: reported });
  assert.deepEqual(said(), ["unprotected"]);
  alarms.raise("unprotected", "VI_1", { ...TEXT, evidenceFor: null });
  assert.deepEqual(said(), ["unprotected"]);
});

Deno.test("after the end there is no alarm, and no timer", () => {
  const { alarms, told, run, timers } = scene();
  alarms.raise("flapping", "VI_1", TEXT, 3000);
  assert.equal(timers.running, 1);
  alarms.close();
  assert.deepEqual([alarms.status(), timers.running], [[], 0]);
  assert.equal(alarms.standing("flapping", "VI_1"), null);
  assert.equal(alarms.find(["flapping"], () => true), null);
  run(5000);
  assert.equal(told().length, 1);
});

Deno.test("docs/alarms.md has a section for every alarm, with its severity, and no other", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/alarms.md", import.meta.url));
  const sections = text.matchAll(/^## `(\w+)`\n\n(error|warning)\. /gm);
  assert.deepEqual(
    Object.fromEntries(Array.from(sections, ([, code, severity]) => [code, severity])),
    ALARMS,
  );
});

Deno.test("alarms are listed with the gravest first, and of equals the oldest first", () => {
  const { alarms, run } = scene();
  const listed = () => alarms.status().map(({ code, subject }) => `${code} ${subject}`);
  const raised = [
    ["flapping", "VI_1"],
    ["own_address", "VI_1"],
    ["api_down", null],
    ["adverts_not_sent", "VI_2"],
    ["own_address", "VI_2"],
    ["flapping", "VI_2"],
  ] as const;
  for (const [code, subject] of raised) {
    alarms.raise(code, subject, TEXT);
    run(1000);
  }
  const expected = [
    "own_address VI_1",
    "adverts_not_sent VI_2",
    "own_address VI_2",
    "flapping VI_1",
    "api_down null",
    "flapping VI_2",
  ];
  assert.deepEqual(listed(), expected);
  alarms.raise("own_address", "VI_1", { ...TEXT, message: "again" });
  assert.deepEqual(listed(), expected, "raised again it is as old as it was");
});
