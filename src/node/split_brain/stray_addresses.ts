/**
 * Looks at all interfaces of this node for virtual addresses that are there although another node serves them: somebody
 * configured them on the machine itself, so that it answers for them next to the master. The kernel answers ARP for an
 * address on any interface, loopback too, unless arp_ignore forbids it (ip-sysctl.rst), and neighbour solicitations only
 * for those of the interface at which they arrive. One that nobody is answered for is hidden: no other machine sees it,
 * but this one reaches itself instead of the master.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { Interfaces } from "../../host/interfaces.ts";
import type { StrayAddress } from "../../status/status.ts";
import { addressIdentity, type VirtualAddress } from "../../vip/addresses.ts";
import { familyOf } from "../../wire/address.ts";
import { answersForOthers } from "../../vip/arp_settings.ts";
import type { Instance } from "../instance/instance.ts";
import type { Alarms } from "../journal/alarms.ts";

/**
 * How long after a change to look, in milliseconds: by then the kernel has reported what vipd itself removed, and what
 * changes in a row is looked at once.
 */
const LOOK_AFTER_MS = 3000;
/** Nothing reports that arp_ignore was changed, which decides whether an address is hidden, in milliseconds. */
const SETTING_MS = 2000;
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
  /** The first hidden one of each instance without another stray, by its name. */
  readonly #hidden = new Map<string, StrayAddress>();
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

  #lookLater(afterMs = this.#reported.size > 0 ? LOOK_AGAIN_MS : LOOK_AFTER_MS): void {
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

  /** The address that this machine has, unseen by all others, although it is not master; `null` without one. */
  hiddenOf({ config: { name } }: Instance): StrayAddress | null {
    return this.#hidden.get(name) ?? null;
  }

  /** Whether this machine has an address of the instance at this moment, by whatever cause. */
  isHere({ config: { addresses } }: Instance): boolean {
    return addresses.some((address) => this.#placesOf(address).length > 0);
  }

  close(): void {
    this.#cancelLook?.();
  }

  #look(): void {
    let dependsOnSetting = false;
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
      const seen = strays.filter((address) => !this.#isHidden(instance, address));
      const [hidden] = seen.length > 0 ? [] : strays;
      if (hidden) {
        const { address } = hidden;
        this.#hidden.set(name, { address, device: this.#placesOf(hidden)[0]!.device });
      } else this.#hidden.delete(name);
      dependsOnSetting ||= strays.some((address) =>
        familyOf(address.address) === "ipv4" && this.#isElsewhere(instance, address)
      );
      if (seen.length > 0) this.#raise(instance, seen);
      // An address that the interface does not have is known to be gone.
      else if (this.#reported.delete(name)) this.#alarms.withdraw("address_on_backup", name);
    }
    if (dependsOnSetting) this.#lookLater(SETTING_MS);
  }

  /** True if the address is on other interfaces only than the instance's. */
  #isElsewhere({ config }: Instance, address: VirtualAddress): boolean {
    const own = [address.device, linkOf(config, address)];
    return this.#placesOf(address).every(({ device }) => !own.includes(device));
  }

  /** True if this machine answers nobody on the instance's link for the address. */
  #isHidden(instance: Instance, address: VirtualAddress): boolean {
    if (!this.#isElsewhere(instance, address)) return false;
    return familyOf(address.address) === "ipv6" ||
      !answersForOthers(this.#host.arpIgnore(linkOf(instance.config, address)));
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

  #raise({ config, router: { state } }: Instance, strays: readonly VirtualAddress[]): void {
    const { name } = config;
    const [first] = strays;
    const { address } = first!;
    const link = linkOf(config, first!);
    const places = this.#placesOf(first!);
    const { device, prefixLength } = places.find((place) => place.device === first!.device) ??
      places[0]!;
    this.#reported.set(name, { address, device });
    const more = strays.length > 1 ? ` and ${strays.length - 1} more` : "";
    const effect = device === first!.device || device === link
      ? "this node answers for it next to the master"
      : "this node reaches itself instead of the master, and answers others for it, because " +
        `arp_ignore of ${link} allows it`;
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

/** The interface at which requests for the address arrive while this node is not master: a virtual one is down then. */
function linkOf(config: InstanceConfig, { device }: VirtualAddress): string {
  return device === config.virtualInterface ? config.interface : device;
}
