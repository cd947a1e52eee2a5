/**
 * One instance against whoever else claims its addresses: is it a second master or a stranger, is it there for good,
 * and does this node let go?
 *
 * A single claim proves nothing: in a change of master the old one and the new one claim an address within
 * milliseconds, and after a lost advert for up to an advert interval. So whoever claims it is asked again after that
 * time, and counts when he answers still.
 *
 * @module
 */

import { compareIp, formatMac, type IpAddress } from "../wire/address.ts";
import { virtualRouterMac } from "../wire/ethernet.ts";
import { peekVrid, PRIORITY_RELEASE } from "../wire/vrrp.ts";
import type { DropReason } from "../vrrp/receive.ts";
import { centisecondsToMs } from "../vrrp/timers.ts";
import { type Alarms, type AlarmText, HOLD_DOWN_MS } from "./alarms.ts";
import type { CancelTimer, HeardClaim, Host, VrrpDatagram } from "./host.ts";
import type { Instance } from "./instance.ts";
import { DROP_MESSAGES, letVrrpIn } from "./messages.ts";
import type { TapListener } from "./shared_taps.ts";

/** A change of master is over after so long at least, in milliseconds. */
const LEAST_CHANGE_MS = 250;
/** An answer takes no longer than that. */
const ANSWER_MS = 150;
/** An advert of a rival that has sent none is waited for so much longer. */
const TAP_MS = 30_000;
/** How often a rival that is known is asked for. */
const WATCH_MS = 1000;
/** One that has not answered for so long is gone. */
const GONE_MS = 3500;

/** What a rivalry does on its link. */
export interface RivalryLink {
  /** Asks who has the address. */
  probe(address: IpAddress): void;
  /** Gives `heard` all VRRP that arrives, before the firewall; returns how to end that. */
  tap(heard: TapListener): () => void;
}

/** What is known of a rival's adverts. */
type RivalAdvert =
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly source: IpAddress; readonly why: DropReason }
  | { readonly kind: "good"; readonly source: IpAddress; readonly priority: number };

interface Rival {
  readonly mac: string;
  readonly address: IpAddress;
  readonly firstMs: number;
  lastMs: number;
  advert: RivalAdvert;
  /** True when it was found to be there for good. */
  told: boolean;
}

type RivalAlarm = AlarmText & { readonly code: "split_brain_address" | "address_conflict" };

export class Rivalry {
  readonly #instance: Instance;
  readonly #host: Host;
  readonly #alarms: Alarms;
  readonly #link: RivalryLink;
  /** The MAC address that every master of this virtual router may have (RFC 9568 section 7.3). */
  readonly #virtualMac: string;
  #rival: Rival | null = null;
  /** True while this node waits, as backup, for a rival to go that it has yielded to. */
  #yielded = false;
  #nextAddress = 0;
  #cancelTimer: CancelTimer = () => {};
  #closeTap: () => void = () => {};

  constructor(instance: Instance, host: Host, alarms: Alarms, link: RivalryLink) {
    this.#instance = instance;
    this.#host = host;
    this.#alarms = alarms;
    this.#link = link;
    const { family, vrid } = instance.config;
    this.#virtualMac = formatMac(virtualRouterMac(family, vrid));
  }

  /** True while the addresses are this node's, so that nobody else may have them. */
  get asks(): boolean {
    return this.#instance.serving;
  }

  /** Asks for one address, the next time for the next. */
  ask(): void {
    const { addresses } = this.#instance.config;
    const address = addresses[this.#nextAddress++ % addresses.length]!;
    this.#link.probe(address.address);
  }

  /** Another host on the link claims an address of this instance. */
  heard({ address, mac, own }: HeardClaim): void {
    const { virtualMac } = this.#instance.holdings;
    const from = formatMac(mac);
    // With a virtual MAC address two masters have the same one: what comes from the link is the other's.
    if (own && !(virtualMac && from === this.#virtualMac)) return;
    if (this.#yielded) {
      if (from === this.#rival?.mac) this.#winnerLives(this.#rival);
      return;
    }
    if (!this.#instance.serving) return;
    const nowMs = this.#host.nowMs();
    if (this.#rival?.mac !== from) return this.#suspect(from, address, nowMs);
    this.#rival.lastMs = nowMs;
    if (this.#rival.told) this.#tell(this.#rival);
  }

  stateChanged(): void {
    // The transition that a yield brings about is no end of anything.
    if (this.#yielded && this.#instance.router.state === "backup") return;
    this.#yielded = false;
    if (!this.#instance.serving) this.#forget();
  }

  close(): void {
    this.#forget();
  }

  #suspect(mac: string, address: IpAddress, nowMs: number): void {
    this.#forget();
    const advert: RivalAdvert = { kind: "none" };
    this.#rival = { mac, address, firstMs: nowMs, lastMs: nowMs, advert, told: false };
    this.#closeTap = this.#link.tap((datagram, from) => this.#heardVrrp(datagram, from));
    this.#in(this.#changeMs, () => {
      this.#link.probe(address);
      this.#in(ANSWER_MS, () => this.#decide());
    });
  }

  /** A datagram of somebody's VRRP: is it the rival's, and would it be accepted? */
  #heardVrrp(datagram: VrrpDatagram, from: string): void {
    const rival = this.#rival;
    const { conditions, config, receiver } = this.#instance;
    if (!rival || from !== rival.mac) return;
    if (peekVrid(datagram.payload) !== config.vrid) return;
    const { source } = datagram;
    const judged = receiver.judge(datagram, conditions.primaryAddress);
    if (!judged.ok) {
      rival.advert = { kind: "refused", source, why: judged.reason };
    } else if (judged.advertisement.priority !== PRIORITY_RELEASE) {
      rival.advert = { kind: "good", source, priority: judged.advertisement.priority };
    }
    if (!rival.told) return;
    this.#alarms.withdraw("address_conflict", config.name);
    this.#settle(rival);
  }

  /** Is it still there? */
  #decide(): void {
    const rival = this.#rival;
    if (!rival || !this.#lasts(rival) || !this.#instance.serving) return this.#forget();
    rival.told = true;
    this.#settle(rival);
  }

  #settle(rival: Rival): void {
    if (rival.advert.kind !== "none") this.#endTap();
    this.#tell(rival);
    if (this.#yields(rival)) return this.#yieldTo(rival);
    this.#watch(rival);
  }

  /** As long as it is there it is asked for, so that its end is noticed. */
  #watch(rival: Rival): void {
    const nowMs = this.#host.nowMs();
    const gone = nowMs - rival.lastMs > GONE_MS;
    if (nowMs - rival.firstMs > this.#changeMs + TAP_MS) this.#endTap();
    if (gone || !this.#instance.serving) return this.#forget();
    this.#link.probe(rival.address);
    this.#in(WATCH_MS, () => this.#watch(rival));
  }

  /** True when the rules of the election would have this node go, had it heard the rival. */
  #yields({ advert }: Rival): boolean {
    const { config, conditions } = this.#instance;
    if (config.splitBrain !== "yield" || advert.kind !== "good") return false;
    const ahead = advert.priority - conditions.priority.effective;
    const own = conditions.primaryAddress;
    return ahead > 0 || (ahead === 0 && own !== null && compareIp(advert.source, own) > 0);
  }

  #yieldTo(rival: Rival): void {
    this.#yielded = true;
    this.#instance.rivalSeen(rivalText(rival), GONE_MS);
    this.#watchWinner(rival);
  }

  /** Its answers stand for its adverts: they end when the machine does, or when it lets go of the address. */
  #watchWinner(rival: Rival): void {
    if (!this.#yielded) return;
    this.#link.probe(rival.address);
    this.#in(WATCH_MS, () => this.#watchWinner(rival));
  }

  #winnerLives(rival: Rival): void {
    // Once its adverts are heard again, they alone count.
    if (this.#instance.router.masterSeen !== null) {
      this.#yielded = false;
      return this.#forget();
    }
    this.#instance.rivalSeen(rivalText(rival), GONE_MS);
    this.#tell(rival);
  }

  #tell(rival: Rival): void {
    const { name } = this.#instance.config;
    const { code, ...text } = this.#isMaster(rival)
      ? this.#secondMaster(rival)
      : this.#stranger(rival);
    this.#alarms.raise(code, name, text, HOLD_DOWN_MS);
  }

  #isMaster({ mac, advert }: Rival): boolean {
    return advert.kind !== "none" || mac === this.#virtualMac;
  }

  #secondMaster({ address, mac, advert }: Rival): RivalAlarm {
    const code = "split_brain_address" as const;
    const { config } = this.#instance;
    const who = `another master answers for ${address} too, at ${mac}`;
    switch (advert.kind) {
      case "refused":
        return {
          code,
          message: `${who}; its adverts are refused (${advert.why})`,
          hint: DROP_MESSAGES[advert.why],
        };
      case "good":
        return {
          code,
          message:
            `${who}; its adverts (${advert.source}, priority ${advert.priority}) arrive at ` +
            `${config.interface}`,
          hint: `if this node's firewall drops them, ${
            letVrrpIn(config)
          }; else do so on ${advert.source}`,
        };
      case "none":
        return {
          code,
          message: `${who}; no advert of it arrives`,
          hint: `VRRP is filtered between the nodes: ${letVrrpIn(config)} on both`,
        };
    }
  }

  #stranger({ address, mac }: Rival): RivalAlarm {
    const { config } = this.#instance;
    return {
      code: "address_conflict" as const,
      message: `another host answers for ${address} too, at ${mac}; no VRRP of it arrives`,
      hint:
        `find ${mac} (\`vipd listen\`, the switch's MAC table) and take the address off there ` +
        `(\`ip address del\`); if it is the other load balancer, ${letVrrpIn(config)} on both`,
    };
  }

  /** So long two masters may be there together: the weaker one goes when it hears the other's next advert. */
  get #changeMs(): number {
    const intervalMs = centisecondsToMs(this.#instance.config.advertIntervalCs);
    return Math.max(1.1 * intervalMs, LEAST_CHANGE_MS);
  }

  #lasts({ firstMs, lastMs }: Rival): boolean {
    return lastMs - firstMs >= this.#changeMs;
  }

  #in(ms: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#host.setTimer(this.#host.nowMs() + ms, run);
  }

  #endTap(): void {
    this.#closeTap();
    this.#closeTap = () => {};
  }

  #forget(): void {
    this.#cancelTimer();
    this.#endTap();
    this.#rival = null;
  }
}

function rivalText({ mac, advert }: Rival): string {
  return advert.kind === "good" ? `${advert.source} with priority ${advert.priority}` : mac;
}
