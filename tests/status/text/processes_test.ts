import assert from "node:assert/strict";
import { processesOf, processLines } from "../../../src/status/text/processes.ts";
import type { EngineStatus, FrontStatus, NodeStatus } from "../../../src/status/status.ts";
import { exampleStatus } from "../../front/fake_backend.ts";

const NOW_MS = Date.UTC(2026, 2, 1, 10, 5);
const ENDED = { at: "2026-03-01T10:03:00.000Z", reason: "killed by SIGKILL" };
const GONE = { pid: null, user: null, started_at: null } as const;

function lines(engine: Partial<EngineStatus>, front: Partial<FrontStatus>): [boolean, string][] {
  const { processes } = exampleStatus();
  const calm = { restarts: 0, last_exit: null };
  const status = exampleStatus({
    processes: {
      engine: { ...processes.engine, ...calm, ...engine },
      front: { ...processes.front, ...calm, ...front },
    },
  });
  return processLines(status, NOW_MS).map(({ well, text }) => [well, text]);
}

const ENGINE = "engine PID 812 (vipd), ";
const BOTH = `${ENGINE}front PID 905 (vipd-front)`;

for (
  const [name, engine, front, want] of [
    ["all is well", {}, {}, [[true, BOTH]]],
    ["the front starts", {}, { state: "starting" }, [[false, `${BOTH} starting`]]],
    [
      "the front cannot listen",
      {},
      { problem: "127.0.0.1:9112 is in use" },
      [[false, `${BOTH}: 127.0.0.1:9112 is in use`]],
    ],
    [
      "there is no front any more",
      {},
      { state: "down", ...GONE, last_exit: ENDED, problem: "it ended" },
      [
        [false, `${ENGINE}front down: it ended`],
        [true, "front ended 2 min ago: killed by SIGKILL"],
      ],
    ],
    [
      "both were started again",
      { restarts: 1 },
      { restarts: 3, last_exit: ENDED },
      [
        [true, BOTH],
        [true, "engine was started again once"],
        [true, "front was started again 3 times; it last ended 2 min ago: killed by SIGKILL"],
      ],
    ],
    ["one was stopped and runs again", { last_exit: ENDED }, { last_exit: ENDED }, [[true, BOTH]]],
    ["a part of another program", { pid: 0, user: "" }, {}, []],
  ] as const
) {
  Deno.test(`the processes in words: ${name}`, () => {
    assert.deepEqual(lines(engine, front), want);
  });
}

Deno.test("a status by vipd 0.1.0, which has one process, says nothing of two", () => {
  const { processes: _, ...before } = exampleStatus();
  assert.equal(processesOf(before as NodeStatus), null);
  assert.deepEqual(processLines(before as NodeStatus, NOW_MS), []);
});
