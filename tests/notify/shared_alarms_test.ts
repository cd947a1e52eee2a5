import assert from "node:assert/strict";
import type { NotifyEvent } from "../../src/notify/event.ts";
import { SharedAlarms } from "../../src/notify/shared_alarms.ts";
import { entry } from "./support.ts";

function event(kind: "alarm" | "alarm_cleared", subject: string, text: string): NotifyEvent {
  const { id, time, severity } = entry(1);
  const message = `${subject}: ${text}`;
  const code = kind === "alarm" ? "alarm_raised" : "alarm_cleared";
  const said = { id, time, severity, message, code, subject, alarm: "fault" };
  return { kind, scope: "instance", name: subject, priority: 0, entry: said };
}

const begin = (subject: string, text: string) => event("alarm", subject, text);
const end = (subject: string) => event("alarm_cleared", subject, "fault is over");

Deno.test("alarms of several instances with one cause are one event, and one at their end", () => {
  const alarms = new SharedAlarms();
  const told = [
    begin("VI_1", "fault: eth1 is down"),
    begin("VI_2", "fault: eth1 is down"),
    begin("VI_3", "fault: eth3 is down"),
    end("VI_1"),
    end("VI_3"),
    end("VI_2"),
    begin("VI_2", "fault: eth1 is down"),
  ].map((it) => alarms.take(it)).map((it) => it && `${it.kind} ${it.name}`);
  assert.deepEqual(told, [
    "alarm VI_1",
    null,
    "alarm VI_3",
    null,
    "alarm_cleared VI_3",
    "alarm_cleared VI_1",
    "alarm VI_2",
  ]);
});

Deno.test("what returns before the last is over was sent already", () => {
  const alarms = new SharedAlarms();
  const events = [
    begin("VI_1", "fault: eth1 is down"),
    begin("VI_2", "fault: eth1 is down"),
    end("VI_1"),
    begin("VI_1", "fault: eth1 is down"),
    end("VI_2"),
    end("VI_1"),
  ];
  const told = events.map((it) => alarms.take(it)?.name ?? null);
  assert.deepEqual(told, ["VI_1", null, null, null, null, "VI_1"]);
});

Deno.test("an end without a begin is an event, and so is every alarm of the node", () => {
  const alarms = new SharedAlarms();
  assert.ok(alarms.take(end("VI_1")));
  const { subject: _, ...said } = begin("VI_1", "api_down: why").entry;
  const node: NotifyEvent = { ...begin("VI_1", ""), scope: "node", entry: said };
  assert.ok(alarms.take(node));
  assert.ok(alarms.take(node));
});
