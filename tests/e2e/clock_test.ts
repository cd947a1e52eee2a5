/**
 * The wall clock jumps, as it does when a machine's time is put right: nothing that vipd times may notice. Needs root
 * or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Cluster, INSTANCE } from "../../lab/cluster.ts";
import { startDaemons } from "../../lab/cluster_daemons.ts";
import { sleep, waitFor } from "../../lab/wait.ts";

const HOUR_S = 3600;
/** Longer than Master_Down_Interval and than a lease of one-second adverts. */
const WATCHED_MS = 4500;

Deno.test("a wall clock that jumps by hours moves no address, and a hand-over works as before", async () => {
  const binary = Deno.env.get("VIPD_BINARY");
  const name = `clock-${crypto.randomUUID()}`;
  await using cluster = await Cluster.open({ name, binary, ownClocks: true });
  const { holders, balancers: { lb01, lb02 } } = cluster;
  await startDaemons(cluster, { lb01: "vipd", lb02: "vipd" });
  const config = await Deno.readTextFile(new URL("../../config/lb01.yaml", import.meta.url));
  /** What the clock of lb01 shows, by the time of a new journal entry. */
  const clockMs = async () => {
    const lastId = (await lb01.vipd.events()).at(-1)!.id;
    await lb01.vipd.reload(config);
    const newer = async () => (await lb01.vipd.events()).find(({ id }) => id > lastId) ?? null;
    const { time } = await waitFor("an entry", newer, { timeoutMs: 5000, everyMs: 50 });
    return Date.parse(time);
  };
  const before = holders.holdings().length;
  const given = await lb01.vipd.command("promote", INSTANCE, "--for", "1h");
  assert.equal(given.code, 0, given.stderr);
  const givenMs = performance.now();

  for (const [aheadS, jumping] of [[HOUR_S * 5, [lb01]], [-HOUR_S * 20, [lb01, lb02]]] as const) {
    for (const { clock } of jumping) await clock!.setAhead(aheadS);
    await sleep(WATCHED_MS);
    assert.deepEqual(holders.holdings().slice(before), []);
    const offMs = await clockMs() - Date.now() - aheadS * 1000;
    assert.ok(Math.abs(offMs) < 60_000, `the clock is ${offMs} ms off: it has not jumped`);
  }

  // A look at the clock every ten seconds moves the end with it.
  await waitFor("the end of the override by the clock", async () => {
    const { instances: [promoted], now } = (await lb01.vipd.status())!;
    const restMs = HOUR_S * 1000 - (performance.now() - givenMs);
    return Math.abs(Date.parse(promoted!.override!.until!) - Date.parse(now!) - restMs) < 5000;
  }, { timeoutMs: 15_000, everyMs: 250 });
  assert.equal((await lb01.vipd.send(INSTANCE, "demote")).status, 200);
  await holders.heldBy("lb02", 5000);
  const { instances: [instance] } = (await lb01.vipd.status())!;
  assert.equal(instance!.state, "backup");
});
