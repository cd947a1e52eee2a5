/**
 * VRRP as it arrives at an interface, for those instances that look for another master's: one tap for all of them, which stays
 * open, for closing one takes long.
 *
 * @module
 */

import { isHostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { VrrpDatagram, VrrpTap } from "../../host/vrrp.ts";
import { formatMac } from "../../wire/address.ts";
import type { Instance } from "../instance/instance.ts";

/** Is given a datagram and the MAC address it comes from, in text. */
export type TapListener = (datagram: VrrpDatagram, from: string) => void;

interface SharedTap {
  readonly tap: VrrpTap;
  /** Kernel index of the interface that it listens on. */
  readonly index: number | null;
}

export class SharedTaps {
  readonly #host: Host;
  /** Kept, silent, while nobody listens. */
  readonly #taps = new Map<string, SharedTap>();
  readonly #listeners = new Map<string, Map<Instance, TapListener>>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Gives `heard` what arrives at the instance's interface; returns how to end that. */
  open(instance: Instance, heard: TapListener): () => void {
    const key = keyOf(instance);
    const listeners = this.#listeners.get(key) ?? new Map<Instance, TapListener>();
    this.#listeners.set(key, listeners);
    listeners.set(instance, heard);
    // Without a tap another master cannot be distinguished from a foreign host, but is still noticed.
    const tap = this.#tapFor(instance, key, listeners);
    if (listeners.size === 1) tap?.listen(true);
    return () => {
      if (listeners.delete(instance) && listeners.size === 0) {
        this.#taps.get(key)?.tap.listen(false);
      }
    };
  }

  /** Closes the taps of interfaces on which none of these instances is. */
  keepFor(instances: Iterable<Instance>): void {
    const kept = new Set(Array.from(instances, keyOf));
    for (const key of this.#taps.keys()) if (!kept.has(key)) this.#close(key);
  }

  /** The open one, unless the interface of that name is another one by now. */
  #tapFor(
    { config: { interface: name, family } }: Instance,
    key: string,
    listeners: ReadonlyMap<Instance, TapListener>,
  ): VrrpTap | null {
    const index = this.#host.interfaceState(name)?.index ?? null;
    const known = this.#taps.get(key);
    if (known?.index === index) return known.tap;
    this.#close(key);
    const tap = this.#host.openVrrpTap(name, family, (datagram, mac) => {
      const from = formatMac(mac);
      for (const listener of listeners.values()) listener(datagram, from);
    });
    if (isHostError(tap)) return null;
    this.#taps.set(key, { tap, index });
    return tap;
  }

  #close(key: string): void {
    this.#taps.get(key)?.tap.close();
    this.#taps.delete(key);
  }
}

function keyOf({ config }: Instance): string {
  return `${config.interface} ${config.family}`;
}
