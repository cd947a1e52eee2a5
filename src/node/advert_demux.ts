/**
 * Gives each datagram of the VRRP ports to the instance of its virtual router. A datagram for no instance is counted and
 * inspected: another node may serve an instance's addresses under another VRID.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import type { Host } from "../host/host.ts";
import type { VrrpDatagram } from "../host/vrrp.ts";
import type { Journal } from "../status/journal.ts";
import { checkTtl } from "../vrrp/receive.ts";
import { familyOf } from "../wire/address.ts";
import {
  type Advertisement,
  decodeAdvertisement,
  peekVrid,
  PRIORITY_RELEASE,
} from "../wire/vrrp.ts";
import { TRAILER_OCTETS } from "../wire/vrrp_trailer.ts";
import type { InstanceManager } from "./instance_manager.ts";
import { DropLog } from "./journal/drop_log.ts";
import { portUsers, VrrpPorts } from "./links/ports.ts";
import { AdvertisedAddresses } from "./split_brain/advertised_addresses.ts";

export class AdvertDemux {
  readonly ports: VrrpPorts;
  /** Counts the datagrams for no instance. */
  readonly drops: DropLog;
  readonly #host: Host;
  /** The instances that take adverts in; `null` before the start and after the end. */
  #instances: InstanceManager | null = null;
  #advertised: AdvertisedAddresses;
  /** Since when nobody was heard, until the start. */
  #listensSinceMs: number;

  /** Opens the ports, so that the first wait for a master runs while the program gets ready to `start`. */
  constructor(configs: readonly InstanceConfig[], host: Host, journal: Journal) {
    this.#host = host;
    this.drops = new DropLog(host, journal);
    this.ports = new VrrpPorts(host, {
      receive: (datagram) => this.#receive(datagram),
      unread: (name, count) => this.drops.recordUnread(count, name),
    });
    this.#advertised = new AdvertisedAddresses(configs);
    this.#listensSinceMs = this.#listen(configs);
  }

  /**
   * From now on these instances take adverts in.
   *
   * @returns since when they would have heard a master, in monotonic milliseconds
   */
  start(instances: InstanceManager, configs: readonly InstanceConfig[]): number {
    // A port that opens only now has heard nobody before.
    if (!this.ports.complete) this.#listensSinceMs = this.#listen(configs);
    this.#instances = instances;
    return this.#listensSinceMs;
  }

  /** Another configuration decides whose addresses an advert has; its ports are opened with its instances. */
  reconfigure(configs: readonly InstanceConfig[]): void {
    this.#advertised = new AdvertisedAddresses(configs);
  }

  close(): void {
    this.#instances = null;
    this.ports.close();
  }

  /** Opens the ports; returns since when they have heard everything. */
  #listen(configs: readonly InstanceConfig[]): number {
    this.ports.desire(portUsers(configs));
    return this.#host.nowMs();
  }

  #receive(datagram: VrrpDatagram): void {
    const instances = this.#instances;
    // Before the start no instance takes it in. A master may have sent it: the wait for one begins again.
    if (!instances) {
      this.#listensSinceMs = this.#host.nowMs();
      return;
    }
    const { interface: interfaceName, source, payload } = datagram;
    const vrid = peekVrid(payload);
    const instance = vrid === null
      ? undefined
      : instances.receiver(interfaceName, familyOf(source), vrid);
    if (instance) return instance.receive(datagram);
    // It counts as an advert for nobody here, with a trailer or without.
    const decoded = decodeAdvertisement(payload, datagram, TRAILER_OCTETS);
    this.drops.record(decoded.ok ? "unknown_vrid" : decoded.error, source, interfaceName);
    if (decoded.ok) this.#heardOtherVrid(instances, datagram, decoded.advertisement);
  }

  /** An advert for no instance: are its addresses those of one? */
  #heardOtherVrid(
    instances: InstanceManager,
    { interface: interfaceName, source, ttl }: VrrpDatagram,
    advertisement: Advertisement,
  ): void {
    const { addresses, priority } = advertisement;
    if (priority === PRIORITY_RELEASE || checkTtl(ttl) !== null) return;
    for (const name of this.#advertised.owners(interfaceName, addresses)) {
      instances.get(name)?.instance.receiver.alarms.otherVrid(source, advertisement);
    }
  }
}
