/**
 * The addresses that an instance's adverts may come from (RFC 9568 section 1.7, the primary address).
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { familyOf, type IpAddress, isIpv6LinkLocal } from "../wire/address.ts";
import type { InterfaceAddress, InterfaceState } from "./host.ts";

/** What of an instance decides about the source of its adverts. */
export type Sender = Pick<InstanceConfig, "interface" | "family" | "sourceAddress" | "unicast">;

/** Tells the addresses that any instance of this node may put on an interface. */
export type IsVirtual = (address: IpAddress) => boolean;

/**
 * Whether the configuration lets adverts come from this address: from the configured source, or else from an address of
 * the family that is not virtual: of IPv4 any, of IPv6 a link-local one (RFC 9568 section 5.1.2.1), or a global one if
 * the unicast peers are global.
 */
export function mayBeSource(address: IpAddress, sender: Sender, isVirtual: IsVirtual): boolean {
  return sender.sourceAddress === undefined
    ? familyOf(address) === sender.family && !isVirtual(address) && fitsScope(address, sender)
    : address === sender.sourceAddress;
}

/** Those that the interface has for it, in the kernel's order, also what cannot be used now. */
export function possibleSources(
  state: InterfaceState,
  sender: Sender,
  isVirtual: IsVirtual,
): InterfaceAddress[] {
  return state.addresses.filter(({ address }) => mayBeSource(address, sender, isVirtual));
}

function fitsScope(address: IpAddress, sender: Sender): boolean {
  return sender.family === "ipv4" || isIpv6LinkLocal(address) === needsLinkLocal(sender);
}

function needsLinkLocal({ unicast }: Sender): boolean {
  const [peer] = unicast?.peers ?? [];
  return peer === undefined || isIpv6LinkLocal(peer);
}

/** One sentence that says why none of the `possible` addresses of its interface can be the source. */
export function missingSource(sender: Sender, possible: readonly InterfaceAddress[]): string {
  const { interface: name, sourceAddress: configured, family } = sender;
  const [unusable] = possible.map(({ address, unusable }) =>
    unusable === "dadfailed"
      ? `${address} on ${name} is in use by another machine (dadfailed), so adverts have no source`
      : `${address} on ${name} is not usable yet (tentative), so adverts have no source`
  );
  if (unusable !== undefined) return unusable;
  if (configured !== undefined) {
    return `interface ${name} does not have ${configured}, the configured source_address`;
  }
  const kind = family === "ipv4" ? "IPv4" : needsLinkLocal(sender) ? "IPv6 link-local" : "IPv6";
  return `interface ${name} has no ${kind} address of its own (virtual ones do not count)`;
}
