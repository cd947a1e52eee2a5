/**
 * Virtual addresses: what should be on the interfaces against what is.
 *
 * @module
 */

import { type IpAddress, parseIp } from "../wire/address.ts";
import type { AddressScope } from "../wire/rtnetlink.ts";

/** An address that the master carries: `ip address add ADDRESS/PREFIX dev DEVICE label LABEL`. */
export interface VirtualAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** Interface that carries the address. */
  readonly device: string;
  /** IPv4 only, at most 15 octets: `eth1:1`. */
  readonly label?: string;
  /** IPv4 only; global where it is not said. */
  readonly scope?: AddressScope;
  /** IPv4 only. */
  readonly broadcast?: IpAddress;
  /** Present where the master carries the address without naming it in its adverts. */
  readonly advertise?: false;
}

/** What the adverts name of an instance's addresses, in order. */
export function advertisedAddresses(addresses: readonly VirtualAddress[]): IpAddress[] {
  return addresses.filter(({ advertise = true }) => advertise).map(({ address }) => address);
}

/** An address on its device, whatever prefix and label. */
export type PlacedAddress = Pick<VirtualAddress, "address" | "device">;

/** True when both name the same address on the same device. */
export function sameAddress(a: PlacedAddress, b: PlacedAddress): boolean {
  return a.address === b.address && a.device === b.device;
}

/** True when both are the same in every respect that the kernel sees. */
export function isAlike(a: VirtualAddress, b: VirtualAddress): boolean {
  return sameAddress(a, b) && a.prefixLength === b.prefixLength && a.label === b.label &&
    a.scope === b.scope && a.broadcast === b.broadcast;
}

/** Those of `present` that are not among `wanted`, each once. */
export function surplusAddresses(
  wanted: readonly VirtualAddress[],
  present: readonly VirtualAddress[],
): VirtualAddress[] {
  return present.filter((address, index) =>
    !wanted.some((other) => sameAddress(address, other)) &&
    present.findIndex((other) => sameAddress(address, other)) === index
  );
}

/** True when the address is of the network that `network` and the prefix length name. */
export function inPrefix(address: IpAddress, network: IpAddress, prefixLength: number): boolean {
  const a = parseIp(address);
  const b = parseIp(network);
  if (!a || a.length !== b?.length) return false;
  return a.every((octet, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * index));
    return ((octet ^ b[index]!) >> (8 - bits)) === 0;
  });
}
