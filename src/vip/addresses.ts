/**
 * Virtual addresses: what should be on the interfaces against what is.
 *
 * @module
 */

import { type IpAddress, isIpv6LinkLocal, parseIp } from "../wire/address.ts";
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

/** An address that carries vipd's mark. */
export interface MarkedAddress extends VirtualAddress {
  /**
   * When its lease was renewed last, as the kernel counts, in hundredths of a second since the boot; absent of one that has
   * none.
   */
  readonly renewedAtCs?: number;
}

/** What names an address among all of a host: a link-local one exists once for each link (RFC 4007 section 6). */
export function addressIdentity(address: IpAddress, device: string): string {
  return isIpv6LinkLocal(address) ? `${address}%${device}` : address;
}

/** An address that is on an interface now, as the kernel shows it. */
export interface ActualAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** Absent where it is the interface's name, which the kernel gives to every address without one. */
  readonly label?: string;
  /** Absent where it is global, and of IPv6. `other` is one that cannot be configured. */
  readonly scope?: AddressScope | "other";
  readonly broadcast?: IpAddress;
  /** The other end of a point-to-point link; absent where it is the address itself. */
  readonly peer?: IpAddress;
  /** Present where the kernel takes it off when its lifetime is over. */
  readonly ends?: true;
  /** IPv6 only, of one that vipd has put: what is not as vipd puts every address. */
  readonly unlike?: readonly UnlikeAttribute[];
  /** Present where vipd did not put it there: it is the host's own. */
  readonly foreign?: true;
  /** IPv4 only: another address of its network is the primary one, which the host speaks from (IFA_F_SECONDARY). */
  readonly secondary?: true;
  /** IPv6 only: it must not be spoken from: it is still to be found unique (RFC 4862 section 5.4), or is not. */
  readonly unusable?: "tentative" | "dadfailed";
}

/** What vipd puts every IPv6 address with: deprecated, and with no flag but that it is not looked for elsewhere. */
export type UnlikeAttribute = "preferred lifetime" | "flags";

/** What the kernel changes of an address that stays where it is. */
const CHANGED_IN_PLACE: ReadonlySet<string> = new Set<UnlikeAttribute | "valid lifetime">([
  "valid lifetime",
  "preferred lifetime",
  "flags",
]);

/** True when the kernel can change all of these attributes without the address being away. */
export function changedInPlace(drift: readonly string[]): boolean {
  return drift.every((attribute) => CHANGED_IN_PLACE.has(attribute));
}

/**
 * Attributes in which the actual address is not what is desired, by their names; mostly none.
 *
 * @param leased whether it is to have a lifetime; that is not compared where it is not said
 */
export function addressDrift(
  desired: VirtualAddress,
  actual: ActualAddress,
  leased?: boolean,
): string[] {
  const label = desired.label === desired.device ? undefined : desired.label;
  const scope = desired.scope === "global" ? undefined : desired.scope;
  const same = {
    "prefix length": desired.prefixLength === actual.prefixLength,
    label: label === actual.label,
    scope: scope === actual.scope,
    broadcast: desired.broadcast === actual.broadcast,
    peer: actual.peer === undefined,
    "valid lifetime": leased === undefined || leased === (actual.ends ?? false),
  };
  const differing = Object.entries(same).filter(([, alike]) => !alike).map(([name]) => name);
  return [...differing, ...actual.unlike ?? []];
}

/** True when both are the same in every respect that the kernel sees. */
export function isAlike(a: VirtualAddress, b: VirtualAddress): boolean {
  return sameAddress(a, b) && addressDrift(a, shownOf(b)).length === 0;
}

/** What the kernel shows of an address that was put as this one says. */
function shownOf({ device, label, scope, ...rest }: VirtualAddress): ActualAddress {
  return {
    ...rest,
    ...(label !== undefined && label !== device && { label }),
    ...(scope !== undefined && scope !== "global" && { scope }),
  };
}

/**
 * How a desired address stands on its device:
 *
 * - `present`: as it is desired
 * - `own`: the host has it of its own, in whatever form; nothing is to be changed
 * - `altered`: vipd's, but these attributes are not as they are desired
 * - `absent`
 */
export type AddressFinding =
  | { readonly kind: "present" | "own" | "absent" }
  | { readonly kind: "altered"; readonly attributes: readonly string[] };

/** Compares a desired address with all that its device carries; `leased` as for `addressDrift`. */
export function findAddress(
  desired: VirtualAddress,
  onDevice: readonly ActualAddress[],
  leased?: boolean,
): AddressFinding {
  const same = onDevice.filter(({ address }) => address === desired.address);
  const drifts = same.filter(({ foreign }) => !foreign)
    .map((actual) => addressDrift(desired, actual, leased));
  if (drifts.some((attributes) => attributes.length === 0)) return { kind: "present" };
  if (drifts.length > 0) return { kind: "altered", attributes: drifts[0]! };
  return { kind: same.length > 0 ? "own" : "absent" };
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
