/**
 * This machine's view of the sources of adverts that a configuration leaves open. They are warnings, because a
 * configuration may be written before or elsewhere.
 *
 * @module
 */

import type { IpAddress } from "../../wire/address.ts";
import type { Config } from "../model.ts";
import { type Finding, warningAt } from "../findings.ts";
import { ambiguityText, ambiguousSources } from "../values/source_address.ts";

/** The addresses of an interface of this machine; none of one that it does not have. */
export type AddressesOf = (interfaceName: string) => readonly IpAddress[];

/** One for each instance whose unicast adverts could come from several addresses of its interface. */
export function sourceFindings({ instances }: Config, addressesOf: AddressesOf): Finding[] {
  const virtual = new Set(
    instances.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
  );
  return instances.flatMap((instance, index) => {
    const own = addressesOf(instance.interface);
    const possible = ambiguousSources(instance, own, (address) => virtual.has(address));
    if (possible.length === 0) return [];
    return [warningAt(
      ["instances", index, "unicast"],
      "source_ambiguous",
      ambiguityText(instance.interface, possible),
      `write \`source_address: ${possible[0]}\`, or the one that the peers name`,
    )];
  });
}

/** Of the machine that this program runs on. */
export const addressesOn: AddressesOf = (interfaceName) =>
  carried().filter(({ name }) => name === interfaceName).map(({ address }) => address);

/** All addresses of this machine. */
export function allAddresses(): IpAddress[] {
  return carried().map(({ address }) => address);
}

function carried(): Deno.NetworkInterfaceInfo[] {
  try {
    return Deno.networkInterfaces();
  } catch {
    // A warning less.
    return [];
  }
}
