/**
 * Notices that an interface has another MAC address: neighbours continue to send to the old one until they hear of it.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Clock } from "../../host/clock.ts";
import type { Interfaces } from "../../host/interfaces.ts";
import type { Journal } from "../../status/journal.ts";
import { formatMac } from "../../wire/address.ts";
import { AlteredLog } from "../journal/altered_log.ts";
import { Throttle } from "../../host/regular_work.ts";

/** How often a change of one interface is announced at most, in milliseconds. */
const ANNOUNCE_MS = 1000;

export class MacWatch {
  readonly #host: Pick<Interfaces, "interfaceState"> & Pick<Clock, "nowMs" | "setTimer">;
  readonly #altered: AlteredLog;
  readonly #announce: (interfaceName: string) => void;
  /** The last known MAC address of each interface, also of one that is gone. */
  readonly #macs = new Map<string, string>();
  /** By interface. */
  readonly #throttles = new Map<string, Throttle>();

  /** `announce` lets the neighbours of an interface learn its MAC address. */
  constructor(
    host: Pick<Interfaces, "interfaceState"> & Pick<Clock, "nowMs" | "setTimer">,
    journal: Journal,
    announce: (interfaceName: string) => void,
  ) {
    this.#host = host;
    this.#altered = new AlteredLog(null, journal, () => host.nowMs());
    this.#announce = announce;
  }

  /** From now on, the interfaces of these instances are known. */
  watch(instances: readonly InstanceConfig[]): void {
    for (const { interface: name, addresses } of instances) {
      for (const device of [name, ...addresses.map((address) => address.device)]) {
        if (!this.#macs.has(device)) this.#remember(device);
      }
    }
  }

  /** Journals that the interface has another MAC address than before, and announces it, if it has. */
  look(name: string): void {
    const before = this.#macs.get(name);
    const now = this.#remember(name);
    if (before === undefined || now === undefined || now === before) return;
    const message = `interface ${name} has another MAC address: ${now}, before ${before}; what ` +
      "is served there is announced again";
    this.#altered.record("mac_changed", `${name} ${now}`, message, "notice");
    const throttle = this.#throttles.get(name) ??
      new Throttle(this.#host, ANNOUNCE_MS, () => this.#announce(name));
    this.#throttles.set(name, throttle);
    throttle.ask();
  }

  /** No timer runs any more. */
  close(): void {
    for (const throttle of this.#throttles.values()) throttle.cancel();
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
