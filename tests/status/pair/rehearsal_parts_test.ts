import assert from "node:assert/strict";
import { findings, type RehearsalStatus } from "../../../src/status/pair/rehearsal_parts.ts";
import { REHEARSAL_CODES_OF } from "../../../src/status/codes/verdicts.ts";

type State = RehearsalStatus["instances"][number]["state"];

const only = (part: "serving" | "standby", other: "serving" | "standby") =>
  REHEARSAL_CODES_OF[part].find((code) => !REHEARSAL_CODES_OF[other].includes(code))!;
const SERVING = only("serving", "standby");
const STANDBY = only("standby", "serving");

Deno.test("a rehearsal's finding counts for what its node is now: it serves, would have to, or both", () => {
  const cases: readonly (readonly [readonly State[], readonly string[]])[] = [
    [["master"], [SERVING]],
    [["backup"], [STANDBY]],
    [["fault"], [STANDBY]],
    [["master", "backup"], [SERVING, STANDBY]],
    // Nothing is known of it.
    [[], [STANDBY]],
  ];
  for (const [states, counting] of cases) {
    const status = {
      node: "lb01",
      instances: states.map((state) => ({ state })),
      peers: [{ name: "lb02", instances: states.map((state) => ({ state })) }],
    } as unknown as RehearsalStatus;
    for (const node of ["lb01", "lb02"]) {
      const all = [SERVING, STANDBY].map((code) => ({ code, node, message: "", hint: "" }));
      const counted = findings(status, all).map(({ code }) => code);
      assert.deepEqual(counted, counting, `${node}: ${states.join()}`);
    }
  }
});
