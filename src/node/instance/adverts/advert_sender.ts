/**
 * Sends the adverts of one instance: encodes each once, to the group or to every peer, and reports the outcome.
 *
 * @module
 */

import type { InstanceConfig } from "../../../config/model.ts";
import type { CancelTimer } from "../../../host/clock.ts";
import type { HostError } from "../../../host/errors.ts";
import type { Host } from "../../../host/host.ts";
import type { VrrpPort } from "../../../host/vrrp.ts";
import { advertisedAddresses } from "../../../vip/addresses.ts";
import type { SendSequence } from "../../../vrrp/hmac.ts";
import type { IpAddress, MacAddress } from "../../../wire/address.ts";
import {
  type AuthenticationField,
  encodeAdvertisement,
  PRIORITY_RELEASE,
} from "../../../wire/vrrp.ts";
import { type HmacKey, signAdvertisement } from "../../../wire/vrrp_trailer.ts";
import type { VrrpPorts } from "../../links/ports.ts";
import type { SendMarks } from "./send_marks.ts";

/** How many adverts left, and how many did not. */
export interface SentCounters {
  advertisements_sent: number;
  advertisements_failed: number;
  priority_zero_sent: number;
}

/** The errors of a kernel that has no room at the moment, or that was interrupted: the next turn may bring it. */
export const PASSING: ReadonlySet<string> = new Set(["EAGAIN", "ENOBUFS", "EINTR"]);
/** How often such an advert is tried again, each time after twice as long, from the next turn on: half a second in all. */
const MOST_RETRIES = 10;

/** The outcome of an advert: with several unicast peers, it has left if it left for one of them. */
export interface SendOutcome {
  readonly left: boolean;
  /** Why it did not leave, or not for all; `null` when it did. */
  readonly error: HostError | null;
}

/** The source of a sender's adverts, and who hears of them. */
export interface SenderContext {
  readonly host: Pick<
    Host,
    "nowMs" | "wallClockMs" | "setTimer" | "interfaceState" | "sendVrrpAs"
  >;
  readonly ports: Pick<VrrpPorts, "get">;
  readonly marks: SendMarks;
  /** The virtual router's; `null` when it has none of its own. */
  readonly virtualMac: MacAddress | null;
  /** Called for each advert; again if one that did not leave does so later. */
  readonly outcome: (outcome: SendOutcome) => void;
}

export class AdvertSender {
  readonly counters: SentCounters = {
    advertisements_sent: 0,
    advertisements_failed: 0,
    priority_zero_sent: 0,
  };
  #config: InstanceConfig;
  #authentication: AuthenticationField;
  readonly #context: SenderContext;
  /** The destinations of the adverts: the multicast group, or each peer. */
  #destinations: readonly IpAddress[];
  /** Encoded adverts by priority, one for each destination, all from `#source`. */
  readonly #encoded = new Map<number, readonly Message[]>();
  /** `null` where adverts are not signed. */
  #signingKey: HmacKey | null = null;
  #sequence: SendSequence | null = null;
  #source: IpAddress | null = null;
  #cancelRetry: CancelTimer = () => {};

  constructor(
    config: InstanceConfig,
    authentication: AuthenticationField,
    context: SenderContext,
  ) {
    this.#config = config;
    this.#authentication = authentication;
    this.#context = context;
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
    // Another key continues where the last one ended: receivers take no number twice.
    if (this.#sequence) this.#sequence.policy = authentication;
    else this.#sequence = this.#context.marks.begin(authentication);
  }

  /**
   * The MAC address that the adverts' frames come from; `null` for the interface's own. Unicast peers are reached
   * through routers and switches that know the latter.
   */
  get #frameSource(): MacAddress | null {
    return this.#config.unicast ? null : this.#context.virtualMac;
  }

  /** True if {@link ask} can ask: frames pass no firewall, and the TTL of unicast cannot end at this machine. */
  get asks(): boolean {
    const { family, unicast } = this.#config;
    return family === "ipv4" && !unicast && this.#frameSource === null;
  }

  /**
   * Whether an advert would leave: one with the TTL 0, which the kernel gives the firewall's output chains, and then
   * drops (RFC 1112 section 6.1). Over IPv6 it would leave. Only where {@link asks}.
   */
  ask(priority: number, source: IpAddress): HostError | null {
    return this.#attempt([{ ...this.#encode(priority, source)[0]!, ttl: 0 }]).error;
  }

  /** Sends one advert of this priority from `source`. */
  send(priority: number, source: IpAddress): void {
    this.#cancelRetry();
    const all = this.#signed(this.#encode(priority, source));
    const { error, failed } = this.#attempt(all);
    const left = failed.length < all.length;
    // The last advert matters most: a frame passes where the socket's datagram does not, without a route or past a
    // firewall. It does not say that the next advert would leave.
    const framed = !left && priority === PRIORITY_RELEASE && this.#sendFrame(all[0]!);
    if (left || framed) this.#count(priority);
    else this.counters.advertisements_failed++;
    this.#context.outcome({ left, error });
    if (!framed) this.#retryLater(priority, failed, { left, error }, 0);
  }

  #count(priority: number): void {
    this.counters.advertisements_sent++;
    if (priority === PRIORITY_RELEASE) this.counters.priority_zero_sent++;
  }

  /** Tries those again that found no room, until the next advert is due. */
  #retryLater(
    priority: number,
    messages: readonly Message[],
    { left, error }: SendOutcome,
    tries: number,
  ): void {
    if (!error || !PASSING.has(error.code) || tries >= MOST_RETRIES) return;
    const delayMs = tries === 0 ? 0 : 2 ** (tries - 1);
    const { host, outcome } = this.#context;
    this.#cancelRetry = host.setTimer(host.nowMs() + delayMs, () => {
      const again = this.#attempt(messages);
      const leavesNow = !left && again.failed.length < messages.length;
      if (leavesNow) this.#count(priority);
      if (leavesNow) outcome({ left: true, error: again.error });
      const now = { left: left || leavesNow, error: again.error };
      this.#retryLater(priority, again.failed, now, tries + 1);
    });
  }

  /**
   * Sends each message. A peer that cannot be reached is no reason not to send to the others.
   *
   * @returns those that did not leave, and why: the last code, and all that was said.
   */
  #attempt(messages: readonly Message[]): { error: HostError | null; failed: Message[] } {
    const { host, ports } = this.#context;
    const { interface: name, family, trackInterface } = this.#config;
    // Without a carrier the kernel takes what it will drop.
    if (host.interfaceState(name)?.up === false) {
      if (!trackInterface) return { error: null, failed: [] };
      const message = `Cannot send VRRP on ${name}: it has no link`;
      return { error: { code: "ENETDOWN", message }, failed: [...messages] };
    }
    const port = ports.get(name, family);
    if (typeof port === "string") {
      return { error: { code: "ENODEV", message: port }, failed: [...messages] };
    }
    let error: HostError | null = null;
    const failed: Message[] = [];
    for (const message of messages) {
      const problem = this.#sendTo(port, message);
      if (!problem) continue;
      const said: string = error ? `${error.message}; ${problem.message}` : problem.message;
      error = { code: problem.code, message: said };
      failed.push(message);
    }
    return { error, failed };
  }

  #sendTo(port: VrrpPort, { octets, source, destination, ttl }: Message): HostError | null {
    const { interface: name, unicast } = this.#config;
    const { host } = this.#context;
    if (this.#frameSource) {
      return host.sendVrrpAs(this.#frameSource, name, octets, source, destination);
    }
    const error = port.send(octets, source, destination, ttl ?? unicast?.ttl);
    if (error?.code !== "EADDRNOTAVAIL" || unicast) return error;
    // Linux finds no route to a group from an interface that has lost all its IPv6 addresses. A frame needs none.
    const state = host.interfaceState(name);
    return state ? host.sendVrrpAs(state.mac, name, octets, source, destination) : error;
  }

  /** A multicast message as a frame from the interface's own MAC address; true when it left. */
  #sendFrame({ octets, source, destination }: Message): boolean {
    const { host } = this.#context;
    const { interface: name, unicast } = this.#config;
    const state = host.interfaceState(name);
    if (unicast || this.#frameSource || !state?.up) return false;
    return host.sendVrrpAs(state.mac, name, octets, source, destination) === null;
  }

  /** Signs the adverts of one moment, all with one number; leaves them as they are where none are signed. */
  #signed(messages: readonly Message[]): readonly Message[] {
    const key = this.#signingKey;
    if (!key || !this.#sequence) return messages;
    const nowMs = this.#context.host.wallClockMs();
    const sequence = this.#sequence.next(nowMs);
    this.#context.marks.use(sequence, nowMs);
    return messages.map(({ octets, ...way }) => ({
      octets: signAdvertisement(octets, way, key, sequence),
      ...way,
    }));
  }

  /** One message for each destination. */
  #encode(priority: number, source: IpAddress): readonly Message[] {
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
    const messages = this.#destinations.map((destination): Message => ({
      octets: encodeAdvertisement(advertisement, { source, destination }, checksumForm),
      ...{ source, destination },
    }));
    this.#encoded.set(priority, messages);
    return messages;
  }
}

/** An advert on its way to one destination. */
interface Message {
  readonly octets: Uint8Array;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** The configured one, or 255, without it. */
  readonly ttl?: number;
}

function destinationsOf(config: InstanceConfig): readonly IpAddress[] {
  return config.unicast?.peers ?? [config.multicastGroup];
}
