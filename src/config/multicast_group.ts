/**
 * The multicast group of an instance.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";
import { VRRP_GROUP } from "../wire/vrrp.ts";
import type { InstanceConfig } from "./model.ts";

/** The group that the instance's adverts go to, and come from, if it has no unicast peers. */
export function multicastGroupOf(
  { multicastGroup, family }: Pick<InstanceConfig, "multicastGroup" | "family">,
): IpAddress {
  return multicastGroup ?? VRRP_GROUP[family];
}
