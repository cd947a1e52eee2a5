import assert from "node:assert/strict";
import { alarmGroups, groupName } from "../../../src/status/text/alarm_groups.ts";
import type { AlarmStatus } from "../../../src/status/status.ts";

function alarm(subject: string | null, message: string, changes: Partial<AlarmStatus> = {}) {
  const since = "2026-03-01T10:00:05.000Z";
  return {
    code: "fault",
    severity: "error",
    subject,
    message,
    hint: "h",
    since,
    ...changes,
  } as const;
}

Deno.test("alarms that say the same of several instances are one with their names", () => {
  const earlier = "2026-03-01T10:00:01.000Z";
  const groups = alarmGroups([
    alarm("VI_1", "eth1 is down", { evidence: ["a", "b"] }),
    alarm("VI_2", "eth2 is down"),
    alarm(null, "eth1 is down"),
    ...[3, 4, 5].map((number) => alarm(`VI_${number}`, "eth1 is down", { evidence: ["b", "c"] })),
    alarm("VI_6", "eth1 is down", { since: earlier }),
    alarm("VI_7", "eth1 is down", { hint: "another remedy" }),
  ]);
  assert.deepEqual(groups.map((group) => groupName(group)), [
    "VI_1, VI_3, VI_4 and 2 more: ",
    "VI_2: ",
    "",
    "VI_7: ",
  ]);
  const many = ["VI_1", "VI_2", "VI_3", "VI_4"];
  assert.equal(groupName({ subjects: many.slice(0, 3) }), "VI_1, VI_2, VI_3: ");
  assert.equal(groupName({ subjects: many }), "VI_1, VI_2, VI_3 and 1 more: ");
  const [first] = groups;
  assert.deepEqual(first!.subjects, ["VI_1", "VI_3", "VI_4", "VI_5", "VI_6"]);
  assert.deepEqual(first!.evidence, ["a", "b", "c"]);
  assert.equal(first!.since, earlier);
});
