/**
 * A takeover that does not count, gone through before one does: code that has never run is compiled when it is first
 * called, which costs a backup some milliseconds just when it is late already.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { LinuxHost } from "../linux/host.ts";
import { SimCluster } from "../sim/cluster.ts";

/** After so many the engine has seen what it needs to see to call the code quickly. */
const ROUNDS = 5;

/** Takes some 10 ms. */
export function rehearseTakeover(
  { instances }: Config,
  host: Pick<LinuxHost, "rehearseTakeover">,
): void {
  const versions = new Set(instances.map(({ version }) => version));
  const families = new Set(instances.map(({ family }) => family));
  for (let round = 0; round < ROUNDS; round++) {
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
