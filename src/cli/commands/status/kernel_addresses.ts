/**
 * The machine's present addresses, for a status that is older.
 *
 * @module
 */

import type { NodeStatus } from "../../../status/status.ts";
import { canonicalIp } from "../../../wire/address.ts";

/**
 * Corrects the status by the kernel's present addresses: an engine that hangs does not see that its lease has ended.
 */
export function withKernelAddresses(
  status: NodeStatus,
  ours: readonly string[] = Deno.networkInterfaces().map(({ address }) => address),
): NodeStatus {
  const there = new Set(ours.map((address) => canonicalIp(address)));
  return {
    ...status,
    instances: status.instances.map((instance) => ({
      ...instance,
      addresses: instance.addresses.map((entry) => ({
        ...entry,
        held: there.has(canonicalIp(entry.address)),
      })),
    })),
  };
}
