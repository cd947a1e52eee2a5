/**
 * Unicast peers that are addresses of the machine whose configuration it is: adverts to them reach nobody. Of another
 * machine's configuration nothing is said.
 *
 * @module
 */

import type { IpAddress } from "../../wire/address.ts";
import type { Config } from "../model.ts";
import { errorAt, type Finding } from "../findings.ts";
import type { AddressesOf } from "./own_sources.ts";

/**
 * One error for each.
 *
 * @param hostname the machine's, up to its first dot
 */
export function ownPeerFindings(
  { node, instances }: Pick<Config, "node" | "instances">,
  hostname: string,
  addressesOf: AddressesOf,
): Finding[] {
  if (node !== hostname) return [];
  return instances.flatMap(({ interface: name, unicast }, instance) => {
    const peers: readonly IpAddress[] = unicast?.peers ?? [];
    const own = peers.length === 0 ? [] : addressesOf(name);
    return peers.flatMap((peer, index) =>
      own.includes(peer)
        ? [errorAt(
          ["instances", instance, "unicast", "peers", index],
          "invalid_peer",
          `${peer} is this node's own address`,
          "write the address that the other node always has",
        )]
        : []
    );
  });
}
