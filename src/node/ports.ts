/**
 * The VRRP ports of a load balancer: one per interface and family, opened when the interface is there and
 * opened anew when it was replaced.
 *
 * @module
 */

import type { Family } from "../wire/address.ts";
import { type Host, isHostError, type VrrpDatagram, type VrrpPort } from "./host.ts";

export interface WantedPort {
  readonly interface: string;
  readonly family: Family;
  readonly multicast: boolean;
}

interface Slot {
  readonly interface: string;
  readonly family: Family;
  /** One of its users at least needs the multicast group. */
  multicast: boolean;
  /** Kernel index of the interface when the port was opened: a new interface of the same name has another. */
  index: number | null;
  port: VrrpPort | null;
  /** Why there is no port. */
  problem: string;
}

export class VrrpPorts {
  readonly #host: Host;
  readonly #receive: (datagram: VrrpDatagram) => void;
  readonly #slots = new Map<string, Slot>();

  constructor(host: Host, receive: (datagram: VrrpDatagram) => void) {
    this.#host = host;
    this.#receive = receive;
  }

  /** Wants a port on this interface from now on, with the multicast group or, if nobody else needs it, without. */
  want(interfaceName: string, family: Family, multicast: boolean): void {
    const key = slotKey(interfaceName, family);
    const known = this.#slots.get(key);
    if (known && (known.multicast || !multicast)) return;
    known?.port?.close();
    const slot: Slot = {
      ...{ interface: interfaceName, family, multicast },
      ...{ index: null, port: null, problem: "" },
    };
    this.#slots.set(key, slot);
    this.#refresh(slot);
  }

  /** These are all that are wanted from now on: opens what is missing, closes what nobody uses any more. */
  retain(wanted: readonly WantedPort[]): void {
    for (const { interface: name, family, multicast } of wanted) this.want(name, family, multicast);
    const keys = new Set(wanted.map((port) => slotKey(port.interface, port.family)));
    for (const [key, slot] of this.#slots) {
      if (keys.has(key)) continue;
      slot.port?.close();
      this.#slots.delete(key);
    }
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
    for (const slot of this.#slots.values()) slot.port?.close();
    this.#slots.clear();
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
    const { multicast } = slot;
    const opened = this.#host.openVrrp(slot.interface, slot.family, this.#receive, { multicast });
    if (isHostError(opened)) slot.problem = opened.message;
    else slot.port = opened;
  }
}

function slotKey(interfaceName: string, family: Family): string {
  return `${interfaceName} ${family}`;
}
