/**
 * Only sleeps, ten milliseconds at a time, and reports when it slept much longer; a line of JSON (an `Oversleep`) for
 * each.
 *
 * Usage: `deno run --allow-all sleeper_process.ts`
 *
 * @module
 */

import type { Oversleep } from "./sleeper.ts";
import { clockMs } from "./wait.ts";

const SLEEP_MS = 10;
const REPORTED_FROM_MS = 2;

// nanosleep(2) through usleep(3): the machine causes any delay here, not an event loop.
const sleeper = Deno.dlopen("libc.so.6", { usleep: { parameters: ["u32"], result: "i32" } });
const encoder = new TextEncoder();
tell({ atMs: clockMs(), lateMs: 0 });
while (true) {
  const fromMs = performance.now();
  sleeper.symbols.usleep(SLEEP_MS * 1000);
  const lateMs = performance.now() - fromMs - SLEEP_MS;
  if (lateMs >= REPORTED_FROM_MS) tell({ atMs: clockMs(), lateMs });
}

function tell(line: Oversleep): void {
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
}
