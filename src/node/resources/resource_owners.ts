/**
 * Resources that several daemons of one machine may not have at once: an address, route, rule or virtual interface belongs to the
 * daemon that has locked it, or that renews its lease. An instance whose resource is another's is not started.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { VirtualAddress } from "../../host/addresses.ts";
import type { CancelTimer } from "../../host/clock.ts";
import type { Host } from "../../host/host.ts";
import type { LockHolder } from "../../host/locks.ts";
import type { RoutingEntry } from "../../host/routing.ts";
import { addressIdentity } from "../../vip/addresses.ts";
import { routingIdentity, routingText } from "../../vip/routing.ts";
import { RETRY_MS } from "./reconciler.ts";

const REMEDY = "end that one, or remove the instance from one of the two configurations";

/** Something that has one owner, under the name that all daemons of the machine know it by. */
export interface Resource {
  readonly lock: string;
  readonly text: string;
}

export function addressResource(
  { address, device }: Pick<VirtualAddress, "address" | "device">,
): Resource {
  return { lock: `address ${addressIdentity(address, device)}`, text: `${address} on ${device}` };
}

export function routingResource(entry: RoutingEntry): Resource {
  return { lock: `routing ${routingIdentity(entry)}`, text: routingText(entry) };
}

export function interfaceResource(name: string): Resource {
  return { lock: `interface ${name}`, text: `interface ${name}` };
}

/** Everything that an instance holds as master. */
function resourcesOf({ addresses, routing, virtualInterface }: InstanceConfig): Resource[] {
  return [
    ...addresses.map(addressResource),
    ...routing.map(routingResource),
    ...(virtualInterface === undefined ? [] : [interfaceResource(virtualInterface)]),
  ];
}

export interface OwnersListener {
  /** `fault` may say something else than before. */
  readonly changed: () => void;
  /** Resources that were in another daemon's care are in this one's from now on. */
  readonly freed: () => void;
}

export class ResourceOwners {
  readonly #host: Host;
  readonly #listener: OwnersListener;
  /** By name of the lock: who else has it, `null` when this daemon has. */
  #desired = new Map<string, LockHolder | null>();
  /** True while another daemon has one of them. */
  #contested = false;
  /** Locks of the addresses whose lease another daemon renews. */
  #renewed: ReadonlySet<string> = new Set();
  #cancelRetry: CancelTimer = () => {};

  constructor(host: Host, listener: OwnersListener) {
    this.#host = host;
    this.#listener = listener;
  }

  /** From now on the resources of these instances are this daemon's, as far as no other has them. */
  desire(instances: readonly InstanceConfig[]): void {
    const locks = new Set(instances.flatMap(resourcesOf).map(({ lock }) => lock));
    for (const [lock, holder] of this.#desired) {
      if (!locks.has(lock) && holder === null) this.#host.unlock(lock);
    }
    const before = this.#desired;
    this.#desired = new Map(Array.from(locks, (lock) => [
      lock,
      before.get(lock) === null ? null : this.#host.lock(lock),
    ]));
    this.#retryLater();
  }

  /** The other daemon that has locked it; `null` when none has. */
  elsewhere({ lock }: Resource): LockHolder | null {
    const known = this.#desired.get(lock);
    return known === undefined ? this.#host.lockHolder(lock) : known;
  }

  /** True when another daemon has the address in its care. */
  haveElsewhere(address: VirtualAddress): boolean {
    const { lock } = addressResource(address);
    return (this.#desired.get(lock) ?? null) !== null || this.#renewed.has(lock);
  }

  /** Another daemon renews the leases of these addresses. */
  renewedElsewhere(addresses: readonly VirtualAddress[]): void {
    const renewed = new Set(addresses.map((address) => addressResource(address).lock));
    const same = renewed.symmetricDifference(this.#renewed).size === 0;
    this.#renewed = renewed;
    if (!same) this.#listener.changed();
  }

  /** Why the instance must not hold its resources; `null` when nothing speaks against it. */
  fault(instance: InstanceConfig): string | null {
    if (!this.#contested && this.#renewed.size === 0) return null;
    for (const { lock, text } of resourcesOf(instance)) {
      const holder = this.#desired.get(lock);
      if (holder) return `${text} belongs to another daemon, ${holderText(holder)}: ${REMEDY}`;
      if (this.#renewed.has(lock)) {
        return `another daemon on this machine renews ${text}: ${REMEDY}`;
      }
    }
    return null;
  }

  /** The resources are nobody's any more. */
  stop(): void {
    this.desire([]);
  }

  #retryLater(): void {
    this.#cancelRetry();
    this.#contested = Array.from(this.#desired.values()).some((holder) => holder !== null);
    if (!this.#contested) return;
    this.#cancelRetry = this.#host.setTimer(this.#host.nowMs() + RETRY_MS, () => this.#retry());
  }

  #retry(): void {
    let freed = false;
    for (const [lock, holder] of this.#desired) {
      if (holder === null) continue;
      const now = this.#host.lock(lock);
      this.#desired.set(lock, now);
      freed ||= now === null;
    }
    this.#retryLater();
    if (!freed) return;
    this.#listener.freed();
    this.#listener.changed();
  }
}

/** `process 4711 (vipd)`. */
export function holderText({ pid, name }: LockHolder): string {
  if (pid === null) return "a process of another PID namespace";
  return name === null ? `process ${pid}` : `process ${pid} (${name})`;
}
