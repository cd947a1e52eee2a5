/**
 * The VRRP ports of a load balancer: one per interface and family, opened when the interface is there and
 * opened again when it was replaced.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import { isHostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { ExpectedRouter, VrrpDatagram, VrrpPort, VrrpPortOptions } from "../../host/vrrp.ts";
import type { Family, IpAddress } from "../../wire/address.ts";
import { VRRP_GROUP } from "../../wire/vrrp.ts";

/** A user of a port. */
export interface PortUser extends ExpectedRouter {
  readonly interface: string;
  readonly family: Family;
  /** The multicast group that it needs; `null` if it needs none. */
  readonly group: IpAddress | null;
}

interface Slot {
  readonly interface: string;
  readonly family: Family;
  /** The multicast groups that its users need, each once. */
  readonly groups: readonly IpAddress[];
  readonly expected: readonly ExpectedRouter[];
  /** Kernel index of the interface when the port was opened: a new interface of the same name has another. */
  index: number | null;
  port: VrrpPort | null;
  /** Why there is no port. */
  problem: string;
}

/** The ports that these instances need. */
export function portUsers(instances: readonly InstanceConfig[]): PortUser[] {
  return instances.map((config) => {
    const { interface: name, family, version, vrid, unicast } = config;
    return {
      ...{ interface: name, family, version, vrid },
      group: unicast ? null : config.multicastGroup,
    };
  });
}

/** The reports of a port to its owner. */
export interface PortListener {
  receive(datagram: VrrpDatagram): void;
  /** `count` datagrams of this interface were not read, because too many came. */
  unread(interfaceName: string, count: number): void;
}

export class VrrpPorts {
  readonly #host: Host;
  readonly #listener: PortListener;
  #slots: ReadonlyMap<string, Slot> = new Map();

  constructor(host: Host, listener: PortListener) {
    this.#host = host;
    this.#listener = listener;
  }

  /** From now on these are the users. A port stays open where its users need the same of it as before. */
  desire(users: readonly PortUser[]): void {
    const before = this.#slots;
    this.#slots = new Map(
      Array.from(
        Map.groupBy(users, (user) => slotKey(user.interface, user.family)),
        ([key, ofSlot]) => [key, slotFor(ofSlot, before.get(key))],
      ),
    );
    for (const [key, slot] of before) {
      if (this.#slots.get(key)?.port !== slot.port) slot.port?.close();
    }
    for (const slot of this.#slots.values()) this.#refresh(slot);
  }

  /** True when every port that is wanted is open. */
  get complete(): boolean {
    return Array.from(this.#slots.values()).every(({ port }) => port !== null);
  }

  /** The interface changed: closes, opens or reopens its ports. */
  interfaceChanged(interfaceName: string): void {
    for (const slot of this.#slots.values()) {
      if (slot.interface === interfaceName) this.#refresh(slot);
    }
  }

  /** The open port, or a sentence that says why there is none. */
  get(interfaceName: string, family: Family): VrrpPort | string {
    const slot = this.#slots.get(slotKey(interfaceName, family));
    return slot?.port ?? slot?.problem ?? `no port on ${interfaceName}`;
  }

  close(): void {
    this.desire([]);
  }

  #refresh(slot: Slot): void {
    const state = this.#host.interfaceState(slot.interface);
    if (slot.port && slot.index !== state?.index) {
      slot.port.close();
      slot.port = null;
    }
    if (slot.port) return;
    slot.index = state?.index ?? null;
    if (!state) {
      slot.problem = `interface ${slot.interface} does not exist`;
      return;
    }
    const { interface: name, family, groups, expected } = slot;
    const opened = this.#host.openVrrp(
      name,
      family,
      (datagram) => this.#listener.receive(datagram),
      {
        ...groupOptions(groups, family),
        expected,
        unread: (count) => this.#listener.unread(name, count),
      },
    );
    if (isHostError(opened)) slot.problem = opened.message;
    else slot.port = opened;
  }
}

/** The slot of these users, with the port of the one before where it will do. */
function slotFor(users: readonly PortUser[], before: Slot | undefined): Slot {
  const { interface: name, family } = users[0]!;
  const groups = [...new Set(users.flatMap(({ group }) => group ?? []))].sort();
  const expected = users.map(({ version, vrid }) => ({ version, vrid }));
  const slot: Slot = {
    ...{ interface: name, family, groups, expected },
    ...{ index: null, port: null, problem: "" },
  };
  if (!before?.port || before.groups.join() !== groups.join()) return slot;
  // A port whose filter cannot be set is opened again, which shows why if it cannot be.
  if (!sameRouters(before.expected, expected) && before.port.expect(expected)) return slot;
  return { ...slot, index: before.index, port: before.port };
}

/** Most ports have the group of the RFC, or none. */
function groupOptions(groups: readonly IpAddress[], family: Family): VrrpPortOptions {
  const usual = groups.every((group) => group === VRRP_GROUP[family]);
  return { multicast: groups.length > 0, ...(usual ? {} : { groups }) };
}

function sameRouters(some: readonly ExpectedRouter[], others: readonly ExpectedRouter[]): boolean {
  return some.length === others.length && some.every(({ version, vrid }, index) => {
    const other = others[index]!;
    return version === other.version && vrid === other.vrid;
  });
}

/** Asked for with each advert: for IPv4 it is no new string. The name of an interface has no space. */
function slotKey(interfaceName: string, family: Family): string {
  return family === "ipv4" ? interfaceName : `${interfaceName} ${family}`;
}
