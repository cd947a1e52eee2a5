/**
 * What one instance makes of the adverts on its link: accepted or discarded, counted, and told where they differ.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { advertisedAddresses } from "../vip/addresses.ts";
import { TrailerChecker } from "../vrrp/hmac.ts";
import {
  checkAdvertisement,
  type DropReason,
  type EnvelopeExpectation,
  type ReceiveExpectation,
  type Verdict,
} from "../vrrp/receive.ts";
import { type AuthenticationField, type Decoded, PRIORITY_RELEASE } from "../wire/vrrp.ts";
import { TRAILER_OCTETS } from "../wire/vrrp_trailer.ts";
import { AdvertAlarms } from "./advert_alarms.ts";
import type { Alarms } from "./alarms.ts";
import { DropLog } from "./drop_log.ts";
import type { Host, VrrpDatagram } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { InstanceCounters } from "./status.ts";

/** How many adverts were accepted. */
export type ReceivedCounters = Pick<
  InstanceCounters,
  | "advertisements_received"
  | "priority_zero_received"
  | "checksum_message"
  | "checksum_pseudo_header"
>;

export class AdvertReceiver {
  readonly counters: ReceivedCounters = {
    advertisements_received: 0,
    priority_zero_received: 0,
    checksum_message: 0,
    checksum_pseudo_header: 0,
  };
  readonly drops: DropLog;
  readonly #host: Host;
  readonly #nodeAlarms: Alarms;
  #alarms: AdvertAlarms;
  #envelope: EnvelopeExpectation;
  #trailers: TrailerChecker | null = null;
  #expectation: ReceiveExpectation;

  constructor(
    config: InstanceConfig,
    authentication: AuthenticationField,
    host: Host,
    journal: Journal,
    alarms: Alarms,
  ) {
    this.#host = host;
    this.#nodeAlarms = alarms;
    this.#alarms = new AdvertAlarms(config, host, alarms);
    this.drops = new DropLog(host, journal, config.name);
    this.#envelope = envelopeOf(config);
    this.#expectation = expectationOf(config, authentication);
    this.#checkTrailersBy(config);
  }

  /** What the IP header around this instance's adverts must say. */
  get envelope(): EnvelopeExpectation {
    return this.#envelope;
  }

  /** Length of the trailer that adverts of this instance may carry; 0 for none. */
  get trailerOctets(): number {
    return this.#trailers ? TRAILER_OCTETS : 0;
  }

  get alarms(): AdvertAlarms {
    return this.#alarms;
  }

  /** From the next advert on the new configuration decides. */
  reconfigure(config: InstanceConfig, authentication: AuthenticationField): void {
    this.#alarms = new AdvertAlarms(config, this.#host, this.#nodeAlarms);
    this.#envelope = envelopeOf(config);
    this.#expectation = expectationOf(config, authentication);
    this.#checkTrailersBy(config);
  }

  #checkTrailersBy({ authentication, unicast }: InstanceConfig): void {
    const senders = unicast?.peers.length ?? null;
    if (authentication.type !== "hmac") this.#trailers = null;
    // What was accepted before is not accepted again, whatever the keys are now.
    else if (this.#trailers) this.#trailers.follow(authentication, senders);
    else this.#trailers = new TrailerChecker(authentication, senders);
  }

  /** The datagram is for this instance's virtual router, but no advert that it may heed. */
  discard(reason: DropReason, { source, interface: interfaceName }: VrrpDatagram): void {
    this.drops.record(reason, source, interfaceName);
    this.alarms.refused(reason, source);
  }

  /** True when the advert is one for this instance's election. */
  accepts(
    datagram: VrrpDatagram,
    { advertisement, checksumForm, trailer }: Extract<Decoded, { ok: true }>,
  ): boolean {
    const { source, payload } = datagram;
    const unauthentic = this.#trailers?.check(payload, trailer, source, this.#host.wallClockMs());
    const verdict: Verdict = unauthentic
      ? { accept: false, reason: unauthentic }
      : checkAdvertisement(advertisement, this.#expectation);
    if (!verdict.accept) {
      this.discard(verdict.reason, datagram);
      return false;
    }
    this.counters.advertisements_received++;
    this.counters[`checksum_${checksumForm}`]++;
    if (advertisement.priority === PRIORITY_RELEASE) this.counters.priority_zero_received++;
    this.alarms.accepted(datagram.source, verdict.mismatches);
    return true;
  }
}

function envelopeOf({ unicast }: InstanceConfig): EnvelopeExpectation {
  return unicast
    ? { kind: "unicast", peers: unicast.peers, minTtl: unicast.minTtl }
    : { kind: "multicast" };
}

function expectationOf(
  { version, priority, advertIntervalCs, addresses }: InstanceConfig,
  authentication: AuthenticationField,
): ReceiveExpectation {
  const advertised = advertisedAddresses(addresses);
  return { version, priority, advertIntervalCs, authentication, addresses: advertised };
}
