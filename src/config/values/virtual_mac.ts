/**
 * The interface with a virtual MAC address that an instance asks for.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";

/** The needed part of an instance, which may have errors. */
interface Values {
  readonly virtual_mac?: boolean | { readonly interface: string } | undefined;
  readonly vrid?: number | undefined;
}

/** Its name; without one of the user's choice `vrrp.VRID`, as keepalived names it. Undefined when there is none. */
export function virtualInterfaceName(values: Values, family: Family): string | undefined {
  const { virtual_mac: mac, vrid } = values;
  if (typeof mac === "object") return mac.interface;
  if (!mac || vrid === undefined) return undefined;
  return `${family === "ipv4" ? "vrrp" : "vrrp6"}.${vrid}`;
}
