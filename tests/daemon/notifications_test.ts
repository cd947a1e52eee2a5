/** The engine serves the named pipes and the programs of `notify`; a pipe that nobody reads stops neither. */

import assert from "node:assert/strict";
import type { NotifyConfig } from "../../src/config/notify_model.ts";
import { Notifications } from "../../src/daemon/notifications.ts";
import type { OpenPipe } from "../../src/notify/fifo.ts";
import { config } from "../../src/sim/cluster.ts";
import { Journal } from "../../src/status/journal.ts";
import { until } from "../notify/support.ts";

const PIPE: NotifyConfig = {
  name: "pipe",
  type: "fifo",
  path: "/run/vipd/notify",
  on: ["master", "backup", "reasserted"],
};

function engine(room: number) {
  const journal = new Journal(() => Date.now());
  const lines: string[] = [];
  const problems: (string | null)[] = [];
  const state = { room, closed: 0 };
  const openPipe: OpenPipe = () =>
    Promise.resolve({
      write: (line) => lines.length < state.room ? (lines.push(line), null) : "the pipe is full",
      close: () => void state.closed++,
    });
  const whole = { ...config("lb01", {}), notify: [PIPE] };
  const node = { journal, notificationsFail: (it: string | null) => void problems.push(it) };
  const notifications = new Notifications(whole, node, openPipe);
  const move = (to: string) =>
    journal.record("notice", "state_changed", `VI_1: -> ${to}`, "VI_1", {
      transition: { from: "init", to, reason: "test" },
      priority: 150,
    });
  return { ...{ notifications, lines, problems, state, move, whole } };
}

Deno.test("each change of a state is a line in the pipe", async () => {
  const { notifications, lines, move } = engine(10);
  move("backup");
  move("master");
  move("fault");
  await until("two lines", () => lines.length === 2);
  assert.deepEqual(lines, ['INSTANCE "VI_1" BACKUP 150\n', 'INSTANCE "VI_1" MASTER 150\n']);
  const [status] = notifications.status();
  assert.deepEqual([status!.type, status!.state, status!.delivered], ["fifo", "ok", 2]);
  await notifications.close(100);
});

Deno.test("a pipe that nobody reads loses lines, raises the alarm, and goes on when it is read", async () => {
  const { notifications, lines, problems, state, move } = engine(1);
  move("backup");
  move("master");
  await until("a problem", () => problems.length > 0);
  assert.match(problems[0]!, /pipe \(fifo\).*the pipe is full/);
  assert.equal(notifications.status()[0]!.lost, 1);
  state.room = 10;
  move("backup");
  await until("the end of the problem", () => problems.at(-1) === null);
  assert.equal(lines.length, 2);
  await notifications.close(100);
});

Deno.test("a reload closes the pipe that is no longer configured, and so does the end", async () => {
  const { notifications, state, move, lines, whole } = engine(10);
  move("backup");
  await until("a line", () => lines.length === 1);
  notifications.reconfigure({ ...whole, notify: [{ ...PIPE, on: ["master"] }] });
  await until("the first one to close", () => state.closed === 1);
  move("backup");
  move("master");
  await until("another line", () => lines.length === 2);
  assert.equal(lines[1], 'INSTANCE "VI_1" MASTER 150\n');
  await notifications.close(100);
  assert.equal(state.closed, 2);
});
