/**
 * Watches the machine's interfaces and routes, and gives each change to the instances that it concerns.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import type { Host } from "../host/host.ts";
import type { Journal } from "../status/journal.ts";
import type { Instance } from "./instance/instance.ts";
import { MacWatch } from "./links/mac_watch.ts";

/** The parts that hear of a change. */
export interface HostWatchers {
  /** All instances, also those that are on their way out. */
  readonly instances: () => readonly Instance[];
  /** Looks at an interface before the instances do. */
  readonly interfaceChanged: (name: string) => void;
}

export class HostWatch {
  readonly #host: Host;
  readonly #watchers: HostWatchers;
  readonly #macs: MacWatch;
  #running = false;

  constructor(host: Host, journal: Journal, watchers: HostWatchers) {
    this.#host = host;
    this.#watchers = watchers;
    this.#macs = new MacWatch(host, journal, (name) => this.#announce(name));
  }

  /** From now on the instances hear of what changes. */
  start(configs: readonly InstanceConfig[]): void {
    this.#running = true;
    this.follow(configs);
    this.#host.watchInterfaces((name) => this.#interfaceChanged(name));
    this.#host.watchRouting(() => this.#routingChanged());
  }

  /** From now on, the MAC addresses of these instances' interfaces are known. */
  follow(configs: readonly InstanceConfig[]): void {
    this.#macs.watch(configs);
  }

  close(): void {
    this.#running = false;
    this.#macs.close();
  }

  /** The interface has changed, or its link counts as changed: the instances that it concerns look at it. */
  instancesOn(name: string): void {
    for (const instance of this.#watchers.instances()) {
      if (concerns(instance.config, name)) instance.interfaceChanged();
    }
  }

  /** Neighbours that know the former MAC address of the interface learn the present one. */
  #announce(name: string): void {
    for (const instance of this.#watchers.instances()) {
      if (concerns(instance.config, name)) instance.macChanged(name);
    }
  }

  #interfaceChanged(name: string): void {
    if (!this.#running) return;
    this.#watchers.interfaceChanged(name);
    this.instancesOn(name);
    this.#macs.look(name);
  }

  #routingChanged(): void {
    if (!this.#running) return;
    for (const instance of this.#watchers.instances()) instance.routingChanged();
  }
}

/** True if an instance uses this interface, or tracks it. */
function concerns(
  { interface: own, addresses, routing, track }: InstanceConfig,
  name: string,
): boolean {
  // Routes may leave by any interface.
  return own === name || routing.length > 0 || addresses.some(({ device }) => device === name) ||
    track.some((tracked) => tracked.kind === "interface" && tracked.interface === name);
}
