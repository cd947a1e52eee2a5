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
  checkEnvelope,
  type DropReason,
  type EnvelopeExpectation,
  type Mismatch,
  type ReceiveExpectation,
} from "../vrrp/receive.ts";
import type { IpAddress } from "../wire/address.ts";
import {
  type Advertisement,
  type AuthenticationField,
  decodeAdvertisement,
  type Decoded,
  PRIORITY_RELEASE,
} from "../wire/vrrp.ts";
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

/** What the receive checks say of a datagram. */
export type Judged =
  | (Extract<Decoded, { ok: true }> & { readonly mismatches: readonly Mismatch[] })
  | { readonly ok: false; readonly reason: DropReason };

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
  /** Of its own: what one has seen is a replay to the other. */
  #tapTrailers: TrailerChecker | null = null;
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
    // What was accepted before is not accepted again, whatever the keys are now.
    const follow = (before: TrailerChecker | null) => {
      if (authentication.type !== "hmac") return null;
      before?.follow(authentication, senders);
      return before ?? new TrailerChecker(authentication, senders);
    };
    this.#trailers = follow(this.#trailers);
    this.#tapTrailers = follow(this.#tapTrailers);
  }

  /** Counts a datagram of this instance's virtual router; its advert if it is one for the election, or `null`. */
  receive(datagram: VrrpDatagram, ownAddress: IpAddress | null): Advertisement | null {
    const judged = this.#judge(datagram, ownAddress, this.#trailers);
    if (!judged.ok) {
      this.drops.record(judged.reason, datagram.source, datagram.interface);
      this.#alarms.refused(judged.reason, datagram.source);
      return null;
    }
    const { advertisement, checksumForm, mismatches } = judged;
    this.counters.advertisements_received++;
    this.counters[`checksum_${checksumForm}`]++;
    if (advertisement.priority === PRIORITY_RELEASE) this.counters.priority_zero_received++;
    this.#alarms.accepted(datagram.source, mismatches);
    return advertisement;
  }

  /** What would become of a datagram that was heard on a tap; the same one may be received too. */
  judge(datagram: VrrpDatagram, ownAddress: IpAddress | null): Judged {
    return this.#judge(datagram, ownAddress, this.#tapTrailers);
  }

  /** All receive checks (RFC 9568 section 7.1). */
  #judge(
    datagram: VrrpDatagram,
    ownAddress: IpAddress | null,
    trailers: TrailerChecker | null,
  ): Judged {
    const { source, payload } = datagram;
    if (source === ownAddress) return { ok: false, reason: "own_packet" };
    const problem = checkEnvelope(datagram, this.#envelope);
    if (problem) return { ok: false, reason: problem };
    const decoded = decodeAdvertisement(payload, datagram, trailers ? TRAILER_OCTETS : 0);
    if (!decoded.ok) return { ok: false, reason: decoded.error };
    const unauthentic = trailers?.check(
      payload,
      decoded.trailer,
      source,
      this.#host.wallClockMs(),
    );
    if (unauthentic) return { ok: false, reason: unauthentic };
    const verdict = checkAdvertisement(decoded.advertisement, this.#expectation);
    return verdict.accept
      ? { ...decoded, mismatches: verdict.mismatches }
      : { ok: false, reason: verdict.reason };
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
