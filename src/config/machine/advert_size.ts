/**
 * This machine's view of the size of an instance's adverts: a warning, because an interface may have another MTU by
 * the time that vipd runs.
 *
 * @module
 */

import { advertisedAddresses } from "../../vip/addresses.ts";
import { TRAILER_OCTETS } from "../../wire/vrrp_trailer.ts";
import type { Config, InstanceConfig } from "../model.ts";
import { type Finding, warningAt } from "../findings.ts";

/** Octets of an advert with its IP header (RFC 9568 section 5.1, RFC 3768 section 5.1). */
export function advertOctets(
  { family, version, addresses, authentication }: Pick<
    InstanceConfig,
    "family" | "version" | "addresses" | "authentication"
  >,
): number {
  const [ipHeader, address] = family === "ipv4" ? [20, 4] : [40, 16];
  const trailers = (version === 2 ? 8 : 0) + (authentication.type === "hmac" ? TRAILER_OCTETS : 0);
  return ipHeader + 8 + address * advertisedAddresses(addresses).length + trailers;
}

/** Every interface carries as much: RFC 791 section 3.2, RFC 8200 section 5. */
const SMALL_OCTETS = { ipv4: 68, ipv6: 1280 } as const;

/** True if the MTU of an interface may matter. */
export function hasLargeAdverts({ instances }: Config): boolean {
  return instances.some((instance) => advertOctets(instance) > SMALL_OCTETS[instance.family]);
}

/** Adverts that would not leave. `mtuOf` knows the MTU of an interface; `null` if there is none of that name. */
export function advertSizeFindings(
  { instances }: Config,
  mtuOf: (interfaceName: string) => number | null,
): Finding[] {
  return instances.flatMap((instance, index) => {
    const mtu = mtuOf(instance.interface);
    const octets = advertOctets(instance);
    if (mtu === null || octets <= mtu) return [];
    return [warningAt(
      ["instances", index, "addresses"],
      "advert_exceeds_mtu",
      `an advert has ${octets} octets, more than the MTU of ${instance.interface} (${mtu}): none would leave`,
      "write `advertise: false` at addresses that need not be advertised, or spread them over several instances",
    )];
  });
}
