/**
 * The addresses that an instance's adverts may come from (RFC 9568 section 1.7, the primary address).
 *
 * @module
 */

import { familyOf, type IpAddress, isIpv6LinkLocal } from "../../wire/address.ts";
import type { InstanceConfig } from "../model.ts";

/** The settings of an instance that decide about the source of its adverts. */
export type Sender = Pick<InstanceConfig, "interface" | "family" | "sourceAddress" | "unicast">;

/** Knows the addresses that any instance of this node may add to an interface. */
export type IsVirtual = (address: IpAddress) => boolean;

/**
 * Whether the configuration lets adverts come from this address: from the configured source, or else from an address of
 * the family that is not virtual: of IPv4 any, of IPv6 a link-local one (RFC 9568 section 5.1.2.1), or a global one if
 * the unicast peers are global.
 */
export function mayBeSource(address: IpAddress, sender: Sender, isVirtual: IsVirtual): boolean {
  if (sender.sourceAddress !== undefined) return address === sender.sourceAddress;
  if (familyOf(address) !== sender.family || isVirtual(address)) return false;
  return sender.family === "ipv4" || isIpv6LinkLocal(address) === needsLinkLocal(sender);
}

/** Whether IPv6 adverts must come from a link-local address. */
export function needsLinkLocal({ unicast }: Sender): boolean {
  const [peer] = unicast?.peers ?? [];
  return peer === undefined || isIpv6LinkLocal(peer);
}

/** The own addresses that unicast adverts could come from; empty if it is certain which one it is. */
export function ambiguousSources(
  sender: Sender,
  own: readonly IpAddress[],
  isVirtual: IsVirtual,
): IpAddress[] {
  if (!sender.unicast || sender.sourceAddress !== undefined) return [];
  const possible = own.filter((address) => mayBeSource(address, sender, isVirtual));
  return possible.length > 1 ? possible : [];
}

/** `unicast` peers accept one source, and it depends on the kernel's list which one this node has. */
export function ambiguityText(interfaceName: string, possible: readonly IpAddress[]): string {
  return `${interfaceName} has several own addresses (${possible.join(", ")}), and the peers ` +
    "accept adverts from the one that they name";
}
