/**
 * Addresses that stand in two instances. keepalived takes such a file, and both instances would have the address, on two
 * nodes if they have two masters.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { readVirtualAddress } from "../../config/values/virtual_address.ts";
import { isIpv6LinkLocal } from "../../wire/address.ts";
import type { Report } from "../finding.ts";
import type { PartialAddress, PartialInstance } from "../partial.ts";

/** The instances, each address in the first one that has it; reports each that is left out. */
export function withoutShared(
  instances: readonly PartialInstance[],
  report: Report,
): PartialInstance[] {
  const owners = new Map<string, { instance: PartialInstance; entry: PartialAddress }>();
  return instances.map((instance) => {
    // Advertised addresses go before the others.
    const ordered = instance.addresses.toSorted((a, b) => Number(a.excluded) - Number(b.excluded));
    const addresses = ordered.filter((entry) => {
      const identity = identityOf(entry, instance);
      if (identity === null) return true;
      const owner = owners.get(identity);
      if (owner === undefined) {
        owners.set(identity, { instance, entry });
        return true;
      }
      const twice = owner.instance === instance;
      // The kernel takes an address twice only with another prefix length.
      const kind = twice && owner.entry.address === entry.address ? "ignored" : "not_carried";
      const [message, remedy] = twice ? TWICE : sharedWith(owner.instance);
      report.add(kind, entry.statement, message, remedy);
      return false;
    });
    return { ...instance, addresses };
  });
}

const TWICE = ["the address stands above already", "keep one"] as const;

function sharedWith({ name }: PartialInstance): readonly [string, string] {
  return [
    `the address stands in ${quote(name)} already, and only one instance can have it`,
    "keep one of the two: with a master on each node, both nodes would have the address",
  ];
}

/** A link-local address may be on several links. `null` for what is no address: the configuration's rules judge that. */
function identityOf(entry: PartialAddress, instance: PartialInstance): string | null {
  const read = readVirtualAddress(entry.address);
  if (!read.ok) return null;
  const { address } = read.value;
  const link = entry.device ?? instance.interface?.value ?? "";
  return isIpv6LinkLocal(address) ? `${address}%${link}` : address;
}
