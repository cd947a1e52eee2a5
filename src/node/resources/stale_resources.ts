/**
 * The stale resources of an earlier run are removed at start: nobody here is master yet. Those of another daemon on this
 * machine has in its care stays, and so does everything that vipd has not put there.
 *
 * Another daemon is known by its lock. An older one has none: an address with a lease, of which this engine's own record
 * knows nothing, is watched for the time of a renewal before it is removed.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { VirtualAddress } from "../../host/addresses.ts";
import type { CancelTimer } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import { type MarkedAddress, type PlacedAddress, sameAddress } from "../../vip/addresses.ts";
import { routingText } from "../../vip/routing.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import { formatMac } from "../../wire/address.ts";
import { virtualRouterMac } from "../../wire/ethernet.ts";
import {
  addressResource,
  holderText,
  interfaceResource,
  type Resource,
  type ResourceOwners,
  routingResource,
} from "./resource_owners.ts";

/** How late a renewal may be, in milliseconds. */
const LATENESS_MS = 200;

type Kind = "routing" | "virtual_mac" | "address";

export interface StaleResourcesOptions {
  readonly host: Host;
  readonly journal: Journal;
  readonly owners: ResourceOwners;
  /** True of an address that an instance of this node has added. */
  readonly isHeld: (address: VirtualAddress) => boolean;
  /** True of an address that an earlier run of this engine has added. */
  readonly isOwn: (address: PlacedAddress) => boolean;
}

export class StaleResources {
  readonly #options: StaleResourcesOptions;
  /** They may be another daemon's: not removed yet. */
  #awaited: readonly MarkedAddress[] = [];
  /** Configured ones that were removed: a daemon that locks nothing would put them back. Or another renews them. */
  #watched: readonly VirtualAddress[] = [];
  #periodMs = 0;
  #cancelLook: CancelTimer = () => {};

  constructor(options: StaleResourcesOptions) {
    this.#options = options;
  }

  /**
   * Routes, rules and interfaces, then addresses: with those the kernel drops some routes, and with an interface its
   * addresses, without a report.
   */
  removeAll(instances: readonly InstanceConfig[]): void {
    const { host } = this.#options;
    for (const entry of host.ownRouting().toReversed()) {
      this.#remove(
        "routing",
        routingResource(entry),
        routingText(entry),
        () => host.removeRouting(entry),
      );
    }
    this.#markAgain(instances.filter(({ virtualInterface }) => virtualInterface !== undefined));
    for (const name of host.ownInterfaces()) {
      const resource = interfaceResource(name);
      this.#remove("virtual_mac", resource, resource.text, () => host.removeInterface(name));
    }
    this.removeAddresses(host.markedAddresses(), instances);
  }

  /**
   * Another program took vipd's mark off an interface: that an earlier run made it follows from the addresses on it in
   * its record. One of the same name with another MAC address is not that one.
   */
  #markAgain(instances: readonly InstanceConfig[]): void {
    const { host, isOwn, owners } = this.#options;
    const marked = instances.length === 0 ? [] : host.ownInterfaces();
    for (
      const { interface: parent, virtualInterface: name, family, vrid, addresses } of instances
    ) {
      if (name === undefined || marked.includes(name)) continue;
      if (owners.elsewhere(interfaceResource(name)) !== null) continue;
      const mac = virtualRouterMac(family, vrid);
      const state = host.interfaceState(name);
      if (state === null || formatMac(state.mac) !== formatMac(mac)) continue;
      const recorded = addresses.some((address) => address.device === name && isOwn(address));
      // If the kernel refuses, it stays, and the instance reports what is in its way.
      if (recorded) host.restoreInterface({ name, parent, mac });
    }
  }

  /** The addresses of each instance that an engine of this run directory has left by its death, if there are any. */
  remains(instances: readonly InstanceConfig[]): { instance: string; left: VirtualAddress[] }[] {
    const { host, isOwn, owners } = this.#options;
    const marked = host.markedAddresses().filter((address) =>
      isOwn(address) && owners.elsewhere(addressResource(address)) === null
    );
    return instances.map(({ name, addresses }) => ({
      instance: name,
      left: addresses.filter((address) => marked.some((other) => sameAddress(other, address))),
    })).filter(({ left }) => left.length > 0);
  }

  /** Configured addresses that another daemon had in its care until now, and has left. */
  removeConfigured(instances: readonly InstanceConfig[]): void {
    const configured = instances.flatMap(({ addresses }) => addresses);
    const marked = this.#options.host.markedAddresses().filter((left) =>
      configured.some((address) => sameAddress(address, left))
    );
    this.removeAddresses(marked, instances);
  }

  /** Removes the addresses of `marked` that no instance of this node holds; `instances` are about to start. */
  removeAddresses(marked: readonly MarkedAddress[], instances: readonly InstanceConfig[]): void {
    const configured = instances.flatMap(({ addresses }) => addresses);
    const { isHeld, isOwn, owners } = this.#options;
    const stale = marked.filter((address) => !isHeld(address));
    const awaited = stale.filter((address) =>
      address.renewedAtCs !== undefined && !isOwn(address) &&
      owners.elsewhere(addressResource(address)) === null
    );
    const removed = stale.filter((address) => !awaited.includes(address))
      .filter((address) => this.#removeAddress(address));
    this.#awaited = [...this.#awaited, ...awaited];
    this.#watched = [
      ...this.#watched,
      ...removed.filter((address) => configured.some((other) => sameAddress(other, address))),
    ];
    this.#periodMs = Math.max(this.#periodMs, ...instances.map(renewalPeriodMs));
    this.#lookLater();
  }

  /** No timer runs any more. */
  close(): void {
    this.#cancelLook();
  }

  #lookLater(): void {
    this.#cancelLook();
    if (this.#watched.length + this.#awaited.length === 0) return;
    const { host } = this.#options;
    this.#cancelLook = host.setTimer(host.nowMs() + this.#periodMs, () => this.#look());
  }

  /** An address that is there again is not stale: the daemon that holds it has renewed or restored it by now. */
  #look(): void {
    const { host, owners, isHeld } = this.#options;
    const present = host.markedAddresses().filter((address) => !isHeld(address));
    const now = (address: PlacedAddress) => present.find((other) => sameAddress(other, address));
    const awaited = this.#awaited.filter(now);
    this.#awaited = [];
    const renewed = awaited.filter((it) => now(it)!.renewedAtCs !== it.renewedAtCs);
    for (const address of awaited) {
      if (!renewed.includes(address)) this.#removeAddress(address);
    }
    this.#watched = [...this.#watched.filter(now), ...renewed];
    // A daemon that has a lock is known by that, and by its name.
    owners.renewedElsewhere(
      this.#watched.filter((address) => owners.elsewhere(addressResource(address)) === null),
    );
    this.#lookLater();
  }

  #removeAddress({ renewedAtCs: _, ...address }: MarkedAddress): boolean {
    const what = `${address.address}/${address.prefixLength} on ${address.device}`;
    const remove = () => this.#options.host.removeAddress(address);
    return this.#remove("address", addressResource(address), what, remove);
  }

  /** True when it is gone. */
  #remove(kind: Kind, resource: Resource, what: string, remove: () => HostError | null): boolean {
    const { journal, owners } = this.#options;
    const owner = owners.elsewhere(resource);
    if (owner) {
      const message = `${what} stays: it belongs to another daemon, ${holderText(owner)}`;
      journal.record("notice", "resource_elsewhere", message);
      return false;
    }
    const error = remove();
    if (error) {
      const message = `${what} is left from an earlier run and cannot be removed: ${error.message}`;
      journal.record("error", `${kind}_failed`, message);
    } else {
      const message = `${what} was left from an earlier run and is removed`;
      journal.record("notice", `${kind}_left_behind`, message);
    }
    return error === null;
  }
}

/** In which time a master renews its lease (vip/lease.ts). */
function renewalPeriodMs({ leaseSeconds, advertIntervalCs }: InstanceConfig): number {
  const thirdMs = leaseSeconds === null ? 0 : (leaseSeconds * 1000) / 3;
  return thirdMs + centisecondsToMs(advertIntervalCs) / 2 + LATENESS_MS;
}
