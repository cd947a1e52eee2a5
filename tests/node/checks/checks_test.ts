/** The checks of a node by name: those that run, end and stay when the configuration is another one. */

import assert from "node:assert/strict";
import { Checks } from "../../../src/node/checks/checks.ts";
import { firstResults } from "../../../src/node/checks/first_results.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { NGINX_CHECK, SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { countTimers } from "../count_timers.ts";

const check = (name: string) => ({ ...NGINX_CHECK, name });

/** A host that tells which probers it has. */
function scene() {
  const cluster = new SimCluster([{}]);
  const [{ host }] = cluster.nodes as [SimNode];
  const timers = countTimers(host);
  const said: string[] = [];
  const { openProber } = host;
  host.openProber = (config, report) => {
    const prober = openProber.call(host, config, report);
    said.push(`open ${config.name}`);
    return {
      probe: () => prober.probe(),
      close: () => {
        said.push(`close ${config.name}`);
        prober.close();
      },
    };
  };
  return { cluster, host, timers, take: () => said.splice(0) };
}

Deno.test("a check of a name runs once, in the order and for as long as it is configured", () => {
  const { host, timers, take } = scene();
  const journal = new Journal(() => host.wallClockMs());
  const alarms = new Alarms(host, journal);
  const checks = new Checks([check("a"), check("b")], host, journal, alarms, () => {});
  assert.deepEqual(take(), []);
  checks.start();
  assert.deepEqual(take(), ["open a", "open b"]);
  checks.run(check("c"));
  assert.deepEqual(take(), ["open c"]);
  checks.run(check("a"));
  assert.deepEqual(take(), ["close a", "open a"]);
  checks.retain(["c", "a"]);
  assert.deepEqual(take(), ["close b"]);
  assert.deepEqual(checks.status().map(({ name }) => name), ["c", "a"]);
  assert.deepEqual([checks.verdict("a"), checks.verdict("b")], ["unknown", "down"]);
  checks.stop();
  assert.deepEqual(take(), ["close c", "close a"]);
  assert.equal(timers.running, 0);
});

Deno.test("a first result ends its probe and the wait for it, as the end of the wait does", async () => {
  for (const tookMs of [1, 60_000]) {
    const { cluster, host, timers, take } = scene();
    host.checks.probeTookMs = tookMs;
    await cluster.time.settle(firstResults([check("a")], host), undefined, 5);
    assert.deepEqual(take(), ["open a", "close a"]);
    assert.equal(timers.running, 0);
  }
});
