/** A named pipe gets keepalived's lines, and what finds no room there is lost. */

import assert from "node:assert/strict";
import type { FifoNotifyConfig } from "../../src/config/notify_model.ts";
import { fifoLine, fifoTarget, type OpenPipe } from "../../src/notify/fifo.ts";
import type { NotifyEvent } from "../../src/notify/event.ts";
import { event } from "./support.ts";

const ALIVE = new AbortController().signal;
const CONFIG: FifoNotifyConfig = {
  name: "fifo",
  type: "fifo",
  path: "/run/vipd/notify",
  on: ["master"],
};

Deno.test("each event is a line as keepalived writes it", () => {
  const group: NotifyEvent = { ...event(1, "fault", "SG"), scope: "group", priority: 0 };
  const cases: readonly [NotifyEvent, string][] = [
    [event(1), 'INSTANCE "VI_1" MASTER 150\n'],
    [event(1, "backup"), 'INSTANCE "VI_1" BACKUP 150\n'],
    [event(1, "stop"), 'INSTANCE "VI_1" STOP 150\n'],
    [event(1, "reasserted"), 'INSTANCE "VI_1" MASTER_RX_LOWER_PRI 150\n'],
    [group, 'GROUP "SG" FAULT 0\n'],
  ];
  for (const [given, line] of cases) assert.equal(fifoLine(given), line);
});

/** A machine whose pipe cannot be opened the first `failures` times, and has room for `room` lines. */
function machine(failures: number, room: number) {
  const lines: string[] = [];
  const seen = { lines, opened: 0, closed: 0 };
  const openPipe: OpenPipe = () => {
    seen.opened++;
    if (seen.opened <= failures) return Promise.resolve("it is no named pipe");
    return Promise.resolve({
      write: (line) => lines.length < room ? (lines.push(line), null) : "the pipe is full",
      close: () => void seen.closed++,
    });
  };
  return { seen, openPipe };
}

Deno.test("the pipe is there before the first event, and closed with the target", async () => {
  const { seen, openPipe } = machine(0, 9);
  const target = fifoTarget(CONFIG, openPipe);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(seen.opened, 1);
  assert.deepEqual(await target.deliver([event(1)], ALIVE), { ok: true });
  target.close!();
  assert.deepEqual([seen.lines.length, seen.opened, seen.closed], [1, 1, 1]);
});

Deno.test("a line that finds no room is lost at once, and the next one is tried", async () => {
  const { seen, openPipe } = machine(0, 1);
  const target = fifoTarget(CONFIG, openPipe);
  assert.deepEqual(await target.deliver([event(1)], ALIVE), { ok: true });
  const why = "/run/vipd/notify: the pipe is full";
  const lost = { ok: false, why, retry: false, unheard: true };
  assert.deepEqual(await target.deliver([event(2)], ALIVE), lost);
  seen.lines.pop();
  assert.deepEqual(await target.deliver([event(3)], ALIVE), { ok: true });
});

Deno.test("a pipe that cannot be opened is tried again with the next event", async () => {
  const { seen, openPipe } = machine(2, 9);
  const target = fifoTarget(CONFIG, openPipe);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const delivery = await target.deliver([event(1)], ALIVE);
  assert.equal(delivery.ok ? "" : delivery.why, "/run/vipd/notify: it is no named pipe");
  assert.deepEqual(await target.deliver([event(2)], ALIVE), { ok: true });
  assert.equal(seen.opened, 3);
});

Deno.test("a pipe for a user that does not exist is not opened", async () => {
  const { seen, openPipe } = machine(0, 9);
  const target = fifoTarget({ ...CONFIG, user: { name: "nobody-of-this-name" } }, openPipe);
  const delivery = await target.deliver([event(1)], ALIVE);
  assert.match(delivery.ok ? "" : delivery.why, /there is no user nobody-of-this-name/);
  assert.equal(seen.opened, 0);
});
