/**
 * Trouble with one instance that the adverts of others show: a second master, settings that make one or will, and
 * another pair with the same VRID or the same addresses.
 *
 * @module
 */

import type { InstanceConfig } from "../../../config/model.ts";
import type { Clock } from "../../../host/clock.ts";
import type { AlarmCode } from "../../../status/codes/alarms.ts";
import { DROP_MESSAGES, LET_VRRP_IN, MISMATCH_MESSAGES } from "../../../status/codes/messages.ts";
import { type DroppingNode, rulesRemedy } from "../../../status/remedies/remedies.ts";
import type { DropReason, Mismatch } from "../../../vrrp/receive.ts";
import { centisecondsToMs } from "../../../vrrp/timers.ts";
import type { IpAddress } from "../../../wire/address.ts";
import { type Advertisement, PRIORITY_RELEASE } from "../../../wire/vrrp.ts";
import { type Alarms, type AlarmText, HOLD_DOWN_MS } from "../../journal/alarms.ts";

/** Reasons to discard an advert that a pair with settings of its own gives. */
export const OTHER_SETTINGS: ReadonlySet<DropReason> = new Set<DropReason>([
  "version",
  "unicast_mode",
  "unicast_source",
  "authentication_type",
  "authentication_failed",
  "hmac_missing",
  "hmac_malformed",
  "hmac_stale",
  "hmac_unknown_key",
  "hmac_failed",
  "interval_mismatch",
]);

/** Two nodes that refuse each other's adverts for such a reason are both master; the other reasons are no peer's. */
const MAKES_TWO_MASTERS: ReadonlySet<DropReason> = new Set<DropReason>([
  ...OTHER_SETTINGS,
  "checksum",
  "ttl",
  "address_count_zero",
  "address_list",
  "hmac_replayed",
  "interval_zero",
]);

/** Adverts may come in floods: an alarm that stands is renewed this often at most, in milliseconds. */
const RENEW_MS = 1000;

/** Number of another router's addresses that a message lists. */
const NAMED_ADDRESSES = 3;

/** Number of senders that are causes of an alarm at the same time. */
const MOST_SENDERS = 4;

/** A sender whose adverts are a cause of an alarm. */
interface Sender {
  readonly text: AlarmText;
  /** The subject of its adverts, where that may change. */
  readonly about: string;
  readonly raisedMs: number;
  /** It is a cause until then, unless its adverts raise the alarm again. */
  readonly untilMs: number;
}

/** The alarms of the node, and its knowledge of the senders. */
export interface AlarmContext {
  readonly clock: Clock;
  readonly alarms: Alarms;
  /** The peer that has this address; `null` if none is known to. */
  readonly nameOf: (address: IpAddress) => string | null;
  /** The peers whose firewalls drop the adverts of an instance, as they say. */
  readonly dropping: (instance: { readonly config: InstanceConfig }) => readonly DroppingNode[];
}

export class AdvertAlarms {
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  readonly #nameOf: AlarmContext["nameOf"];
  readonly #dropping: AlarmContext["dropping"];
  #config: InstanceConfig;
  #refused: Debounce;
  #otherMasters: Debounce;
  /** Whose adverts raise each alarm, until better ones of the same sender come. The one that began first leads. */
  readonly #standing = new Map<AlarmCode, Map<IpAddress, Sender>>();

  constructor(config: InstanceConfig, { clock, alarms, nameOf, dropping }: AlarmContext) {
    this.#clock = clock;
    this.#alarms = alarms;
    this.#nameOf = nameOf;
    this.#dropping = dropping;
    this.#config = config;
    this.#refused = debounce(config);
    this.#otherMasters = debounce(config);
  }

  /** Another configuration from now on. */
  follow(config: InstanceConfig): void {
    this.#config = config;
    this.#refused = debounce(config);
    this.#otherMasters = debounce(config);
  }

  /** An advert was discarded. */
  refused(reason: DropReason, source: IpAddress): void {
    if (!MAKES_TWO_MASTERS.has(reason)) return;
    if (!this.#refused.happened(this.#clock.nowMs())) return;
    if (!this.#isDue("peer_mismatch", source)) return;
    const message =
      `adverts from ${this.#sender(source)} for VRID ${this.#config.vrid} are refused ` +
      `(${reason}): ${DROP_MESSAGES[reason]}`;
    const hint = "each of the two nodes takes the other for dead, so both will be master; " +
      "`vipd listen` shows what each of them sends";
    this.#raise("peer_mismatch", source, { message, hint });
  }

  /** An advert of another pair with this VRID was discarded. */
  foreign(source: IpAddress, { addresses, intervalCs }: Advertisement): void {
    if (!this.#isDue("vrid_in_use", source)) return;
    const { vrid } = this.#config;
    const message = `another pair uses VRID ${vrid} on ${this.#config.interface}: ${source} ` +
      `advertises ${addressList(addresses)}, none of which is an address of this instance; its ` +
      "adverts are not obeyed";
    const hint = "choose another `vrid` for one of the two pairs, the same on both of its nodes; " +
      `if ${source} is the other node of this pair, give both the same \`addresses\``;
    this.#raise("vrid_in_use", source, { message, hint }, { intervalCs });
  }

  /** A master of another virtual router advertises addresses of this instance. */
  otherVrid(source: IpAddress, { vrid, addresses, intervalCs }: Advertisement): void {
    if (!this.#isDue("vrid_differs", source)) return;
    const own = this.#config.addresses.map(({ address }) => address);
    const shared = addresses.filter((address) => own.includes(address));
    const message =
      `${this.#sender(source)} advertises ${addressList(shared)} under VRID ${vrid}, this node ` +
      `under VRID ${this.#config.vrid}: neither hears the other, and both serve`;
    const hint = "give the instance the same `vrid` on both nodes, and reload vipd where you " +
      `changed it; if ${source} is none of this pair, remove the address from one of the two`;
    this.#raise("vrid_differs", source, { message, hint }, { intervalCs });
  }

  /** An advert was accepted; `mismatches` is what it has otherwise. */
  accepted(
    source: IpAddress,
    { priority }: Advertisement,
    mismatches: readonly Mismatch[],
  ): void {
    if (this.#standing.size > 0) this.#over(source, priority, mismatches);
    if (mismatches.length === 0) return;
    const about = mismatches.join();
    if (!this.#isDue("peer_differs", source, about)) return;
    const what = mismatches.map((code) => MISMATCH_MESSAGES[code]).join("; ");
    const message = `advert from ${this.#sender(source)}: ${what}`;
    const hint = "make the settings of this instance the same on both nodes";
    this.#raise("peer_differs", source, { message, hint }, { about });
  }

  /** This node is master and stays so, although a weaker master has just been heard. */
  otherMaster(source: IpAddress, priority: number, ownPriority: number): void {
    if (!this.#otherMasters.happened(this.#clock.nowMs())) return;
    const name = this.#nameOf(source);
    const deaf = this.#dropping({ config: this.#config }).filter(({ node }) => node === name);
    const why = deaf.length === 0
      ? "it does not hear our adverts, or refuses them"
      : `its firewall drops our adverts (${deaf.map(({ rules }) => rules.rule).join("; ")})`;
    const message =
      `${
        this.#sender(source)
      } with priority ${priority} is master too and does not yield to this ` +
      `node's ${ownPriority}: ${why}`;
    const hint = rulesRemedy(deaf) ??
      `on ${name ?? source}: ${LET_VRRP_IN}; \`vipd listen\` there shows what arrives`;
    this.#raise("split_brain_advert", source, { message, hint });
  }

  /** There are not two masters any more: this one is none, or the other one has yielded. */
  oneMaster(): void {
    this.#otherMasterGone();
  }

  /** The alarms that an accepted advert shows to be over for its sender. */
  #over(source: IpAddress, priority: number, mismatches: readonly Mismatch[]): void {
    const over: AlarmCode[] = ["peer_mismatch", "vrid_in_use", "vrid_differs"];
    if (mismatches.length === 0) over.push("peer_differs");
    const released = priority === PRIORITY_RELEASE;
    if (released && this.#isDone("split_brain_advert", source)) this.#otherMasterGone();
    for (const code of over) if (this.#isDone(code, source)) this.#clear(code);
  }

  /** This sender is no cause of the alarm any more; true if none is left. */
  #isDone(code: AlarmCode, source: IpAddress): boolean {
    const senders = this.#standing.get(code);
    if (!senders?.delete(source)) return false;
    this.#forgetSilent(senders);
    if (senders.size > 0) this.#show(code, senders);
    return senders.size === 0;
  }

  /** The sender with this address: `lb02 (192.168.31.12)`. */
  #sender(source: IpAddress): string {
    const name = this.#nameOf(source);
    return name === null ? source : `${name} (${source})`;
  }

  /** False if the sender's adverts have raised the alarm just now; of more senders than are named, if any of those has. */
  #isDue(code: AlarmCode, source: IpAddress, about = ""): boolean {
    const senders = this.#standing.get(code) ?? new Map<IpAddress, Sender>();
    const sender = senders.get(source);
    const isNews = sender ? sender.about !== about : senders.size < MOST_SENDERS;
    const lastMs = sender?.raisedMs ?? Math.max(...senders.values().map((it) => it.raisedMs));
    return isNews || this.#clock.nowMs() - lastMs >= RENEW_MS;
  }

  /** `intervalCs`: how often the sender speaks, where that is not this node's interval. */
  #raise(
    code: AlarmCode,
    source: IpAddress,
    text: AlarmText,
    { about = "", intervalCs = 0 }: { readonly about?: string; readonly intervalCs?: number } = {},
  ): void {
    const raisedMs = this.#clock.nowMs();
    const intervalMs = centisecondsToMs(Math.max(intervalCs, this.#config.advertIntervalCs));
    const untilMs = raisedMs + Math.max(HOLD_DOWN_MS, 4 * intervalMs);
    const senders = this.#standing.get(code) ?? new Map<IpAddress, Sender>();
    this.#standing.set(code, senders);
    this.#forgetSilent(senders);
    if (senders.size < MOST_SENDERS || senders.has(source)) {
      senders.set(source, { text, about, raisedMs, untilMs });
    }
    this.#show(code, senders);
  }

  #forgetSilent(senders: Map<IpAddress, Sender>): void {
    const nowMs = this.#clock.nowMs();
    for (const [source, { untilMs }] of senders) if (untilMs <= nowMs) senders.delete(source);
  }

  /** Senders that take turns are causes together: the alarm stays the same one with each advert. */
  #show(code: AlarmCode, senders: ReadonlyMap<IpAddress, Sender>): void {
    const [{ text }] = [...senders.values()] as [Sender];
    const others = Array.from(senders.keys(), (source) => this.#sender(source)).slice(1);
    const also = others.length === 0 ? "" : `; the same of ${others.join(", ")}`;
    const endsAtMs = Math.max(...senders.values().map(({ untilMs }) => untilMs));
    this.#alarms.raise(
      code,
      this.#config.name,
      { ...text, message: `${text.message}${also}`, causes: [...senders.keys()] },
      endsAtMs - this.#clock.nowMs(),
    );
  }

  /** It is known that there is one master: nothing to wait for. */
  #otherMasterGone(): void {
    if (!this.#standing.delete("split_brain_advert")) return;
    this.#alarms.withdraw("split_brain_advert", this.#config.name);
  }

  #clear(code: AlarmCode): void {
    if (this.#standing.delete(code)) this.#alarms.clear(code, this.#config.name);
  }
}

/** Two intervals hold three adverts; a little less, because no network delivers on the dot. */
function debounce({ advertIntervalCs }: InstanceConfig): Debounce {
  return new Debounce(1.8 * centisecondsToMs(advertIntervalCs));
}

function addressList(addresses: readonly IpAddress[]): string {
  const named = addresses.slice(0, NAMED_ADDRESSES).join(", ");
  const more = addresses.length - NAMED_ADDRESSES;
  return more > 0 ? `${named} and ${more} more` : named;
}

/** The least number of events. */
const TIMES = 3;

/** Distinguishes something that continues from something that happened once or twice. */
export class Debounce {
  readonly #spanMs: number;
  #times = 0;
  #firstMs = 0;
  #lastMs = -Infinity;

  /** It continues when it has happened three times over at least `spanMs`, with pauses no longer than twice that. */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** It happened now; true while it continues. */
  happened(nowMs: number): boolean {
    if (nowMs - this.#lastMs > 2 * this.#spanMs) {
      this.#times = 0;
      this.#firstMs = nowMs;
    }
    this.#times++;
    this.#lastMs = nowMs;
    return this.#times >= TIMES && nowMs - this.#firstMs >= this.#spanMs;
  }
}
