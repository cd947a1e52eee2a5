/**
 * Virtual addresses: desired against actual.
 *
 * @module
 */

import { type IpAddress, isIpv6LinkLocal } from "../wire/address.ts";
import type { AddressScope } from "../wire/netlink/rtnetlink.ts";

/** An address that the master carries: `ip address add ADDRESS/PREFIX dev DEVICE label LABEL`. */
export interface VirtualAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** Interface that carries the address. */
  readonly device: string;
  /** IPv4 only, at most 15 octets: `eth1:1`. */
  readonly label?: string;
  /** IPv4 only; global if omitted. */
  readonly scope?: AddressScope;
  /** IPv4 only. */
  readonly broadcast?: IpAddress;
  /** Present if the master carries the address without naming it in its adverts. */
  readonly advertise?: false;
}

/** The addresses of an instance that its adverts name, in order. */
export function advertisedAddresses(addresses: readonly VirtualAddress[]): IpAddress[] {
  return addresses.filter(({ advertise = true }) => advertise).map(({ address }) => address);
}

/** An address on its device, whatever prefix and label. */
export type PlacedAddress = Pick<VirtualAddress, "address" | "device">;

/** True if both name the same address on the same device. */
export function sameAddress(a: PlacedAddress, b: PlacedAddress): boolean {
  return a.address === b.address && a.device === b.device;
}

/** An address that carries vipd's mark. */
export interface MarkedAddress extends VirtualAddress {
  /**
   * When its lease was last renewed, by the kernel's clock, in hundredths of a second since the boot; absent if it has
   * none.
   */
  readonly renewedAtCs?: number;
}

/** Identifies an address among all of a host: a link-local one exists once for each link (RFC 4007 section 6). */
export function addressIdentity(address: IpAddress, device: string): string {
  return isIpv6LinkLocal(address) ? `${address}%${device}` : address;
}

/** An address that is on an interface now, as the kernel shows it. */
export interface ActualAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** Absent if it is the interface's name, which the kernel gives to every address without a label. */
  readonly label?: string;
  /** Absent for a global address, and for IPv6. `other` is a scope that cannot be configured. */
  readonly scope?: AddressScope | "other";
  readonly broadcast?: IpAddress;
  /** The other end of a point-to-point link; absent if it is the address itself. */
  readonly peer?: IpAddress;
  /** Present if the kernel removes it at the end of its lifetime. */
  readonly ends?: true;
  /** Of an address that vipd added: the attributes that differ from those which vipd gives every address. */
  readonly unlike?: readonly UnlikeAttribute[];
  /** Present if vipd did not add it: it is the host's own. */
  readonly foreign?: true;
  /** IPv4 only: another address of its network is the primary one, which the host uses as source (IFA_F_SECONDARY). */
  readonly secondary?: true;
  /**
   * IPv6 only: it cannot be a source address, because it is not verified as unique yet (RFC 4862 section 5.4), or is
   * not unique.
   */
  readonly unusable?: "tentative" | "dadfailed";
}

/**
 * vipd adds every address with its mark, where the kernel keeps one, and every IPv6 address deprecated, and with no flag
 * except the one that omits duplicate address detection.
 */
export type UnlikeAttribute = "vipd's mark" | "preferred lifetime" | "flags";

/** The attributes that the kernel changes while the address stays. */
const CHANGED_IN_PLACE: ReadonlySet<string> = new Set<UnlikeAttribute | "valid lifetime">([
  "valid lifetime",
  "vipd's mark",
  "preferred lifetime",
  "flags",
]);

/** True if the kernel can change all of these attributes without removing the address. */
export function changedInPlace(drift: readonly string[]): boolean {
  return drift.every((attribute) => CHANGED_IN_PLACE.has(attribute));
}

/**
 * The names of the attributes in which the actual address differs from the desired one; usually none.
 *
 * @param leased whether the address should have a lifetime; not compared if omitted
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

/** True if both are the same in every respect that the kernel sees. */
export function isAlike(a: VirtualAddress, b: VirtualAddress): boolean {
  return sameAddress(a, b) && addressDrift(a, shownOf(b)).length === 0;
}

/** How the kernel shows an address that was added as this one says. */
function shownOf({ device, label, scope, ...rest }: VirtualAddress): ActualAddress {
  return {
    ...rest,
    ...(label !== undefined && label !== device && { label }),
    ...(scope !== undefined && scope !== "global" && { scope }),
  };
}

/**
 * The state of a desired address on its device:
 *
 * - `present`: as desired
 * - `own`: the host has it of its own, in whatever form; vipd changes nothing
 * - `altered`: vipd's, but these attributes are not as desired
 * - `absent`
 */
export type AddressFinding =
  | { readonly kind: "present" | "own" | "absent" }
  | { readonly kind: "altered"; readonly attributes: readonly string[] };

/** Compares a desired address with all addresses of its device; `leased` as in `addressDrift`. */
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

/** An interface, as far as its addresses go. */
export interface AddressedInterface {
  readonly name: string;
  readonly addresses: readonly ActualAddress[];
}

/** The place of an address on a machine, as ip(8) wants it for removing the address. */
export interface AddressPlace {
  readonly device: string;
  readonly prefixLength: number;
}

/**
 * The place of a virtual address that the machine has of its own, whichever interface has it; `null` if vipd alone has
 * added it, or nobody. A link-local one means something else on another interface.
 */
export function ownPlaceOf(
  desired: VirtualAddress,
  interfaces: readonly AddressedInterface[],
): AddressPlace | null {
  const { address } = desired;
  const places = isIpv6LinkLocal(address)
    ? interfaces.filter(({ name }) => name === desired.device)
    : interfaces;
  const carrier = places.find(({ addresses }) => findAddress(desired, addresses).kind === "own");
  const own = carrier?.addresses.find((each) => each.address === address);
  return own ? { device: carrier!.name, prefixLength: own.prefixLength } : null;
}
