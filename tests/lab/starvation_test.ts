import assert from "node:assert/strict";
import { longestThreadWaitMs, processorWaitMs, Starvation } from "../../lab/starvation.ts";

/** At these moments, in milliseconds, each process has waited for so long until then. */
type Moments = readonly (readonly [atMs: number, ...waitsMs: number[]])[];

const CASES: readonly [name: string, moments: Moments, lastMs: number, totalMs: number][] = [
  ["processes that wait for a little are not starved", [[0, 5, 5], [1000, 100, 204]], -Infinity, 0],
  ["what was waited for before the first look does not count", [[0, 900], [50, 950]], -Infinity, 0],
  ["one of them starves", [[0, 0, 0], [500, 10, 100], [1000, 20, 200]], 1000, 1000],
  [
    "short waits add up over a second, not over two",
    [[0, 0], [700, 120], [1400, 150], [1750, 270]],
    -Infinity,
    0,
  ],
  ["the wait counts that a late look sees", [[0, 0], [3000, 2900], [3050, 2900]], 3050, 3050],
  [
    "what was waited for counts for a second, and each moment once",
    [[0, 0], [1000, 400], [1500, 700], [2500, 700], [3600, 700], [4000, 700]],
    1500,
    1500,
  ],
  ["a process that was started later starves", [[0, 0], [500, 0, 50], [900, 0, 220]], 900, 900],
  ["an ended process has not starved", [[0, 500], [500, 0]], -Infinity, 0],
];

for (const [name, moments, lastMs, totalMs] of CASES) {
  Deno.test(name, () => {
    const starvation = new Starvation();
    for (const [atMs, ...waitsMs] of moments) {
      starvation.look(atMs, new Map(waitsMs.map((ms, index) => [index, ms])));
    }
    assert.deepEqual([starvation.lastMs, starvation.totalMs], [lastMs, totalMs]);
  });
}

Deno.test("the kernel counts how long this process waits; an ended one waits no more", () => {
  assert.ok(processorWaitMs(Deno.pid) > 0);
  assert.equal(processorWaitMs(2 ** 22 + 1), 0);
});

Deno.test("of a process whose main thread sleeps, the thread that waits counts", async () => {
  const spin =
    "const end = performance.now() + 700; while (performance.now() < end); setInterval(() => {}, 60_000);";
  const program = `const url = "data:text/javascript," + encodeURIComponent(${
    JSON.stringify(spin)
  });
    for (let n = 0; n < 2; n++) new Worker(url, { type: "module" });
    setTimeout(() => console.log("spun"), 1000);
    setTimeout(() => {}, 60_000);`;
  await using process = new Deno.Command("taskset", {
    args: ["--cpu-list", "0", Deno.execPath(), "eval", program],
    ...{ stdin: "null", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  const [longestMs, mainMs] = [longestThreadWaitMs(process.pid), processorWaitMs(process.pid)];
  assert.ok(
    longestMs >= 100 && longestMs > mainMs,
    `${longestMs} ms, of the main thread ${mainMs}`,
  );
  process.kill("SIGKILL");
  await process.status;
  await reader.cancel();
  assert.equal(longestThreadWaitMs(process.pid), 0);
});
