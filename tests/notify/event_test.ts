import assert from "node:assert/strict";
import type { NotifyConfig } from "../../src/config/notify_model.ts";
import { EventReader, isWanted, type NotifyEvent } from "../../src/notify/event.ts";
import type { JournalEntry } from "../../src/status/journal.ts";
import { entry, event } from "./support.ts";

const GROUPS = [{ name: "SG", instances: ["A", "B"] }];

function moved(subject: string, to: string): JournalEntry {
  return entry(1, { subject, transition: { from: "backup", to, reason: "x" }, priority: 100 });
}

function texts(events: readonly NotifyEvent[]): string[] {
  return events.map(({ kind, scope, name, priority }) => `${kind} ${scope} ${name} ${priority}`);
}

Deno.test("journal entries become events", async (t) => {
  const cases: readonly (readonly [JournalEntry, readonly string[]])[] = [
    [moved("VI_1", "master"), ["master instance VI_1 100"]],
    [moved("VI_1", "fault"), ["fault instance VI_1 100"]],
    [moved("VI_1", "init"), ["stop instance VI_1 100"]],
    [
      {
        id: 1,
        time: "",
        severity: "notice",
        code: "reasserted",
        message: "",
        subject: "VI_1",
        priority: 150,
      },
      ["reasserted instance VI_1 150"],
    ],
    ...([
      ["alarm_raised", "VI_1", "alarm instance VI_1 0"],
      ["alarm_raised", undefined, "alarm node lb01 0"],
      ["alarm_cleared", "VI_1", "alarm_cleared instance VI_1 0"],
      ["check_changed", "nginx", "check check nginx 0"],
      ["recovery_started", "nginx", "recovery check nginx 0"],
      ["order_given", "VI_1", "order instance VI_1 0"],
      ["reloaded", undefined, "reload node lb01 0"],
      ["started", undefined, "daemon node lb01 0"],
    ] as const).map(([code, subject, expected]) => {
      const { id, time, severity, message } = entry(1);
      const bare = { id, time, severity, message, code, ...(subject && { subject }) };
      return [bare, [expected]] as const;
    }),
    [{ ...entry(1), code: "packet_dropped", transition: undefined } as unknown as JournalEntry, []],
    [{ id: 1, time: "", severity: "info", code: "toString", message: "" }, []],
  ];
  for (const [found, expected] of cases) {
    await t.step(`${found.code} ${found.subject ?? ""}`, () => {
      assert.deepEqual(texts(new EventReader("lb01", GROUPS).read(found)), expected);
    });
  }
});

Deno.test("a sync group has arrived when all of its members have, and is reported once", () => {
  const reader = new EventReader("lb01", GROUPS);
  const groups = (subject: string, to: string) =>
    texts(reader.read(moved(subject, to))).filter((text) => text.includes("group"));
  assert.deepEqual(groups("A", "backup"), []);
  assert.deepEqual(groups("B", "backup"), ["backup group SG 0"]);
  assert.deepEqual(groups("A", "master"), []);
  assert.deepEqual(groups("B", "master"), ["master group SG 0"]);
  assert.deepEqual(groups("B", "backup"), []);
  assert.deepEqual(groups("B", "master"), [], "it is still where it was told to be");
  assert.deepEqual(groups("A", "fault"), []);
  assert.deepEqual(groups("B", "fault"), ["fault group SG 0"]);
});

Deno.test("a target hears what it asked for, of whom it asked for", () => {
  const base = { name: "x", on: ["master", "alarm"], type: "exec" } as unknown as NotifyConfig;
  const group: NotifyEvent = { ...event(1), scope: "group", name: "SG" };
  const node: NotifyEvent = { ...event(1, "alarm"), scope: "node", name: "lb01" };
  const cases: readonly (readonly [Partial<NotifyConfig>, NotifyEvent, boolean])[] = [
    [{}, event(1), true],
    [{}, event(1, "backup"), false],
    [{}, group, true],
    [{}, node, true],
    [{}, { ...event(1), kind: "test" }, false],
    [{ instances: ["VI_1"] }, event(1), true],
    [{ instances: ["VI_2"] }, event(1), false],
    [{ instances: ["VI_1"] }, group, false],
    [{ instances: ["VI_1"] }, node, false],
    [{ groups: ["SG"] }, group, true],
    [{ groups: ["SG"] }, event(1), false],
    [{ groups: ["SG"], instances: ["VI_1"] }, event(1), true],
  ];
  for (const [changes, told, wanted] of cases) {
    const config = { ...base, ...changes } as NotifyConfig;
    assert.equal(isWanted(told, config), wanted, JSON.stringify([changes, told.scope, told.kind]));
  }
});
