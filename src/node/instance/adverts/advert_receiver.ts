/**
 * The adverts on the link of one instance: accepted or discarded, counted, and reported if they differ.
 *
 * @module
 */

import type { InstanceConfig } from "../../../config/model.ts";
import type { Host } from "../../../host/host.ts";
import type { VrrpDatagram } from "../../../host/vrrp.ts";
import type { Journal } from "../../../status/journal.ts";
import type { InstanceCounters } from "../../../status/status.ts";
import { advertisedAddresses } from "../../../vip/addresses.ts";
import type { OtherRouters } from "../../../vrrp/sole_backup.ts";
import { TrailerChecker } from "../../../vrrp/hmac.ts";
import { KnownRouters } from "../../../vrrp/known_routers.ts";
import {
  checkAdvertisement,
  checkEnvelope,
  disjoint,
  type DropReason,
  type EnvelopeExpectation,
  type Mismatch,
  type ReceiveExpectation,
} from "../../../vrrp/receive.ts";
import type { IpAddress } from "../../../wire/address.ts";
import {
  type Advertisement,
  type AuthenticationField,
  decodeAdvertisement,
  type Decoded,
  PRIORITY_RELEASE,
} from "../../../wire/vrrp.ts";
import { TRAILER_OCTETS } from "../../../wire/vrrp_trailer.ts";
import type { Alarms } from "../../journal/alarms.ts";
import { DropLog } from "../../journal/drop_log.ts";
import { AdvertAlarms, type AlarmContext, OTHER_SETTINGS } from "./advert_alarms.ts";

/** How many adverts were accepted. */
export type ReceivedCounters = Pick<
  InstanceCounters,
  | "advertisements_received"
  | "priority_zero_received"
  | "checksum_message"
  | "checksum_pseudo_header"
>;

/** A datagram that is an advertisement. */
type DecodedAdvert = Extract<Decoded, { ok: true }>;

/** The result of the receive checks for a datagram. */
export type Judged =
  | (DecodedAdvert & { readonly mismatches: readonly Mismatch[] })
  | {
    readonly ok: false;
    readonly reason: DropReason;
    /** For `foreign_vrid`: the other pair's. */
    readonly advertisement?: Advertisement;
  };

/** The parts that a receiver shares with the rest of its load balancer. */
export interface ReceiverContext {
  readonly host: Host;
  readonly journal: Journal;
  readonly alarms: Alarms;
  /** True for an address of a node in `peers`. */
  readonly isPeer: (address: IpAddress) => boolean;
  /** The nodes of `peers`. */
  readonly nodes: () => OtherRouters["nodes"];
  readonly dropping: AlarmContext["dropping"];
}

export class AdvertReceiver {
  readonly counters: ReceivedCounters = {
    advertisements_received: 0,
    priority_zero_received: 0,
    checksum_message: 0,
    checksum_pseudo_header: 0,
  };
  readonly drops: DropLog;
  readonly alarms: AdvertAlarms;
  readonly #host: Host;
  readonly #isPeer: (address: IpAddress) => boolean;
  /** Outlives a change of the addresses: the other node has its turn after this one. */
  readonly #known = new KnownRouters();
  #envelope: EnvelopeExpectation;
  #trailers: TrailerChecker | null = null;
  /** Of its own: what one has seen is a replay to the other. */
  #tapTrailers: TrailerChecker | null = null;
  #expectation: ReceiveExpectation;

  constructor(
    config: InstanceConfig,
    authentication: AuthenticationField,
    { host, journal, alarms, isPeer, nodes, dropping }: ReceiverContext,
  ) {
    this.#host = host;
    this.#isPeer = isPeer;
    this.alarms = new AdvertAlarms(config, {
      ...{ clock: host, alarms, dropping },
      nameOf: (address) =>
        nodes().find(({ addresses }) => addresses.includes(address))?.name ?? null,
    });
    this.drops = new DropLog(host, journal, config.name);
    this.#envelope = envelopeOf(config);
    this.#expectation = expectationOf(config, authentication);
    this.#checkTrailersBy(config);
  }

  /** The last sequence number of each sender, where only that keeps recorded adverts out. */
  get replayMarks(): ReadonlyMap<IpAddress, bigint> {
    return this.#trailers?.marks ?? new Map();
  }

  /** Refuses what is not later than this mark of an earlier run. */
  restoreMark(sender: IpAddress, sequence: bigint): void {
    this.#trailers?.restore(sender, sequence);
    this.#tapTrailers?.restore(sender, sequence);
  }

  /** From the next advert on the new configuration decides. */
  reconfigure(config: InstanceConfig, authentication: AuthenticationField): void {
    this.alarms.follow(config);
    this.#envelope = envelopeOf(config);
    this.#expectation = expectationOf(config, authentication);
    this.#checkTrailersBy(config);
  }

  #checkTrailersBy({ authentication, unicast }: InstanceConfig): void {
    const senders = unicast?.peers.length ?? null;
    // An advert that was accepted before is not accepted again, whatever the keys are now.
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
      const { source } = datagram;
      this.drops.record(judged.reason, source, datagram.interface);
      if (judged.advertisement) this.alarms.foreign(source, judged.advertisement);
      else this.alarms.refused(judged.reason, source);
      return null;
    }
    const { advertisement, checksumForm, mismatches } = judged;
    this.counters.advertisements_received++;
    this.counters[`checksum_${checksumForm}`]++;
    if (advertisement.priority === PRIORITY_RELEASE) this.counters.priority_zero_received++;
    if (!disjoint(advertisement.addresses, this.#expectation.addresses)) {
      this.#known.shared(datagram.source, this.#host.nowMs());
    }
    this.alarms.accepted(datagram.source, advertisement, mismatches);
    return advertisement;
  }

  /** The judgement on a datagram that was heard on a tap; the same one may be received too. */
  judge(datagram: VrrpDatagram, ownAddress: IpAddress | null): Judged {
    return this.#judge(datagram, ownAddress, this.#tapTrailers);
  }

  /** All receive checks (RFC 9568 section 7.1), and whether it is another pair's. */
  #judge(
    datagram: VrrpDatagram,
    ownAddress: IpAddress | null,
    trailers: TrailerChecker | null,
  ): Judged {
    const { source, payload } = datagram;
    if (source === ownAddress) return { ok: false, reason: "own_packet" };
    const envelopeProblem = checkEnvelope(datagram, this.#envelope);
    const decoded = decodeAdvertisement(payload, datagram, TRAILER_OCTETS);
    if (!decoded.ok) return { ok: false, reason: envelopeProblem ?? decoded.error };
    const { advertisement, trailer } = decoded;
    const unexpectedTrailer = trailer !== undefined && !trailers;
    const problem = envelopeProblem ?? (unexpectedTrailer ? "packet_length" : null) ??
      trailers?.check(payload, trailer, source, this.#host.wallClockMs()) ?? null;
    const isSigned = trailer !== undefined && problem === null;
    const verdict = problem === null
      ? checkAdvertisement(advertisement, this.#expectation)
      : { accept: false, reason: problem } as const;
    const mayBeForeign = verdict.accept || unexpectedTrailer || OTHER_SETTINGS.has(verdict.reason);
    if (mayBeForeign && !isSigned && this.#isForeign(source, advertisement)) {
      return { ok: false, reason: "foreign_vrid", advertisement };
    }
    return verdict.accept
      ? { ...decoded, mismatches: verdict.mismatches }
      : { ok: false, reason: verdict.reason };
  }

  /**
   * True for an advert of another pair that has our VRID: no address in common, and nothing shows that the sender is of
   * this pair. Deviation from RFC 9568 section 7.1, by which it would be obeyed: both nodes would be its backups, and
   * nobody would hold our addresses. One whose addresses alone are being changed, node by node, is known.
   */
  #isForeign(source: IpAddress, { addresses }: Advertisement): boolean {
    return disjoint(addresses, this.#expectation.addresses) &&
      !(this.#envelope.kind === "unicast" && this.#envelope.peers.includes(source)) &&
      !this.#isPeer(source) && !this.#known.knows(source, this.#host.nowMs());
  }
}

function envelopeOf(config: InstanceConfig): EnvelopeExpectation {
  const { unicast } = config;
  return unicast
    ? { kind: "unicast", peers: unicast.peers, minTtl: unicast.minTtl }
    : { kind: "multicast", group: config.multicastGroup };
}

function expectationOf(
  { version, priority, advertIntervalCs, addresses }: InstanceConfig,
  authentication: AuthenticationField,
): ReceiveExpectation {
  const advertised = advertisedAddresses(addresses);
  return { version, priority, advertIntervalCs, authentication, addresses: advertised };
}
