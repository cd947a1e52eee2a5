/**
 * What the adverts of others tell about trouble with one instance: a second master, and settings that make one or
 * will.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import type { DropReason, Mismatch } from "../vrrp/receive.ts";
import { centisecondsToMs } from "../vrrp/timers.ts";
import type { IpAddress } from "../wire/address.ts";
import { type Alarms, HOLD_DOWN_MS } from "./alarms.ts";
import type { Host } from "./host.ts";
import { DROP_MESSAGES, letVrrpIn, MISMATCH_MESSAGES } from "./messages.ts";
import { Streak } from "./streak.ts";

/** Two nodes that refuse each other's adverts for such a reason are both master; the other reasons are no peer's. */
const MAKES_TWO_MASTERS: ReadonlySet<DropReason> = new Set<DropReason>([
  "version",
  "checksum",
  "ttl",
  "unicast_mode",
  "unicast_source",
  "address_count_zero",
  "address_list",
  "authentication_type",
  "authentication_failed",
  "hmac_missing",
  "hmac_malformed",
  "hmac_stale",
  "hmac_unknown_key",
  "hmac_failed",
  "hmac_replayed",
  "interval_zero",
  "interval_mismatch",
]);

/** Adverts may come in floods: an alarm that stands is renewed this often at most, in milliseconds. */
const RENEW_MS = 1000;

export class AdvertAlarms {
  readonly #instance: string;
  readonly #config: InstanceConfig;
  readonly #host: Host;
  readonly #alarms: Alarms;
  readonly #lastsMs: number;
  readonly #refused: Streak;
  readonly #rival: Streak;
  #refusedRenewedMs = -Infinity;
  #differsRenewedMs = -Infinity;
  #differed = "";

  constructor(config: InstanceConfig, host: Host, alarms: Alarms) {
    this.#instance = config.name;
    this.#config = config;
    this.#host = host;
    this.#alarms = alarms;
    const intervalMs = centisecondsToMs(config.advertIntervalCs);
    this.#lastsMs = Math.max(HOLD_DOWN_MS, 4 * intervalMs);
    // Two intervals hold three adverts; a little less, because no network delivers on the dot.
    this.#refused = new Streak(1.8 * intervalMs);
    this.#rival = new Streak(1.8 * intervalMs);
  }

  /** An advert was discarded. */
  refused(reason: DropReason, source: IpAddress): void {
    if (!MAKES_TWO_MASTERS.has(reason)) return;
    const nowMs = this.#host.nowMs();
    if (!this.#refused.happened(nowMs)) return;
    if (nowMs - this.#refusedRenewedMs < RENEW_MS) return;
    this.#refusedRenewedMs = nowMs;
    const message = `adverts from ${source} for VRID ${this.#config.vrid} are refused ` +
      `(${reason}): ${DROP_MESSAGES[reason]}`;
    const hint = "each of the two nodes takes the other for dead, so both will be master; " +
      "`vipd listen` shows what each of them sends";
    this.#alarms.raise("peer_mismatch", this.#instance, { message, hint }, this.#lastsMs);
  }

  /** An advert was accepted; `mismatches` is what it has otherwise. */
  accepted(source: IpAddress, mismatches: readonly Mismatch[]): void {
    if (mismatches.length === 0) return;
    const nowMs = this.#host.nowMs();
    const differs = mismatches.join();
    if (differs === this.#differed && nowMs - this.#differsRenewedMs < RENEW_MS) return;
    this.#differsRenewedMs = nowMs;
    this.#differed = differs;
    const told = mismatches.map((code) => MISMATCH_MESSAGES[code]).join("; ");
    const message = `advert from ${source}: ${told}`;
    const hint = "make the settings of this instance the same on both nodes";
    this.#alarms.raise("peer_differs", this.#instance, { message, hint }, this.#lastsMs);
  }

  /** This node is master and stays so, although a weaker master has just been heard. */
  rival(source: IpAddress, priority: number, ownPriority: number): void {
    if (!this.#rival.happened(this.#host.nowMs())) return;
    const message =
      `${source} with priority ${priority} is master too and does not yield to this ` +
      `node's ${ownPriority}: it does not hear our adverts, or refuses them`;
    const hint = `on ${source}: ${
      letVrrpIn(this.#config)
    }; \`vipd listen\` there shows what arrives`;
    this.#alarms.raise("split_brain_advert", this.#instance, { message, hint }, this.#lastsMs);
  }
}
