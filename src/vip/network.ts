/**
 * The addresses of one IPv4 network on an interface. The first of them is the primary one: the host uses it as source.
 * The kernel removes the others together with it, or makes the next one primary if `promote_secondaries` is set
 * (ip-sysctl). A virtual address should not be the primary one: the host's own connections would break when it moves,
 * and the end of its lease could remove the host's own address with it. Pure.
 *
 * @module
 */

import { type IpAddress, parseIp } from "../wire/address.ts";

/** An address on an interface. */
export interface PlacedAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly device: string;
  /** Another address of its network is the primary one. */
  readonly secondary?: true;
}

/** Identifies the IPv4 network of an address on its device, as Linux does in `__inet_insert_ifa`; `null` for IPv6. */
function networkOf({ address, prefixLength, device }: PlacedAddress): string | null {
  const octets = parseIp(address);
  if (octets?.length !== 4) return null;
  const bits = new DataView(octets.buffer, octets.byteOffset).getUint32(0);
  // No shift, because one by 32 does nothing.
  const network = Math.floor(bits / 2 ** (32 - prefixLength));
  return `${device} ${prefixLength} ${network}`;
}

/** True if one of them is secondary to the other: the same mask, the same network. */
export function sharesNetwork(a: PlacedAddress, b: PlacedAddress): boolean {
  const network = networkOf(a);
  return network !== null && network === networkOf(b);
}

/**
 * The addresses of `virtual` that precede the host's own address in the kernel's list, so that one of them is or will
 * be the primary address.
 *
 * @param present all addresses, those of a device in the kernel's order
 */
export function promoted<T extends PlacedAddress>(
  virtual: readonly T[],
  present: readonly PlacedAddress[],
  isVirtual: (address: IpAddress) => boolean,
): T[] {
  // Looks at each of possibly hundreds of addresses once, because a master's adverts wait meanwhile.
  const leading = new Map(
    Array.from(
      Map.groupBy(present, networkOf),
      ([network, addresses]) => [network, leadingOf(addresses, isVirtual)],
    ),
  );
  return virtual.filter((address) => {
    const network = networkOf(address);
    return network !== null && leading.get(network)?.has(address.address) === true;
  });
}

/** The addresses of one network that precede the host's own, if that one is secondary; else none. */
function leadingOf(
  network: readonly PlacedAddress[],
  isVirtual: (address: IpAddress) => boolean,
): ReadonlySet<IpAddress> {
  const ownAt = network.findIndex(({ address }) => !isVirtual(address));
  const demoted = network[ownAt]?.secondary === true;
  return new Set(demoted ? network.slice(0, ownAt).map(({ address }) => address) : []);
}
