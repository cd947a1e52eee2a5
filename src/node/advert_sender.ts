/**
 * Sends the adverts of one instance: encodes each once, to the group or to every peer, and tells what fails.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { advertisedAddresses } from "../vip/addresses.ts";
import type { IpAddress, MacAddress } from "../wire/address.ts";
import {
  type AuthenticationField,
  encodeAdvertisement,
  PRIORITY_RELEASE,
  VRRP_GROUP,
} from "../wire/vrrp.ts";
import { SendSequence } from "../vrrp/hmac.ts";
import { type HmacKey, signAdvertisement } from "../wire/vrrp_trailer.ts";
import type { Host, HostError, VrrpPort } from "./host.ts";
import type { VrrpPorts } from "./ports.ts";

/** How many adverts left. */
export interface SentCounters {
  advertisements_sent: number;
  priority_zero_sent: number;
}

export class AdvertSender {
  readonly counters: SentCounters = { advertisements_sent: 0, priority_zero_sent: 0 };
  #config: InstanceConfig;
  #authentication: AuthenticationField;
  readonly #host: Host;
  readonly #ports: VrrpPorts;
  /** The virtual router's; `null` when it has none of its own. */
  readonly #virtualMac: MacAddress | null;
  readonly #failed: (message: string) => void;
  /** Where the adverts go: the multicast group, or each peer. */
  #destinations: readonly IpAddress[];
  /** Encoded adverts by priority, one for each destination, all from `#source`. */
  readonly #encoded = new Map<number, readonly Uint8Array[]>();
  /** `null` where adverts are not signed. */
  #signingKey: HmacKey | null = null;
  #sequence: SendSequence | null = null;
  #source: IpAddress | null = null;
  #problem = "";

  /** `failed` is told why adverts do not leave, once until that changes. */
  constructor(
    config: InstanceConfig,
    authentication: AuthenticationField,
    host: Host,
    ports: VrrpPorts,
    virtualMac: MacAddress | null,
    failed: (message: string) => void,
  ) {
    this.#config = config;
    this.#authentication = authentication;
    this.#host = host;
    this.#ports = ports;
    this.#virtualMac = virtualMac;
    this.#failed = failed;
    this.#destinations = destinationsOf(config);
    this.#signWith(config);
  }

  /** The next advert is one of the new configuration. */
  reconfigure(config: InstanceConfig, authentication: AuthenticationField): void {
    this.#config = config;
    this.#authentication = authentication;
    this.#destinations = destinationsOf(config);
    this.#signWith(config);
    this.#encoded.clear();
  }

  #signWith({ authentication }: InstanceConfig): void {
    if (authentication.type !== "hmac" || authentication.mode === "receive_only") {
      this.#signingKey = null;
      return;
    }
    const { keys, activeKey } = authentication;
    this.#signingKey = keys.find(({ id }) => id === activeKey) ?? null;
    // Another key goes on where the last one ended: receivers take no number twice.
    if (this.#sequence) this.#sequence.policy = authentication;
    else this.#sequence = new SendSequence(authentication);
  }

  /**
   * The MAC address that the adverts' frames come from; `null` for the interface's own. Unicast peers are reached
   * through routers and switches that know the latter.
   */
  get #frameSource(): MacAddress | null {
    return this.#config.unicast ? null : this.#virtualMac;
  }

  /** Sends one advert of this priority from `source`; does nothing while there is no port. */
  send(priority: number, source: IpAddress): void {
    const port = this.#ports.get(this.#config.interface, this.#config.family);
    if (typeof port === "string") return;
    const messages = this.#signed(this.#encode(priority, source), source);
    let problem = "";
    let failures = 0;
    // A peer that cannot be reached is no reason not to tell the others.
    for (let index = 0; index < messages.length; index++) {
      const error = this.#sendTo(port, this.#destinations[index]!, messages[index]!, source);
      if (error) problem = failures++ === 0 ? error.message : `${problem}; ${error.message}`;
    }
    // An interface that is gone would say so with every advert.
    if (problem !== this.#problem) {
      this.#problem = problem;
      if (problem) this.#failed(problem);
    }
    if (failures === messages.length) return;
    this.counters.advertisements_sent++;
    if (priority === PRIORITY_RELEASE) this.counters.priority_zero_sent++;
  }

  #sendTo(
    port: VrrpPort,
    destination: IpAddress,
    octets: Uint8Array,
    source: IpAddress,
  ): HostError | null {
    const { interface: interfaceName, unicast } = this.#config;
    if (this.#frameSource) {
      return this.#host.sendVrrpAs(this.#frameSource, interfaceName, octets, source, destination);
    }
    const error = port.send(octets, source, destination, unicast?.ttl);
    if (error?.code !== "EADDRNOTAVAIL" || unicast) return error;
    // Linux finds no route to a group from an interface that has lost all its IPv6 addresses. A frame needs none.
    const state = this.#host.interfaceState(interfaceName);
    return state
      ? this.#host.sendVrrpAs(state.mac, interfaceName, octets, source, destination)
      : error;
  }

  /** Signs the adverts of one moment, all with one number; leaves them as they are where none are signed. */
  #signed(messages: readonly Uint8Array[], source: IpAddress): readonly Uint8Array[] {
    const key = this.#signingKey;
    if (!key || !this.#sequence) return messages;
    const sequence = this.#sequence.next(this.#host.wallClockMs());
    return messages.map((message, index) =>
      signAdvertisement(message, { source, destination: this.#destinations[index]! }, key, sequence)
    );
  }

  /** One message for each destination. */
  #encode(priority: number, source: IpAddress): readonly Uint8Array[] {
    if (source !== this.#source) {
      this.#source = source;
      this.#encoded.clear();
    }
    const known = this.#encoded.get(priority);
    if (known) return known;
    const { version, vrid, advertIntervalCs, addresses, checksumForm } = this.#config;
    const advertisement = {
      version,
      vrid,
      priority,
      intervalCs: advertIntervalCs,
      addresses: advertisedAddresses(addresses),
      authentication: this.#authentication,
    };
    const messages = this.#destinations.map((destination) =>
      encodeAdvertisement(advertisement, { source, destination }, checksumForm)
    );
    this.#encoded.set(priority, messages);
    return messages;
  }
}

function destinationsOf({ unicast, family }: InstanceConfig): readonly IpAddress[] {
  return unicast?.peers ?? [VRRP_GROUP[family]];
}
