/**
 * The interface that gives a virtual router its own MAC address.
 *
 * @module
 */

import type { MacAddress } from "../wire/address.ts";

/** `ip link add NAME link PARENT address MAC type macvlan`. */
export interface VirtualInterface {
  readonly name: string;
  /** The interface below. */
  readonly parent: string;
  readonly mac: MacAddress;
}

/** True if both have one name: a host can have only one of them. */
export function sameInterface(a: VirtualInterface, b: VirtualInterface): boolean {
  return a.name === b.name;
}
