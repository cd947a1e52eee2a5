/**
 * Two nodes of vipd whose check fails whenever they serve: the address stops moving, somebody serves all the time, and
 * when the cause is over all is as before.
 *
 * @module
 */

import assert from "node:assert/strict";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import { CheckedPair, WELL_FILE } from "./checked_pair.ts";
import type { NodeName, Pair } from "./pair.ts";

const ADDRESS = "192.168.31.5";
const HOLD_MS = 8000;
/** Until a node has failed and the other one serves, or nobody has come, with a check of 0.2 s: well below a second. */
const FLAPPING_MS = 5000;
const PAIR: Pair = {
  ...{ version: 3, intervalMs: 100, addresses: [`${ADDRESS}/24`] },
  check: {
    command: ["sh", "-c", `test -e ${WELL_FILE} || ! grep -q "${ADDRESS}$" /proc/net/fib_trie`],
    keepalived: "fault",
  },
  damping: { moves: 4, within: "30s", hold_after: `${HOLD_MS}ms` },
};
const NODES: readonly NodeName[] = ["lb01", "lb02"];
/** The master keeps the address while it lets the other go first: less than it waits for that one. */
const KEPT_MS = 250;

/** Walks such a pair from the first failure until all is as before. */
export async function flap(): Promise<void> {
  await using run = await CheckedPair.open({
    ...{ pair: PAIR, brands: { lb01: "vipd", lb02: "vipd" } },
  });
  const look = async (node: NodeName) => {
    const status = await run.vipd(node).status();
    const priority = status?.instances[0]?.priority.effective;
    return { priority, alarms: status?.alarms.map(({ code }) => code) ?? [] };
  };
  const fromMs = clockMs();
  await Promise.all(NODES.map((node) => run.fails(node)));
  await sleep(FLAPPING_MS);
  const flapped = await run.since(fromMs);
  assert.ok(flapped.moves >= 3 && flapped.moves <= 8, `${flapped.moves} moves`);
  const serving = run.serving as NodeName;
  assert.ok(NODES.includes(serving), serving);
  const seen = await Promise.all(NODES.map(look));
  const held = seen.filter(({ priority, alarms }) => priority === 1 && alarms.includes("flapping"));
  assert.ok(held.length > 0, JSON.stringify(seen));

  const quiet = await run.after(() => Promise.resolve(), serving);
  assert.equal(quiet.moves, 0, "held back, nothing moves");
  await Promise.all(NODES.map((node) => run.recovers(node)));
  await waitFor("lb01 to serve as before", async () => {
    const { priority, alarms } = await look("lb01");
    return run.serving === "lb01" && priority === 150 && alarms.length === 0;
  }, { timeoutMs: 2 * HOLD_MS });
  const { moves, silentMs } = await run.since(fromMs);
  assert.ok(moves <= flapped.moves + 1, `${moves - flapped.moves} moves on the way back`);
  assert.ok(silentMs <= KEPT_MS, `nobody answered for ${silentMs} ms`);
}
