/**
 * Virtual addresses that this machine has of its own: it answers for them next to the master. They are warnings, because
 * a configuration may be written before or elsewhere.
 *
 * @module
 */

import { type AddressedInterface, ownPlaceOf } from "../../vip/addresses.ts";
import type { IpAddress } from "../../wire/address.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Config } from "../model.ts";
import { type Finding, warningAt } from "../findings.ts";

/** True if one of these addresses is a virtual one, of whatever program. */
export function someVirtual({ instances }: Config, addresses: readonly IpAddress[]): boolean {
  const present = new Set(addresses);
  return instances.some((instance) =>
    instance.addresses.some(({ address }) => present.has(address))
  );
}

/** One for each instance, unless it is the owner of its addresses (RFC 9568 section 8.3.1). */
export function ownAddressFindings(
  { instances }: Config,
  interfaces: readonly AddressedInterface[],
): Finding[] {
  return instances.flatMap(({ priority, addresses }, index) => {
    if (priority === PRIORITY_OWNER) return [];
    const own = addresses.flatMap((virtual, at) => {
      const place = ownPlaceOf(virtual, interfaces);
      return place === null ? [] : [{ ...place, at, address: virtual.address }];
    });
    const [first] = own;
    if (!first) return [];
    const { address, device, prefixLength, at } = first;
    const what = own.length === 1
      ? `${address} is this machine's own address on ${device}`
      : `${address} and ${own.length - 1} more are this machine's own addresses on ${device}`;
    return [warningAt(
      ["instances", index, "addresses", at],
      "own_address",
      `${what}, not added by vipd: it answers as backup, too`,
      `remove it (ip address del ${address}/${prefixLength} dev ${device}) and take it out of the ` +
        "network's configuration, or make this node the owner with priority 255",
    )];
  });
}
