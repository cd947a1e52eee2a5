/**
 * VRRP as it arrives at an interface, for those instances that look for a rival's: one tap for all of them.
 *
 * @module
 */

import { formatMac } from "../wire/address.ts";
import { type Host, isHostError, type Tap, type VrrpDatagram } from "./host.ts";
import type { Instance } from "./instance.ts";

/** Is told of a datagram and of the MAC address it comes from, in text. */
export type TapListener = (datagram: VrrpDatagram, from: string) => void;

export class SharedTaps {
  readonly #host: Host;
  readonly #taps = new Map<string, { tap: Tap; readonly users: Map<Instance, TapListener> }>();

  constructor(host: Host) {
    this.#host = host;
  }

  open(instance: Instance, heard: TapListener): () => void {
    const { interface: name, family } = instance.config;
    const key = `${name} ${family}`;
    const known = this.#taps.get(key);
    if (known) known.users.set(instance, heard);
    else {
      const users = new Map([[instance, heard]]);
      const tap = this.#host.openVrrpTap(name, family, (datagram, from) => {
        for (const listener of users.values()) listener(datagram, formatMac(from));
      });
      // Without it a rival cannot be told from a stranger, but is noticed all the same.
      if (isHostError(tap)) return () => {};
      this.#taps.set(key, { tap, users });
    }
    return () => this.#leave(key, instance);
  }

  #leave(key: string, instance: Instance): void {
    const shared = this.#taps.get(key);
    if (!shared?.users.delete(instance) || shared.users.size > 0) return;
    shared.tap.close();
    this.#taps.delete(key);
  }
}
