/**
 * Finds the instances whose addresses an advert has that is for none of them: the other node, or another pair, serves
 * them under another VRID, and neither hears the other. A look costs no more with hundreds of instances.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import { advertisedAddresses } from "../../vip/addresses.ts";
import type { IpAddress } from "../../wire/address.ts";

/** Which instance advertises an address on an interface. */
export class AdvertisedAddresses {
  readonly #names = new Map<string, Map<IpAddress, string>>();

  constructor(instances: readonly InstanceConfig[]) {
    for (const { name, interface: interfaceName, addresses } of instances) {
      const here = this.#names.get(interfaceName) ?? new Map<IpAddress, string>();
      this.#names.set(interfaceName, here);
      for (const address of advertisedAddresses(addresses)) here.set(address, name);
    }
  }

  /** The names of the instances that advertise some of these addresses on this interface, each once. */
  owners(interfaceName: string, addresses: readonly IpAddress[]): ReadonlySet<string> {
    const owners = new Set<string>();
    const here = this.#names.get(interfaceName);
    if (!here) return owners;
    for (const address of addresses) {
      const name = here.get(address);
      if (name !== undefined) owners.add(name);
    }
    return owners;
  }
}
