/**
 * Warms up the takeover path so that the JIT has compiled it: code that runs for the first time costs a backup some
 * milliseconds just when it is late already.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { LinuxHost } from "../linux/host.ts";
import { SimCluster, VIP } from "../sim/cluster.ts";

/** After this many rounds the JIT has compiled the code and knows its types. */
const LEAST_ROUNDS = 5;
/**
 * After this many rounds the JIT has optimized the code in which a takeover spends its time, which pays if many wait.
 */
const MOST_ROUNDS = 40;
/** Upper bound of an instance's addresses in a round: enough for the code that handles hundreds. */
const MOST_ADDRESSES = 8;

/** One round for each virtual address, within these bounds. */
export function warmUpTakeover(
  { instances }: Config,
  host: Pick<LinuxHost, "warmUpTakeover" | "prepareAddresses">,
): void {
  const versions = new Set(instances.map(({ version }) => version));
  const families = new Set(instances.map(({ family }) => family));
  const count = instances.reduce((sum, { addresses }) => sum + addresses.length, 0);
  const rounds = Math.min(Math.max(count, LEAST_ROUNDS), MOST_ROUNDS);
  const most = Math.max(1, ...instances.map(({ addresses }) => addresses.length));
  for (const { addresses, leaseSeconds } of instances) {
    if (addresses.length > 1) host.prepareAddresses(addresses, leaseSeconds);
  }
  const together = Math.min(most, MOST_ADDRESSES);
  for (let round = 0; round < rounds; round++) {
    for (const version of versions) takeOverOnSimulatedMachine(version, together);
    for (const family of families) host.warmUpTakeover(family, together);
  }
}

/**
 * Runs the node's own code, unchanged, on virtual time: alone on its link it soon becomes master. Before that it hears of
 * its interface, as on a real machine.
 */
function takeOverOnSimulatedMachine(version: 2 | 3, addressCount: number): void {
  const addresses = Array.from(
    { length: addressCount },
    (_, index) => ({ ...VIP, address: `192.168.31.${100 + index}` }),
  );
  const cluster = new SimCluster([{ version, addresses }]);
  cluster.start();
  for (const { host } of cluster.nodes) host.setLink(true);
  cluster.run(cluster.takeoverMs);
  for (const node of cluster.nodes) node.kill();
}
