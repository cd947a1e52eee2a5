/**
 * Notices that an interface has another MAC address: neighbours continue to send to the old one until they hear of it.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import type { Interfaces } from "../host/interfaces.ts";
import type { Journal } from "../status/journal.ts";
import { formatMac } from "../wire/address.ts";

export class MacWatch {
  readonly #host: Pick<Interfaces, "interfaceState">;
  readonly #journal: Journal;
  /** The last known MAC address of each interface, also of one that is gone. */
  readonly #macs = new Map<string, string>();

  constructor(host: Pick<Interfaces, "interfaceState">, journal: Journal) {
    this.#host = host;
    this.#journal = journal;
  }

  /** From now on, the interfaces of these instances are known. */
  watch(instances: readonly InstanceConfig[]): void {
    for (const { interface: name, addresses } of instances) {
      for (const device of [name, ...addresses.map((address) => address.device)]) {
        if (!this.#macs.has(device)) this.#remember(device);
      }
    }
  }

  /** True when the interface has another MAC address than before; journals it. */
  changed(name: string): boolean {
    const before = this.#macs.get(name);
    const now = this.#remember(name);
    if (before === undefined || now === undefined || now === before) return false;
    const message = `interface ${name} has another MAC address: ${now}, before ${before}; what ` +
      "is served there is announced again";
    this.#journal.record("notice", "mac_changed", message);
    return true;
  }

  /** `undefined` while there is no such interface. */
  #remember(name: string): string | undefined {
    const state = this.#host.interfaceState(name);
    if (!state) return undefined;
    const mac = formatMac(state.mac);
    this.#macs.set(name, mac);
    return mac;
  }
}
