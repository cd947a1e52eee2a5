/**
 * What an earlier run left on the host beside addresses is removed at start: nobody here is master yet.
 *
 * @module
 */

import { surplusAddresses, type VirtualAddress } from "../vip/addresses.ts";
import { routingText } from "../vip/routing.ts";
import { familyOf } from "../wire/address.ts";
import type { Host, HostError } from "./host.ts";
import type { Journal } from "./journal.ts";

/** Before the addresses: with them the kernel drops some routes, and with an interface its addresses, untold. */
export function removeLeftBehind(host: Host, journal: Journal): void {
  for (const entry of host.ownRouting().toReversed()) {
    tell(journal, "routing", routingText(entry), host.removeRouting(entry));
  }
  for (const name of host.ownInterfaces()) {
    tell(journal, "virtual_mac", `interface ${name}`, host.removeInterface(name));
  }
}

/**
 * Addresses that an earlier run, or the daemon before vipd, has left: those with vipd's mark, and `configured` ones of
 * instances that are about to start.
 */
export function removeAddressesLeftBehind(
  host: Host,
  journal: Journal,
  marked: readonly VirtualAddress[],
  configured: readonly VirtualAddress[],
): void {
  const present = configured.filter((address) => isPresentBesideOthers(host, address));
  for (const address of surplusAddresses([], [...marked, ...present])) {
    const what = `${address.address}/${address.prefixLength} on ${address.device}`;
    tell(journal, "address", what, host.removeAddress(address));
  }
}

/** A virtual address that is its interface's only one is more likely a slip in the configuration: the machine keeps it. */
function isPresentBesideOthers(host: Host, { address, device }: VirtualAddress): boolean {
  const family = familyOf(address);
  const present =
    host.interfaceState(device)?.addresses.filter((other) => familyOf(other.address) === family) ??
      [];
  return present.length > 1 && present.some((other) => other.address === address);
}

function tell(
  journal: Journal,
  kind: "routing" | "virtual_mac" | "address",
  what: string,
  error: HostError | null,
): void {
  if (error) {
    const message = `${what} is left from an earlier run and cannot be removed: ${error.message}`;
    journal.record("error", `${kind}_failed`, message);
  } else {
    const message = `${what} was left from an earlier run and is removed`;
    journal.record("notice", `${kind}_left_behind`, message);
  }
}
