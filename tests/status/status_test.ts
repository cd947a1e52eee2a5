import assert from "node:assert/strict";
import { noProcesses } from "../../src/status/status.ts";

Deno.test("a node that is a part of another program has no process of its own", () => {
  const never = { restarts: 0, last_exit: null };
  assert.deepEqual(noProcesses(0), {
    engine: { pid: 0, user: "", started_at: "1970-01-01T00:00:00.000Z", ...never },
    front: {
      ...{ state: "serving", pid: null, user: null, started_at: null, ...never, problem: null },
    },
  });
});
