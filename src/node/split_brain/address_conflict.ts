/**
 * One instance against all others that claim its addresses: is one of them a second master or a foreign host, is it there for
 * good, and does this node release them?
 *
 * A single claim proves nothing: in a change of master the old one and the new one claim an address within
 * milliseconds, and after a lost advert for up to an advert interval. So who claims it is asked again after that
 * time, and counts when he answers still. However many MAC addresses it is claimed from, that is one suspicion, with one
 * question.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { HeardClaim } from "../../host/claims.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { VrrpDatagram } from "../../host/vrrp.ts";
import { outranks } from "../../vrrp/election.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import { formatMac, type IpAddress } from "../../wire/address.ts";
import { decodeAdvertisement, peekVrid, PRIORITY_RELEASE } from "../../wire/vrrp.ts";
import { TRAILER_OCTETS } from "../../wire/vrrp_trailer.ts";
import type { Instance } from "../instance/instance.ts";
import { type Alarms, HOLD_DOWN_MS } from "../journal/alarms.ts";
import { type Claimant, type ClaimantAdvert, Claimants } from "./claimants.ts";
import { claimantText, conflictAlarm, type KnownPeers, virtualMacOf } from "./conflict_text.ts";
import type { TapListener } from "./shared_taps.ts";

/** A change of master is over after so long at least, in milliseconds. */
const LEAST_CHANGE_MS = 250;
/** An answer takes no longer than that. */
const ANSWER_MS = 150;
/** An advert of another master that has sent none is waited for so much longer. */
const TAP_MS = 30_000;
/** How often another master that is known is asked for. */
const WATCH_MS = 1000;
/** Time without an answer after which a claimant is gone. */
const GONE_MS = 3500;

/** The questions of an address conflict on its link. */
export interface ConflictLink extends KnownPeers {
  /** Asks who has the address. */
  probe(address: IpAddress): void;
  /** Gives `heard` all VRRP that arrives, before the firewall; returns how to end that. */
  tap(heard: TapListener): () => void;
}

export class AddressConflict {
  readonly #instance: Instance;
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  readonly #link: ConflictLink;
  /** Since others claim the addresses. */
  #claimants: Claimants | null = null;
  /** The claimant that the alarm names, or to which this node has yielded. */
  #named: Claimant | null = null;
  /** True when the claims were found to be there for good. */
  #raised = false;
  /** True while this node waits, as backup, for another master to go that it has yielded to. */
  #yielded = false;
  #nextAddress = 0;
  #cancelTimer: CancelTimer = () => {};
  #closeTap: (() => void) | null = null;

  constructor(instance: Instance, clock: Clock, alarms: Alarms, link: ConflictLink) {
    this.#instance = instance;
    this.#clock = clock;
    this.#alarms = alarms;
    this.#link = link;
  }

  /** True while the addresses are this node's, so that nobody else may have them. */
  get asks(): boolean {
    return this.#instance.serving;
  }

  /** Asks for one address, the next time for the next. */
  ask(): void {
    const { addresses } = this.#instance.config;
    const address = addresses[this.#nextAddress++ % addresses.length];
    if (address) this.#link.probe(address.address);
  }

  /** Another host on the link claims an address of this instance. */
  heard({ address, mac, own }: HeardClaim): void {
    const { config, resources } = this.#instance;
    const from = formatMac(mac);
    // With a virtual MAC address two masters have the same one: what comes from the link is the other's.
    if (own && !(resources.virtualMac && from === virtualMacOf(config))) return;
    const otherMaster = from === this.#named?.mac ? this.#named : null;
    if (this.#yielded) {
      if (otherMaster && this.#claimants) this.#winnerLives(this.#claimants, otherMaster);
      return;
    }
    if (!this.#instance.serving) return;
    const nowMs = this.#clock.nowMs();
    const claimants = this.#claimants ?? this.#suspect(address, nowMs);
    if (claimants.claimed(from, address, nowMs)) this.#openTap();
    if (otherMaster) this.#raise(claimants);
  }

  stateChanged(): void {
    // The transition that a yield brings about is no end of anything.
    if (this.#yielded && this.#instance.router.state === "backup") return;
    // Knowledge of a winner that is gone says nothing of one that comes back.
    if (this.#yielded || !this.#instance.serving) this.#forget();
    this.#yielded = false;
  }

  close(): void {
    this.#forget();
  }

  #suspect(address: IpAddress, nowMs: number): Claimants {
    this.#claimants = new Claimants(address, nowMs);
    this.#askAfterChange(address, nowMs);
    return this.#claimants;
  }

  /** Asks when a change of master that began at `sinceMs` is over, and decides. */
  #askAfterChange(address: IpAddress, sinceMs: number): void {
    this.#at(sinceMs + this.#changeMs, () => {
      const askedMs = this.#clock.nowMs();
      this.#link.probe(address);
      this.#at(askedMs + ANSWER_MS, () => this.#decide(askedMs));
    });
  }

  /** A datagram of somebody's VRRP: is it a claimant's, and would it be accepted? */
  #heardVrrp(datagram: VrrpDatagram, from: string): void {
    const claimants = this.#claimants;
    if (!claimants) return;
    const advert = peekVrid(datagram.payload) === this.#instance.config.vrid
      ? this.#judge(datagram)
      : otherVrid(datagram, this.#instance.config);
    if (!advert) return;
    if (!claimants.advertised(from, advert) || !this.#raised) return;
    const otherMaster = claimants.lasting(this.#changeMs);
    if (otherMaster?.mac === from) this.#settle(claimants, otherMaster);
  }

  /** `null` for one that releases the address: it is no other master's. */
  #judge(datagram: VrrpDatagram): ClaimantAdvert | null {
    const { conditions, receiver } = this.#instance;
    const { source } = datagram;
    const judged = receiver.judge(datagram, conditions.primaryAddress);
    if (!judged.ok) return { kind: "refused", source, why: judged.reason };
    const { priority } = judged.advertisement;
    return priority === PRIORITY_RELEASE ? null : { kind: "good", source, priority };
  }

  /** Are they still there? */
  #decide(askedMs: number): void {
    const claimants = this.#claimants;
    if (!claimants || !this.#instance.serving) return this.#forget();
    const otherMaster = claimants.lasting(this.#changeMs);
    const goOn = claimants.lastMs - claimants.firstMs >= this.#changeMs;
    if (otherMaster || claimants.isCrowd && goOn) return this.#settle(claimants, otherMaster);
    // A claimant that came later and has answered now may yet stay.
    const young = claimants.youngestSince(askedMs);
    if (!young) return this.#forget();
    this.#askAfterChange(young.address, young.firstMs);
  }

  #settle(claimants: Claimants, otherMaster: Claimant | null): void {
    // It was taken for a foreign host; among very many that may still be so.
    if (this.#raised && otherMaster && otherMaster.advert.kind !== "none" && !claimants.isCrowd) {
      this.#alarms.withdraw("address_conflict", this.#instance.config.name);
    }
    this.#raised = true;
    this.#named = otherMaster;
    this.#raise(claimants);
    if (otherMaster && this.#yields(otherMaster)) return this.#yieldTo(otherMaster);
    this.#watch(claimants);
  }

  /** As long as they are there they are asked for, so that their end is noticed. */
  #watch(claimants: Claimants): void {
    const nowMs = this.#clock.nowMs();
    claimants.forgetSilent(GONE_MS, nowMs);
    if (!claimants.awaitAdverts(nowMs - this.#changeMs - TAP_MS)) this.#endTap();
    const otherMaster = claimants.lasting(this.#changeMs);
    const crowd = claimants.isCrowd && nowMs - claimants.lastMs <= GONE_MS;
    if (!this.#instance.serving || !otherMaster && !crowd) return this.#forget();
    if (otherMaster && otherMaster !== this.#named) return this.#settle(claimants, otherMaster);
    this.#named = otherMaster;
    // Another master's claim does so itself.
    if (!otherMaster && nowMs - claimants.lastMs <= WATCH_MS) this.#raise(claimants);
    this.#link.probe(otherMaster?.address ?? claimants.address);
    this.#at(nowMs + WATCH_MS, () => this.#watch(claimants));
  }

  /** True when the rules of the election would have this node go, had it heard the other. */
  #yields({ advert }: Claimant): boolean {
    const { config, conditions } = this.#instance;
    if (config.splitBrain !== "yield" || advert.kind !== "good") return false;
    const own = { priority: conditions.priority.effective, address: conditions.primaryAddress };
    return outranks({ priority: advert.priority, address: advert.source }, own);
  }

  #yieldTo(otherMaster: Claimant): void {
    this.#yielded = true;
    this.#endTap();
    this.#instance.otherMasterSeen(claimantText(otherMaster), GONE_MS);
    this.#watchWinner(otherMaster);
  }

  /** Its answers stand for its adverts: they end when the machine does, or when it releases the address. */
  #watchWinner(otherMaster: Claimant): void {
    if (!this.#yielded) return;
    this.#link.probe(otherMaster.address);
    this.#at(this.#clock.nowMs() + WATCH_MS, () => this.#watchWinner(otherMaster));
  }

  #winnerLives(claimants: Claimants, otherMaster: Claimant): void {
    // Once its adverts are heard again, they alone count.
    if (this.#instance.router.masterSeen !== null) {
      this.#yielded = false;
      return this.#forget();
    }
    this.#instance.otherMasterSeen(claimantText(otherMaster), GONE_MS);
    this.#raise(claimants);
  }

  #raise(claimants: Claimants): void {
    const { config } = this.#instance;
    const { code, ...text } = conflictAlarm(
      config,
      claimants,
      this.#named,
      this.#link,
    );
    this.#alarms.raise(code, config.name, text, HOLD_DOWN_MS);
  }

  /** How long two masters may coexist: the weaker one goes when it hears the other's next advert. */
  get #changeMs(): number {
    const intervalMs = centisecondsToMs(this.#instance.config.advertIntervalCs);
    return Math.max(1.1 * intervalMs, LEAST_CHANGE_MS);
  }

  #at(atMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.setTimer(atMs, run);
  }

  #openTap(): void {
    this.#closeTap ??= this.#link.tap((datagram, from) => this.#heardVrrp(datagram, from));
  }

  #endTap(): void {
    this.#closeTap?.();
    this.#closeTap = null;
  }

  #forget(): void {
    this.#cancelTimer();
    this.#endTap();
    this.#claimants = null;
    this.#named = null;
    if (!this.#raised) return;
    this.#raised = false;
    this.#alarms.withdraw("split_brain_address", this.#instance.config.name);
    this.#alarms.withdraw("address_conflict", this.#instance.config.name);
  }
}

/** The evidence of an advert of another virtual router about a claimant; `null` when it has none of the instance's addresses. */
function otherVrid(datagram: VrrpDatagram, { addresses }: InstanceConfig): ClaimantAdvert | null {
  const decoded = decodeAdvertisement(datagram.payload, datagram, TRAILER_OCTETS);
  if (!decoded.ok || decoded.advertisement.priority === PRIORITY_RELEASE) return null;
  const { vrid, addresses: theirs } = decoded.advertisement;
  return addresses.some(({ address }) => theirs.includes(address))
    ? { kind: "otherVrid", source: datagram.source, vrid }
    : null;
}
