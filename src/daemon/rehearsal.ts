/**
 * Warms up the takeover path so that the JIT has compiled it: code that runs for the first time costs a backup some
 * milliseconds just when it is late already.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { LinuxHost } from "../linux/host.ts";
import { SimCluster } from "../sim/cluster.ts";

/** After this many rounds the JIT has compiled the code and knows its types. */
const LEAST_ROUNDS = 5;
/**
 * After this many rounds the JIT has optimized the code in which a takeover spends its time, which pays if many wait.
 */
const MOST_ROUNDS = 40;

/** One round for each virtual address, within these bounds: 7 to 25 ms. */
export function rehearseTakeover(
  { instances }: Config,
  host: Pick<LinuxHost, "rehearseTakeover">,
): void {
  const versions = new Set(instances.map(({ version }) => version));
  const families = new Set(instances.map(({ family }) => family));
  const count = instances.reduce((sum, { addresses }) => sum + addresses.length, 0);
  const rounds = Math.min(Math.max(count, LEAST_ROUNDS), MOST_ROUNDS);
  for (let round = 0; round < rounds; round++) {
    for (const version of versions) takeOverOnSimulatedMachine(version);
    for (const family of families) host.rehearseTakeover(family);
  }
}

/** Runs the node's own code, unchanged, on virtual time: alone on its link it soon becomes master. */
function takeOverOnSimulatedMachine(version: 2 | 3): void {
  const cluster = new SimCluster([{ version }]);
  cluster.start();
  cluster.run(cluster.takeoverMs);
  for (const node of cluster.nodes) node.kill();
}
