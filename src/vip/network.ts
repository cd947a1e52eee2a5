/**
 * The addresses that an interface has of one IPv4 network. The first of them is the primary one: the host speaks from
 * it, and the kernel takes the others off together with it, or makes the next one primary if `promote_secondaries` is
 * set (ip-sysctl). A virtual address is not to be the primary one: the host's own connections would break when it moves,
 * and the end of its lease could take the host's own address with it. Pure.
 *
 * @module
 */

import { familyOf, type IpAddress } from "../wire/address.ts";
import { inPrefix } from "./addresses.ts";

/** An address on an interface. */
export interface PlacedAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly device: string;
  /** Another address of its network is the primary one. */
  readonly secondary?: true;
}

/** True when one of them is secondary to the other: the same mask, the same network (Linux's `__inet_insert_ifa`). */
export function sharesNetwork(a: PlacedAddress, b: PlacedAddress): boolean {
  return a.device === b.device && a.prefixLength === b.prefixLength &&
    familyOf(a.address) === "ipv4" && inPrefix(a.address, b.address, a.prefixLength);
}

/**
 * Those of `virtual` that stand in front of the host's own address in the kernel's list, so that one of them is or will be
 * the primary address.
 *
 * @param present all addresses, those of a device in the kernel's order
 */
export function promoted<T extends PlacedAddress>(
  virtual: readonly T[],
  present: readonly PlacedAddress[],
  isVirtual: (address: IpAddress) => boolean,
): T[] {
  return virtual.filter((address) => {
    const network = present.filter((other) => sharesNetwork(other, address));
    const ownAt = network.findIndex((other) => !isVirtual(other.address));
    const at = network.findIndex((other) => other.address === address.address);
    return ownAt >= 0 && network[ownAt]!.secondary === true && at >= 0 && at < ownAt;
  });
}
