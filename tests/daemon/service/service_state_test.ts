import assert from "node:assert/strict";
import { followState, stateLine } from "../../../src/daemon/service/service_state.ts";
import { Journal } from "../../../src/status/journal.ts";
import type { InstanceStatus, NodeStatus } from "../../../src/status/status.ts";
import { FakeBackend } from "../../front/fake_backend.ts";

function status(states: readonly string[], alarms: Partial<NodeStatus["alarms"][0]>[] = []) {
  const instances = states.map((state, at) => ({
    name: `VI_${at + 1}`,
    state,
  })) as InstanceStatus[];
  return { ...new FakeBackend().status(), instances, alarms: alarms as NodeStatus["alarms"] };
}

Deno.test("the line shows the states, in numbers if there are many, and the alarms", () => {
  assert.equal(stateLine(status(["master", "backup"])), "VI_1 master, VI_2 backup");
  const many = [...Array(250).fill("master"), "fault"];
  assert.equal(stateLine(status(many)), "250 master, 1 fault");
  const alarm = { code: "split_brain_advert" as const, subject: "VI_1" };
  assert.equal(
    stateLine(status(["master"], [alarm])),
    "VI_1 master; alarm: split_brain_advert on VI_1",
  );
});

Deno.test("the service manager gets the line once for each time that it changes", async () => {
  let now = status(["init"]);
  const journal = new Journal(() => 0);
  const told: string[] = [];
  const stop = followState({ journal, outline: () => now }, (state) => told.push(state));
  now = status(["backup"]);
  journal.record("notice", "state_changed", "init -> backup");
  journal.record("notice", "state_changed", "once more");
  await Promise.resolve();
  journal.record("info", "check_changed", "not a state");
  await Promise.resolve();
  now = status(["master"]);
  journal.record("notice", "state_changed", "backup -> master");
  await Promise.resolve();
  stop();
  now = status(["fault"]);
  journal.record("notice", "state_changed", "nobody listens");
  await Promise.resolve();
  assert.deepEqual(told, ["STATUS=VI_1 init", "STATUS=VI_1 backup", "STATUS=VI_1 master"]);
});
