/**
 * An IPv6 pair of vipd and keepalived whose interface loses its addresses.
 * Needs root or user namespaces, and keepalived.
 *
 * @module
 */

import { HolderWatch } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { daemon } from "./daemon.ts";
import { FAST_IPV6, PLAN, watchedAddresses } from "./pair.ts";

/** Start of a process, and what a machine that is shared with others adds. */
const PATIENCE_MS = 10_000;

Deno.test("IPv6: an interface that goes down loses the election, and comes back when it is up", async () => {
  await using lab = await Lab.open(`interop-${crypto.randomUUID()}`, PLAN);
  const lb01 = await daemon("vipd", lab.host("lb01"), FAST_IPV6, 150);
  const lb02 = await daemon("keepalived", lab.host("lb02"), FAST_IPV6, 100);
  const watch = await HolderWatch.start(lab.hosts, watchedAddresses(FAST_IPV6)[0]!, 10);
  await Promise.all([lb01.start(), lb02.start()]);
  await watch.heldBy("lb01", PATIENCE_MS);
  // The kernel takes all IPv6 addresses off an interface that is set down, and makes a link-local one when it is up.
  await lab.host("lb01").run(["ip", "link", "set", "eth1", "down"]);
  await watch.heldBy("lb02", PATIENCE_MS);
  await lab.host("lb01").run(["ip", "link", "set", "eth1", "up"]);
  await watch.heldBy("lb01", PATIENCE_MS);
});
