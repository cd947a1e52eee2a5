/**
 * The networks of the host's interfaces, by which the kernel finds the interface of a gateway. An interface that is set
 * down loses its IPv6 addresses, and one that is gone has none: their last networks count until the link is up again.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Interfaces, InterfaceState } from "../../host/interfaces.ts";
import { hasGatewayAlone, type InterfaceNetwork } from "../../vip/route_ways.ts";
import { isIpv6LinkLocal } from "../../wire/address.ts";

type Host = Pick<Interfaces, "interfaceState" | "interfaceNames">;

/** The question of the instances. */
export interface Networks {
  readonly all: readonly InterfaceNetwork[];
}

export class GatewayNetworks implements Networks {
  readonly #host: Host;
  /** By the name of the interface; empty while no instance asks for a gateway's. */
  readonly #networks = new Map<string, readonly InterfaceNetwork[]>();
  #needed = false;

  constructor(instances: readonly InstanceConfig[], host: Host) {
    this.#host = host;
    this.reconfigure(instances);
  }

  get all(): readonly InterfaceNetwork[] {
    return Array.from(this.#networks.values()).flat();
  }

  /** Other instances from now on. */
  reconfigure(instances: readonly InstanceConfig[]): void {
    const before = this.#needed;
    this.#needed = needsNetworks(instances);
    if (!this.#needed) this.#networks.clear();
    else if (!before) {
      for (const name of this.#host.interfaceNames()) this.interfaceChanged(name);
    }
  }

  /** Looks at the interface again; the caller calls it before anyone asks for the networks. */
  interfaceChanged(name: string): void {
    if (!this.#needed) return;
    const state = this.#host.interfaceState(name);
    if (!state?.up && this.#networks.has(name)) return;
    const networks = networksOf(state);
    if (networks.length > 0) this.#networks.set(name, networks);
    else this.#networks.delete(name);
  }
}

function needsNetworks(instances: readonly InstanceConfig[]): boolean {
  return instances.some(({ routing }) =>
    routing.some((entry) => entry.kind === "route" && hasGatewayAlone(entry))
  );
}

/** Without those of link-local addresses: a gateway in one of them always has its interface with it. */
function networksOf(state: InterfaceState | null): InterfaceNetwork[] {
  if (!state) return [];
  return state.addresses.filter(({ address }) => !isIpv6LinkLocal(address))
    .map(({ address, prefixLength, peer = address }) => ({
      device: state.name,
      address: peer,
      prefixLength,
    }));
}
