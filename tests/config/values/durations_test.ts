import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "../../../src/config/values/durations.ts";

const READABLE: readonly [string | number, number][] = [
  ["1s", 1000],
  ["100ms", 100],
  ["1m30s", 90_000],
  ["1h", 3_600_000],
  ["14d", 1_209_600_000],
  ["1d12h", 129_600_000],
  ["1h1m1s1ms", 3_661_001],
  ["1h1ms", 3_600_001],
  ["1.5s", 1500],
  ["0.01s", 10],
  ["40.95s", 40_950],
  ["4.1s", 4100],
  ["0", 0],
  ["0s", 0],
  ["2", 2000],
  ["0.25", 250],
  [2, 2000],
  [0, 0],
  [0.01, 10],
  [40.95, 40_950],
];

for (const [written, durationMs] of READABLE) {
  Deno.test(`${JSON.stringify(written)} is ${durationMs} ms`, () => {
    assert.equal(parseDuration(written), durationMs);
  });
}

const UNREADABLE: readonly (string | number)[] = [
  "",
  " ",
  "s",
  "1 s",
  " 1s",
  "1s ",
  "-1s",
  "+1s",
  "1S",
  "1sec",
  "1min",
  "1w",
  "1s1s",
  "30s1m",
  "1ms1s",
  "1.s",
  ".5s",
  "1e3",
  "1,5s",
  "0.5ms",
  "0.0001s",
  "1s\n",
  "0x10",
  "99999999999999999999h",
  -1,
  0.0001,
  NaN,
  Infinity,
  1e300,
];

for (const written of UNREADABLE) {
  Deno.test(`${JSON.stringify(written)} (${typeof written}) is no duration`, () => {
    assert.equal(parseDuration(written), null);
  });
}

const WRITTEN: readonly [number, string][] = [
  [0, "0s"],
  [1, "1ms"],
  [999, "999ms"],
  [1000, "1s"],
  [1500, "1.5s"],
  [90_000, "1m30s"],
  [255_000, "4m15s"],
  [86_400_000, "24h"],
  [1_209_600_000, "14d"],
  [129_600_000, "36h"],
  [3_600_001, "1h0.001s"],
];

for (const [durationMs, text] of WRITTEN) {
  Deno.test(`${durationMs} ms is written ${text} and reads back`, () => {
    assert.equal(formatDuration(durationMs), text);
    assert.equal(parseDuration(text), durationMs);
  });
}
