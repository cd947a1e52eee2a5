/**
 * A takeover that does not count, gone through before one does: code that has never run is compiled when it is first
 * called, which costs a backup some milliseconds just when it is late already.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { LinuxHost } from "../linux/host.ts";
import { SimCluster } from "../sim/cluster.ts";

/** After so many the engine has compiled the code and seen what it needs to see to call it. */
const LEAST_ROUNDS = 5;
/** After so many it has optimized what a takeover spends its time in: worth it for those who wait behind others. */
const MOST_ROUNDS = 40;

/** A round for each virtual address, within these bounds: 7 to 25 ms. */
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

/** The node's own code, which knows no difference, on virtual time: alone on its link it is master soon. */
function takeOverOnSimulatedMachine(version: 2 | 3): void {
  const cluster = new SimCluster([{ version }]);
  cluster.start();
  cluster.run(cluster.takeoverMs);
  for (const node of cluster.nodes) node.kill();
}
