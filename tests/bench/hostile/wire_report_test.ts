import assert from "node:assert/strict";
import type { CapturedAdvert } from "../../../lab/capture.ts";
import { wireReport } from "./wire_report.ts";

/** `a` and `b` at such times, in milliseconds. */
function adverts(source: string, vrid: number, ...moments: number[]): CapturedAdvert[] {
  const others = { destination: "224.0.0.18", ttl: 255, message: new Uint8Array() };
  return moments.map((atMs) => ({ atMs, source, version: 3, vrid, priority: 100, ...others }));
}

const byTime = (a: CapturedAdvert, b: CapturedAdvert) => a.atMs - b.atMs;

Deno.test("the longest gap reaches from the last advert before the span to its end", () => {
  const steady = adverts("a", 1, 0, 100, 200, 300, 400);
  assert.deepEqual(wireReport(steady, 100, 400), { elections: 0, gapMs: 100 });
  assert.deepEqual(wireReport(adverts("a", 1, 0, 90, 300, 400), 100, 400), {
    elections: 0,
    gapMs: 210,
  });
  assert.deepEqual(wireReport(steady, 250, 950), { elections: 0, gapMs: 550 });
});

Deno.test("what was before the span is none of its business", () => {
  const moved = [...adverts("b", 1, 0), ...adverts("a", 1, 900, 1000, 1100)];
  assert.deepEqual(wireReport(moved, 1000, 1100), { elections: 0, gapMs: 100 });
});

Deno.test("another master, and the way back, are elections, and a gap of the first", () => {
  const away = [
    ...adverts("a", 1, 0, 100),
    ...adverts("b", 1, 450, 550),
    ...adverts("a", 1, 600, 700),
  ];
  assert.deepEqual(wireReport(away, 50, 700), { elections: 2, gapMs: 500 });
  const gone = [...adverts("a", 1, 0), ...adverts("b", 1, 450, 550)];
  assert.deepEqual(wireReport(gone, 0, 600), { elections: 1, gapMs: 600 });
});

Deno.test("of several virtual routers the worst counts", () => {
  const two = [...adverts("a", 1, 0, 100, 200), ...adverts("fe80::1", 2, 0, 180)].sort(byTime);
  assert.deepEqual(wireReport(two, 0, 200), { elections: 0, gapMs: 180 });
});

Deno.test("no master at the beginning is an endless gap", () => {
  assert.equal(wireReport([], 0, 100).gapMs, Infinity);
  assert.equal(wireReport(adverts("a", 1, 50, 100), 0, 100).gapMs, Infinity);
});
