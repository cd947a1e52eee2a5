import assert from "node:assert/strict";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { TIMES_OPTIONS, timesFor } from "../../../src/cli/text/times.ts";

const TIME = "2026-03-01T23:30:05.007Z";
const NOON = Date.parse("2026-03-01T12:00:00.000Z");

function times(...argv: string[]) {
  return timesFor(parseArguments(argv, TIMES_OPTIONS, 0), { timeZone: "Europe/Berlin" });
}

Deno.test("people read times in their zone", () => {
  const local = times();
  assert.equal(local.full(TIME), "2026-03-02 00:30:05");
  assert.equal(local.exact(TIME), "2026-03-02 00:30:05.007");
  assert.equal(local.brief(TIME), "03-02 00:30:05");
  assert.equal(local.short(TIME, NOON), "2026-03-02 00:30");
  assert.equal(local.short("2026-03-01T13:05:00.000Z", NOON), "14:05");
});

Deno.test("with --utc they are as in JSON", () => {
  const utc = times("--utc");
  assert.deepEqual([utc.full(TIME), utc.exact(TIME)], [TIME, TIME]);
  assert.equal(utc.short(TIME, NOON), "23:30");
});

Deno.test("what is no time stays as it is", () => {
  const local = times();
  for (const write of [local.full, local.exact, local.brief]) {
    assert.ok("soon".endsWith(write("soon")));
  }
});
