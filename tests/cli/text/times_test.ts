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

Deno.test("a time that was printed is read back", () => {
  for (const zone of ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC"]) {
    const local = timesFor(parseArguments([], TIMES_OPTIONS, 0), { timeZone: zone });
    for (let day = 0; day < 365; day++) {
      const time = new Date(Date.parse(TIME) + day * 86_400_000).toISOString();
      assert.equal(local.read(local.exact(time), NOON), Date.parse(time), `${zone} ${time}`);
    }
  }
  assert.equal(times("--utc").read(TIME, NOON), Date.parse(TIME));
});

Deno.test("a time without a zone is one of this machine's", () => {
  const cases: readonly (readonly [text: string, time: string | null, ...utc: string[]])[] = [
    ["2026-11-30T20:10:00", "2026-11-30T19:10:00Z"],
    ["2026-11-30 20:10", "2026-11-30T19:10:00Z"],
    ["2026-11-30 20:10:00.250", "2026-11-30T19:10:00.250Z"],
    ["2026-11-30 20:10", "2026-11-30T20:10:00Z", "--utc"],
    ["2026-07-01", "2026-06-30T22:00:00Z"],
    ["02-28 20:10:00", "2026-02-28T19:10:00Z"],
    ["12:30", "2026-03-01T11:30:00Z"],
    ["20:00", "2026-02-28T19:00:00Z"],
    ["2026-11-30T20:10:00Z", "2026-11-30T20:10:00Z"],
    ["2026-11-30T20:10:00+05:30", "2026-11-30T14:40:00Z"],
    ["25:00", null],
    ["2026-13-01", null],
    ["2026-02-31", null],
    ["42", null],
    ["", null],
    ["yesterday", null],
  ];
  for (const [text, time, ...utc] of cases) {
    const read = times(...utc).read(text, NOON);
    assert.equal(read, time === null ? null : Date.parse(time), text);
  }
});
