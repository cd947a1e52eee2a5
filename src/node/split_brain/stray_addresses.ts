/**
 * Looks at all interfaces of this node for virtual addresses that are there although another node serves them: somebody
 * configured them on the machine itself, so that it answers for them next to the master. The kernel answers ARP for an
 * address on any interface, loopback too (arp_ignore 0, ip-sysctl.rst).
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { Interfaces } from "../../host/interfaces.ts";
import type { StrayAddress } from "../../status/status.ts";
import { addressIdentity, type VirtualAddress } from "../../vip/addresses.ts";
import type { Instance } from "../instance/instance.ts";
import type { Alarms } from "../journal/alarms.ts";

/**
 * How long after a change to look, in milliseconds: by then the kernel has reported what vipd itself took off, and what
 * changes in a row is looked at once.
 */
const LOOK_AFTER_MS = 3000;
/** Whether an address that was reported is gone is looked at sooner. */
const LOOK_AGAIN_MS = 250;

/** The place of an address on this machine. */
interface Place {
  readonly device: string;
  readonly prefixLength: number;
}

export class StrayAddresses {
  readonly #host: Clock & Interfaces;
  readonly #alarms: Alarms;
  readonly #instances: () => readonly Instance[];
  readonly #haveElsewhere: (address: VirtualAddress) => boolean;
  #cancelLook: CancelTimer | null = null;
  /** The first stray of each instance whose alarm stands, by its name. */
  readonly #reported = new Map<string, StrayAddress>();
  /** All addresses of this machine; `null` until they are looked at after a change. */
  #present: ReadonlyMap<string, readonly Place[]> | null = null;

  /** `haveElsewhere`: another daemon on this machine serves the address. */
  constructor(
    host: Clock & Interfaces,
    alarms: Alarms,
    instances: () => readonly Instance[],
    haveElsewhere: (address: VirtualAddress) => boolean,
  ) {
    this.#host = host;
    this.#alarms = alarms;
    this.#instances = instances;
    this.#haveElsewhere = haveElsewhere;
  }

  /** Interfaces, states or the configuration changed. */
  changed(): void {
    this.#present = null;
    this.#lookLater();
  }

  #lookLater(): void {
    const afterMs = this.#reported.size > 0 ? LOOK_AGAIN_MS : LOOK_AFTER_MS;
    this.#cancelLook ??= this.#host.setTimer(this.#host.nowMs() + afterMs, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  /** The address whose alarm stands; `null` without one. */
  of({ config: { name } }: Instance): StrayAddress | null {
    return this.#alarms.standing("address_on_backup", name) === null
      ? null
      : this.#reported.get(name) ?? null;
  }

  /** Whether this machine has an address of the instance at this moment, by whatever cause. */
  isHere({ config: { addresses } }: Instance): boolean {
    return addresses.some((address) => this.#placesOf(address).length > 0);
  }

  close(): void {
    this.#cancelLook?.();
  }

  #look(): void {
    for (const instance of this.#instances()) {
      const { config: { name, addresses }, router } = instance;
      if (this.#mayStillGo(instance)) {
        this.#lookLater();
        continue;
      }
      const strays = router.state === "master"
        ? []
        : addresses.filter((address) =>
          this.#placesOf(address).length > 0 && !this.#haveElsewhere(address)
        );
      if (strays.length > 0) this.#raise(name, router.state, strays);
      // An address that the interface does not have is known to be gone.
      else if (this.#reported.delete(name)) this.#alarms.withdraw("address_on_backup", name);
    }
  }

  /** A link-local address of another link is another one. */
  #placesOf({ address, device }: VirtualAddress): readonly Place[] {
    this.#present ??= this.#lookAtAll();
    return this.#present.get(addressIdentity(address, device)) ?? [];
  }

  #lookAtAll(): ReadonlyMap<string, readonly Place[]> {
    const present = new Map<string, Place[]>();
    for (const device of this.#host.interfaceNames()) {
      for (const { address, prefixLength } of this.#host.interfaceState(device)?.addresses ?? []) {
        const identity = addressIdentity(address, device);
        const places = present.get(identity) ?? [];
        places.push({ device, prefixLength });
        present.set(identity, places);
      }
    }
    return present;
  }

  /** Its last state is so new that addresses of a master may be on their way off, or drain. */
  #mayStillGo({ config: { drainMs }, log: { transition } }: Instance): boolean {
    const ageMs = this.#host.wallClockMs() - transition.atMs;
    return ageMs >= 0 && ageMs < LOOK_AFTER_MS + drainMs;
  }

  #raise(name: string, state: string, strays: readonly VirtualAddress[]): void {
    const [first] = strays;
    const { address } = first!;
    const places = this.#placesOf(first!);
    const { device, prefixLength } = places.find((place) => place.device === first!.device) ??
      places[0]!;
    this.#reported.set(name, { address, device });
    const more = strays.length > 1 ? ` and ${strays.length - 1} more` : "";
    const effect = device === first!.device
      ? "this node answers for it next to the master"
      : "this node reaches itself instead of the master; over IPv4 others do, too, unless " +
        "arp_ignore forbids it";
    this.#alarms.raise("address_on_backup", name, {
      message:
        `${address}${more} is on ${device} of this node although it is ${state}: vipd did not ` +
        `put it there, and ${effect}`,
      hint:
        `\`ip address del ${address}/${prefixLength} dev ${device}\` here, and take it out of ` +
        "the machine's own network configuration (netplan, NetworkManager, interfaces)",
    });
  }
}
