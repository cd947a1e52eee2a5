/**
 * What one instance makes of the adverts on its link: accepted or discarded, counted, and told where they differ.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { advertisedAddresses } from "../vip/addresses.ts";
import {
  checkAdvertisement,
  type EnvelopeExpectation,
  type ReceiveExpectation,
} from "../vrrp/receive.ts";
import { type AuthenticationField, type Decoded, PRIORITY_RELEASE } from "../wire/vrrp.ts";
import { DropLog } from "./drop_log.ts";
import type { Host, VrrpDatagram } from "./host.ts";
import type { Journal } from "./journal.ts";
import { MISMATCH_MESSAGES } from "./messages.ts";
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
  /** What the IP header around this instance's adverts must say. */
  readonly envelope: EnvelopeExpectation;
  readonly #expectation: ReceiveExpectation;
  readonly #journal: Journal;
  readonly #name: string;
  /** What the last accepted advert had otherwise; empty when nothing. */
  #mismatch = "";

  constructor(
    config: InstanceConfig,
    authentication: AuthenticationField,
    host: Host,
    journal: Journal,
  ) {
    const { name, unicast, version, priority, advertIntervalCs } = config;
    this.#name = name;
    this.#journal = journal;
    this.drops = new DropLog(host, journal, name);
    this.envelope = unicast
      ? { kind: "unicast", peers: unicast.peers, minTtl: unicast.minTtl }
      : { kind: "multicast" };
    const addresses = advertisedAddresses(config.addresses);
    this.#expectation = { version, priority, advertIntervalCs, authentication, addresses };
  }

  /** True when the advert is one for this instance's election. */
  accepts(
    datagram: VrrpDatagram,
    { advertisement, checksumForm }: Extract<Decoded, { ok: true }>,
  ): boolean {
    const verdict = checkAdvertisement(advertisement, this.#expectation);
    if (!verdict.accept) {
      this.drops.record(verdict.reason, datagram.source, datagram.interface);
      return false;
    }
    this.counters.advertisements_received++;
    this.counters[`checksum_${checksumForm}`]++;
    if (advertisement.priority === PRIORITY_RELEASE) this.counters.priority_zero_received++;
    const mismatch = verdict.mismatches.map((code) => MISMATCH_MESSAGES[code]).join("; ");
    if (mismatch !== this.#mismatch) {
      this.#mismatch = mismatch;
      const message = `${this.#name}: advert from ${datagram.source}: ${mismatch}`;
      if (mismatch) this.#journal.record("warning", "peer_differs", message, this.#name);
    }
    return true;
  }
}
