/**
 * The addresses of an interface that an instance's adverts could come from, and why none of them can.
 *
 * @module
 */

import {
  type IsVirtual,
  mayBeSource,
  needsLinkLocal,
  type Sender,
} from "../../../config/values/source_address.ts";
import type { InterfaceAddress, InterfaceState } from "../../../host/interfaces.ts";

/**
 * The addresses that the interface has for it, in the kernel's order, with those that cannot be used now. Without a configured source
 * one of its `own` addresses, of which there are few.
 */
export function possibleSources(
  state: InterfaceState,
  sender: Sender,
  isVirtual: IsVirtual,
  own: readonly InterfaceAddress[] = state.addresses,
): InterfaceAddress[] {
  const candidates = sender.sourceAddress === undefined ? own : state.addresses;
  return candidates.filter(({ address }) => mayBeSource(address, sender, isVirtual));
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
