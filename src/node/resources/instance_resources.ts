/**
 * The resources of an instance on its host while it is master: its virtual MAC address, addresses and routes, which
 * come in this order and go in the reverse one.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { IsVirtual } from "../../config/values/source_address.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Alarms } from "../journal/alarms.ts";
import type { HostsOwn } from "./device_addresses.ts";
import { Draining } from "./draining.ts";
import type { RefusedResources } from "./refused_resources.ts";
import { VirtualAddresses } from "./virtual_addresses.ts";
import { VirtualMac } from "./virtual_mac.ts";
import { VirtualRouting } from "./virtual_routing.ts";

/** The rest of an instance as its resources need it. */
export interface InstanceResourcesContext {
  readonly host: Host;
  readonly journal: Journal;
  readonly alarms: Alarms;
  /** Whether another instance of this node has added the same to the host; then it stays there. */
  readonly elsewhere: (holds: (other: InstanceResources) => boolean) => boolean;
  readonly isVirtual: IsVirtual;
  readonly hostsOwn: HostsOwn;
  readonly refused: RefusedResources;
}

export class InstanceResources {
  readonly addresses: VirtualAddresses;
  readonly routing: VirtualRouting;
  /** `null` when the addresses have the interface's own MAC address. */
  readonly virtualMac: VirtualMac | null;
  /** The parts of all this that the kernel refuses. */
  readonly refused: RefusedResources;
  readonly #draining: Draining;
  #config: InstanceConfig;

  constructor(config: InstanceConfig, context: InstanceResourcesContext) {
    const { host, journal, alarms, elsewhere, isVirtual, hostsOwn, refused } = context;
    this.refused = refused;
    this.#config = config;
    this.#draining = new Draining(host, journal);
    const awaitsInterface = () => this.virtualMac?.returning ?? false;
    this.addresses = new VirtualAddresses(config, {
      ...{ host, journal, isVirtual, hostsOwn, refused, awaitsInterface },
      heldElsewhere: (address) => elsewhere(({ addresses }) => addresses.holds(address)),
      notDrained: (error) => this.#draining.notDrained(this.#config, error),
      returned: () => this.routing.again(),
    });
    this.routing = new VirtualRouting(config, {
      ...{ host, journal, refused },
      heldElsewhere: (entry) => elsewhere(({ routing }) => routing.holds(entry)),
      awaitsAddresses: () => awaitsInterface() || this.addresses.returning,
    });
    const { virtualInterface } = config;
    this.virtualMac = virtualInterface === undefined ? null : new VirtualMac(
      config,
      virtualInterface,
      { host, journal, alarms, refused, returned: () => this.#interfaceReturned() },
    );
  }

  #interfaceReturned(): void {
    this.addresses.again();
    this.routing.again();
  }

  /** Other addresses, routes or timings from now on; the virtual MAC address is as before. */
  reconfigure(config: InstanceConfig): void {
    this.#config = config;
    this.refused.reconfigure(config);
    this.virtualMac?.reconfigure(config);
    this.addresses.reconfigure(config);
    this.routing.reconfigure(config);
  }

  acquire(): void {
    this.virtualMac?.raise();
    this.addresses.acquire();
    this.#draining.taken(this.#config);
    this.routing.acquire();
    this.refused.acquired();
  }

  /** `heard`: another is master, and knows that this node is not. */
  release(heard: boolean): void {
    this.routing.release();
    this.addresses.release(heard ? this.#draining.drainMs(this.#config) : 0);
    this.virtualMac?.lower();
    this.refused.released();
  }

  /** Ends all work on the host; returns what could not be removed and stays there, in words. */
  close(): string[] {
    this.virtualMac?.stop();
    return [
      ...(this.addresses.none ? [] : ["an address"]),
      ...(this.routing.none ? [] : ["a route or rule"]),
      ...(this.virtualMac && !this.virtualMac.none
        ? [`interface ${this.virtualMac.interface}`]
        : []),
    ];
  }

  /** Another master was heard, from which the addresses may be taken. */
  masterHeard(address: IpAddress): void {
    this.#draining.heard(address);
  }
}
