import assert from "node:assert/strict";
import type { ProbeResult } from "../../src/health/check.ts";
import type { Finding } from "../../src/health/probe.ts";
import { TimedProber } from "../../src/health/timed_prober.ts";
import { delay } from "./probing.ts";

/** A probe that settles when the test says so. */
function openStub(timeoutMs: number) {
  const runs: PromiseWithResolvers<Finding>[] = [];
  const signals: AbortSignal[] = [];
  const results: ProbeResult[] = [];
  const prober = new TimedProber(
    {
      late: "too late",
      run(signal) {
        const run = Promise.withResolvers<Finding>();
        runs.push(run);
        signals.push(signal);
        return run.promise;
      },
    },
    timeoutMs,
    (result) => results.push(result),
  );
  const outcomes = () => results.map(({ ok, detail }) => `${ok} ${detail}`);
  return { prober, runs, signals, outcomes };
}

Deno.test("a finding is reported once, and the next probe is a new run", async () => {
  const { prober, runs, outcomes } = openStub(1000);
  prober.probe();
  prober.probe();
  assert.equal(runs.length, 1);
  runs[0]!.resolve({ ok: true, detail: "fine" });
  await delay(0);
  prober.probe();
  assert.equal(runs.length, 2);
  runs[1]!.reject(new Error("Out of sockets (os error 24)"));
  await delay(0);
  assert.deepEqual(outcomes(), ["true fine", "false out of sockets"]);
});

Deno.test("a run that is late is aborted and fails again at every probe until it is gone", async () => {
  const { prober, runs, signals, outcomes } = openStub(20);
  prober.probe();
  await delay(40);
  assert.deepEqual(outcomes(), ["false too late"]);
  assert.equal(signals[0]!.aborted, true);
  prober.probe();
  assert.deepEqual(outcomes(), ["false too late"], "one hang counts once");
  prober.probe();
  assert.deepEqual(outcomes(), ["false too late", "false too late"]);
  assert.equal(runs.length, 1, "no second run beside the first");
  runs[0]!.resolve({ ok: true, detail: "after all" });
  await delay(0);
  assert.equal(outcomes().length, 2, "what a late run finds is not news");
  assert.equal(runs.length, 2, "the probe that waited for its end begins");
  prober.close();
});

Deno.test("closing aborts the run and silences it", async () => {
  const { prober, runs, signals, outcomes } = openStub(20);
  prober.probe();
  prober.close();
  assert.equal(signals[0]!.aborted, true);
  runs[0]!.reject(new Error("aborted"));
  await delay(40);
  prober.probe();
  assert.equal(runs.length, 1);
  assert.deepEqual(outcomes(), []);
});
