/**
 * A configuration against the addresses that this machine has of its own: as virtual addresses, as unicast peers, as
 * sources of adverts. A configuration may be written before or elsewhere: a doubt is a warning.
 *
 * @module
 */

import { type AddressedInterface, ownPlaceOf } from "../../vip/addresses.ts";
import type { IpAddress } from "../../wire/address.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Config } from "../model.ts";
import { errorAt, type Finding, warningAt } from "../findings.ts";
import { ambiguityText, ambiguousSources } from "../values/source_address.ts";

/** The addresses of an interface of this machine; none of one that it does not have. */
export type AddressesOf = (interfaceName: string) => readonly IpAddress[];

/** The addresses of the machine that this program runs on. */
export const addressesOn: AddressesOf = (interfaceName) =>
  carried().filter(({ name }) => name === interfaceName).map(({ address }) => address);

/** All addresses of this machine. */
export function allAddresses(): IpAddress[] {
  return carried().map(({ address }) => address);
}

function carried(): Deno.NetworkInterfaceInfo[] {
  try {
    return Deno.networkInterfaces();
  } catch {
    // A warning less.
    return [];
  }
}

/** True if one of these addresses is a virtual one, of whatever program. */
export function someVirtual({ instances }: Config, addresses: readonly IpAddress[]): boolean {
  const present = new Set(addresses);
  return instances.some((instance) =>
    instance.addresses.some(({ address }) => present.has(address))
  );
}

/**
 * One warning for each instance whose virtual addresses this machine has of its own, unless it is their owner (RFC 9568
 * section 8.3.1): it answers for them next to the master.
 */
export function ownAddressFindings(
  { instances }: Config,
  interfaces: readonly AddressedInterface[],
): Finding[] {
  return instances.flatMap(({ priority, addresses }, index) => {
    if (priority === PRIORITY_OWNER) return [];
    const own = addresses.flatMap((virtual, at) => {
      const place = ownPlaceOf(virtual, interfaces);
      return place === null ? [] : [{ ...place, at, address: virtual.address }];
    });
    const [first] = own;
    if (!first) return [];
    const { address, device, prefixLength, at } = first;
    const what = own.length === 1
      ? `${address} is this machine's own address on ${device}`
      : `${address} and ${own.length - 1} more are this machine's own addresses on ${device}`;
    return [warningAt(
      ["instances", index, "addresses", at],
      "own_address",
      `${what}, not added by vipd: it answers as backup, too`,
      `remove it (ip address del ${address}/${prefixLength} dev ${device}) and take it out of the ` +
        "network's configuration, or make this node the owner with priority 255",
    )];
  });
}

/**
 * One error for each unicast peer that is an address of the machine whose configuration it is: adverts to it reach
 * nobody. The configuration of another machine gets none.
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

/** One warning for each instance whose unicast adverts could come from several addresses of its interface. */
export function sourceFindings({ instances }: Config, addressesOf: AddressesOf): Finding[] {
  const virtual = new Set(
    instances.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
  );
  return instances.flatMap((instance, index) => {
    const own = addressesOf(instance.interface);
    const possible = ambiguousSources(instance, own, (address) => virtual.has(address));
    if (possible.length === 0) return [];
    return [warningAt(
      ["instances", index, "unicast"],
      "source_ambiguous",
      ambiguityText(instance.interface, possible),
      `write \`source_address: ${possible[0]}\`, or the one that the peers name`,
    )];
  });
}
