/**
 * The address that an instance's adverts come from (RFC 9568 section 1.7, the primary address).
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { familyOf, type IpAddress, isIpv6LinkLocal } from "../wire/address.ts";
import type { InterfaceState } from "./host.ts";

/** What of an instance decides about the source of its adverts. */
type Sender = Pick<InstanceConfig, "interface" | "family" | "sourceAddress" | "unicast">;

/**
 * The configured source if the interface has it, or else the interface's first address of the family that is not
 * virtual: of IPv4 any, of IPv6 a link-local one (RFC 9568 section 5.1.2.1), or a global one where unicast peers are
 * global. `null` when there is none.
 *
 * @param isVirtual tells the addresses that any instance of this node may put on an interface.
 */
export function sourceAddress(
  state: InterfaceState,
  sender: Sender,
  isVirtual: (address: IpAddress) => boolean,
): IpAddress | null {
  const usable = ({ address }: { readonly address: IpAddress }) =>
    sender.sourceAddress === undefined
      ? familyOf(address) === sender.family && !isVirtual(address) && fitsScope(address, sender)
      : address === sender.sourceAddress;
  return state.addresses.find(usable)?.address ?? null;
}

function fitsScope(address: IpAddress, sender: Sender): boolean {
  return sender.family === "ipv4" || isIpv6LinkLocal(address) === needsLinkLocal(sender);
}

function needsLinkLocal({ unicast }: Sender): boolean {
  const [peer] = unicast?.peers ?? [];
  return peer === undefined || isIpv6LinkLocal(peer);
}

/** One sentence that says what is missing when there is no source address. */
export function missingSource(sender: Sender): string {
  const { interface: name, sourceAddress: configured, family } = sender;
  if (configured !== undefined) {
    return `interface ${name} does not have ${configured}, the configured source_address`;
  }
  const kind = family === "ipv4" ? "IPv4" : needsLinkLocal(sender) ? "IPv6 link-local" : "IPv6";
  return `interface ${name} has no ${kind} address of its own (virtual ones do not count)`;
}
