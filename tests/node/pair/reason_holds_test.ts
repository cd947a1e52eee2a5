/** From when to when a reason counts. */

import assert from "node:assert/strict";
import { ReasonHolds } from "../../../src/node/pair/reason_holds.ts";
import type { ReasonNow } from "../../../src/status/pair/standby_reasons.ts";

const reason = (code: string, node = "lb02", more: object = {}) =>
  ({ code, node, message: code, hint: "", ...more }) as unknown as ReasonNow;
const [STOPPED, SILENT] = ["standby_stopped", "peer_silent"].map((code) => reason(code));

interface Moment {
  readonly atMs: number;
  readonly reasons: readonly ReasonNow[];
  readonly servedBy?: string;
  readonly moved?: boolean;
  readonly slackMs?: number;
  /** The codes that count then, with the second since when. */
  readonly counted: readonly string[];
}

function follow(moments: readonly Moment[]): void {
  const holds = new ReasonHolds();
  for (const { atMs, reasons, servedBy = "lb01", moved = false, slackMs = 0, counted } of moments) {
    holds.observe(reasons, { nowMs: atMs, wallMs: 1e6 + atMs, slackMs, servedBy, moved });
    const found = holds.counted.map(({ code, sinceWallMs }) => `${code} ${sinceWallMs - 1e6}`);
    assert.deepEqual(found, counted, `at ${atMs} ms`);
  }
}

Deno.test("a reason counts when it has lasted, and for a second after its end", () => {
  follow([
    { atMs: 0, reasons: [STOPPED!], counted: [] },
    { atMs: 2999, reasons: [STOPPED!], counted: [] },
    { atMs: 3000, reasons: [STOPPED!], counted: ["standby_stopped 0"] },
    { atMs: 3999, reasons: [], counted: ["standby_stopped 0"] },
    { atMs: 4000, reasons: [], counted: [] },
    { atMs: 4100, reasons: [STOPPED!], counted: [] },
  ]);
  follow([
    { atMs: 0, reasons: [STOPPED!], counted: [] },
    { atMs: 1000, reasons: [], counted: [] },
    { atMs: 3000, reasons: [STOPPED!], counted: [] },
    { atMs: 6000, reasons: [STOPPED!], counted: ["standby_stopped 3000"] },
    { atMs: 6100, reasons: [], moved: true, counted: [] },
  ]);
});

Deno.test("a reason says what it said last, and the gravest comes first", () => {
  const atOnce = (code: string, message: string) => reason(code, "lb02", { holdMs: 0, message });
  const holds = new ReasonHolds();
  const times = { wallMs: 0, slackMs: 0, servedBy: "lb01", moved: false };
  const mild = (message: string) => atOnce("peer_silent", message);
  holds.observe([mild("before")], { ...times, nowMs: 0 });
  const all = [mild("now"), atOnce("standby_fault", "a fault"), atOnce("two_holders", "two")];
  holds.observe(all, { ...times, nowMs: 100 });
  assert.deepEqual(holds.counted.map(({ message }) => message), ["two", "a fault", "now"]);
});

Deno.test("the hold time is longer by the slack, but for what counts at once", () => {
  const atOnce = reason("standby_fault", "lb02", { holdMs: 0 });
  follow([
    { atMs: 0, reasons: [STOPPED!, atOnce], slackMs: 500, counted: ["standby_fault 0"] },
    { atMs: 3499, reasons: [STOPPED!], slackMs: 500, counted: [] },
    { atMs: 3500, reasons: [STOPPED!], slackMs: 500, counted: ["standby_stopped 0"] },
  ]);
  const holds = new ReasonHolds();
  assert.equal(holds.dueMs(0), Infinity);
  const times = { wallMs: 0, slackMs: 500, servedBy: null, moved: false };
  holds.observe([STOPPED!], { ...times, nowMs: 100 });
  holds.observe([STOPPED!, SILENT!], { ...times, nowMs: 200 });
  assert.equal(holds.dueMs(500), 3600);
  holds.observe([STOPPED!], { ...times, nowMs: 3600 });
  assert.equal(holds.dueMs(500), Infinity);
});

Deno.test("a node that refused is silent for the same reason, for ten seconds, unless it serves", () => {
  const steps = (gapMs: number, code: string, servedBy?: string, node?: string): Moment[] => [
    { atMs: 0, reasons: [STOPPED!], counted: [] },
    { atMs: 3000, reasons: [STOPPED!], counted: ["standby_stopped 0"] },
    {
      ...{ atMs: 3000 + gapMs, reasons: [reason(code, node)], counted: ["standby_stopped 0"] },
      ...(servedBy !== undefined && { servedBy }),
    },
  ];
  follow(steps(1000, "peer_silent"));
  follow(steps(9999, "peer_silent"));
  const forgotten = (
    moments: Moment[],
  ) => [...moments.slice(0, 2), { ...moments[2]!, counted: [] }];
  follow(forgotten(steps(10_000, "peer_silent")));
  follow(forgotten(steps(1000, "peer_silent", "lb02")));
  follow(forgotten(steps(1000, "peer_silent", "lb01", "lb03")));
  follow(forgotten(steps(1000, "standby_missing")));
  follow([
    { atMs: 0, reasons: [STOPPED!], counted: [] },
    { atMs: 2000, reasons: [SILENT!], counted: [] },
    { atMs: 3000, reasons: [SILENT!, STOPPED!], counted: ["standby_stopped 0"] },
  ]);
});
