/**
 * The VRRP monitor: listens to a link without taking part. Datagrams and time go in, changes come out.
 *
 * @module
 */

import type { VrrpDatagram } from "../host/vrrp.ts";
import { DROP_MESSAGES } from "../status/codes/messages.ts";
import { checkTtl } from "../vrrp/receive.ts";
import { type Family, familyOf, type IpAddress, isMulticast } from "../wire/address.ts";
import { isCarp } from "../wire/carp.ts";
import {
  type Advertisement,
  decodeAdvertisement,
  type Decoded,
  peekVrid,
  PRIORITY_RELEASE,
} from "../wire/vrrp.ts";
import { decodeTrailer, TRAILER_OCTETS } from "../wire/vrrp_trailer.ts";
import { advertChange, change, describe, type MonitorChange } from "./change.ts";
import {
  type Finding,
  findingsOf,
  type MonitoredRouter,
  type Rejected,
  type RejectReason,
} from "./findings.ts";
import { PairAddresses } from "./pair_addresses.ts";
import {
  compared,
  lastHeardMs,
  lifeMs,
  RATE_ADVERTS,
  type Sender,
  shown,
  yields,
} from "./sender.ts";

export interface MonitorOptions {
  /** Whether the monitor shows passwords of version 2. */
  readonly showPasswords: boolean;
}

/** If the sender changes this often within a master's lifetime, two routers count as masters at once. */
const CONTEST_TURNS = 4;
/** A bound, so that forged sources cannot fill the memory. The monitor forgets the oldest sender first. */
const MAX_SENDERS = 32;
const MAX_REJECTED = 256;
/** Pairs that share one VRID. */
const MAX_PAIRS = 4;

/** A virtual router of one pair. Another pair's router with the same VRID is another one. */
interface Router {
  readonly interface: string;
  readonly family: Family;
  readonly vrid: number;
  readonly senders: Map<IpAddress, Sender>;
  readonly pair: PairAddresses;
  /** Monotonic. */
  heardMs: number;
  /** The latest adverts, sender and time each, as long as they matter for detecting two masters. */
  turns: { readonly address: IpAddress; readonly atMs: number }[];
  findings: readonly Finding[];
}

export class VrrpMonitor {
  readonly #showPasswords: boolean;
  /** The virtual routers of all pairs by interface, family and VRID. */
  readonly #routers = new Map<string, Router[]>();
  readonly #rejected = new Map<string, Rejected>();

  constructor(options: MonitorOptions) {
    this.#showPasswords = options.showPasswords;
  }

  /** Takes one datagram; returns the changes that it caused, in order. */
  receive(datagram: VrrpDatagram, nowMs: number): MonitorChange[] {
    const { source, destination, payload } = datagram;
    // Unicast adverts may have crossed routers on purpose.
    const multicast = isMulticast(destination);
    const ttlProblem = multicast ? checkTtl(datagram.ttl) : null;
    if (ttlProblem) return this.#reject(datagram, ttlProblem, nowMs);
    if (isCarp(payload)) return this.#reject(datagram, "carp", nowMs);
    const decoded = decodeAdvertisement(payload, { source, destination }, TRAILER_OCTETS);
    if (!decoded.ok) return this.#reject(datagram, decoded.error, nowMs);
    const { advertisement } = decoded;
    const reason = uselessFor(advertisement);
    if (reason) return this.#reject(datagram, reason, nowMs);
    const router = this.#router(datagram, advertisement, nowMs);
    const changes = advertisement.priority === PRIORITY_RELEASE
      ? this.#released(router, source, nowMs)
      : this.#spoke(router, datagram, decoded, nowMs);
    const alike = this.#routers.get(keyOf(router)) ?? [];
    return [...changes, ...alike.flatMap((each) => this.#compare(each, nowMs))];
  }

  /** Lets time pass: masters become silent, contests end. */
  tick(nowMs: number): MonitorChange[] {
    const changes: MonitorChange[] = [];
    for (const router of this.#all()) {
      for (const sender of router.senders.values()) {
        if (sender.role !== "master" || nowMs - lastHeardMs(sender) < lifeMs(sender)) continue;
        sender.role = "silent";
        const silentMs = nowMs - lastHeardMs(sender);
        changes.push(
          change(router, "master_silent", nowMs, sender.address, {
            message: `${sender.address} has been silent for ${(silentMs / 1000).toFixed(1)} s`,
          }),
        );
      }
      changes.push(...this.#compare(router, nowMs));
    }
    return changes;
  }

  /** All virtual routers that the monitor heard, by interface, VRID and family. */
  routers(): MonitoredRouter[] {
    const order = ({ interface: name, vrid, family }: Router) =>
      `${name} ${String(vrid).padStart(3)} ${family}`;
    return this.#all()
      .sort((a, b) => order(a) < order(b) ? -1 : 1)
      .map(({ senders, interface: name, family, vrid, findings }) => ({
        interface: name,
        family,
        vrid,
        senders: Array.from(senders.values(), (sender) => shown(sender, this.#showPasswords)),
        findings,
      }));
  }

  /** Datagrams that were no valid adverts, by source and reason. */
  rejected(): Rejected[] {
    return [...this.#rejected.values()];
  }

  #reject(datagram: VrrpDatagram, reason: RejectReason, atMs: number): MonitorChange[] {
    const { interface: name, source, payload } = datagram;
    const vrid = reason === "carp" ? null : peekVrid(payload);
    const key = `${name} ${source} ${vrid} ${reason}`;
    const known = this.#rejected.get(key);
    const count = (known?.count ?? 0) + 1;
    this.#rejected.delete(key);
    this.#rejected.set(key, { interface: name, source, vrid, reason, count, lastHeardMs: atMs });
    forgetOldest(this.#rejected, MAX_REJECTED);
    if (known) return [];
    const why = reason === "carp"
      ? "it is CARP, which shares protocol and group with VRRP; give the two different VRIDs"
      : DROP_MESSAGES[reason];
    const message = `${source} sends what every router discards (${reason}): ${why}`;
    return [
      { code: "rejected", atMs, interface: name, vrid, source, finding: null, message },
    ];
  }

  #all(): Router[] {
    return Array.from(this.#routers.values()).flat();
  }

  /** The virtual router of the sender's pair. */
  #router(
    { interface: interfaceName, source }: VrrpDatagram,
    { vrid, addresses }: Advertisement,
    nowMs: number,
  ): Router {
    const family = familyOf(source);
    const key = keyOf({ interface: interfaceName, family, vrid });
    const alike = this.#routers.get(key) ?? [];
    const before = alike.find(({ senders }) => senders.has(source));
    const router = alike.find(({ pair }) => pair.has(addresses, nowMs)) ?? before ??
      newRouter(interfaceName, family, vrid, nowMs);
    router.pair.advertised(addresses, nowMs);
    router.heardMs = nowMs;
    // The sender now advertises another pair's addresses.
    if (before !== router) before?.senders.delete(source);
    if (!alike.includes(router)) alike.push(router);
    const [quietest] = alike.toSorted((a, b) => a.heardMs - b.heardMs);
    const left = alike.filter((each) =>
      each === router || each.senders.size > 0 && (alike.length <= MAX_PAIRS || each !== quietest)
    );
    this.#routers.set(key, left);
    return router;
  }

  #released(router: Router, source: IpAddress, nowMs: number): MonitorChange[] {
    const sender = router.senders.get(source);
    router.turns = router.turns.filter(({ address }) => address !== source);
    // If the monitor never heard this router otherwise, there is nothing to report.
    if (!sender || sender.role === "released") return [];
    sender.role = "released";
    sender.adverts++;
    const message = `${source} gives the addresses up (priority 0)`;
    return [change(router, "master_released", nowMs, source, { message })];
  }

  #spoke(
    router: Router,
    { source, destination }: VrrpDatagram,
    { advertisement, checksumForm, trailer }: Extract<Decoded, { ok: true }>,
    nowMs: number,
  ): MonitorChange[] {
    const known = router.senders.get(source);
    const before = known && shown(known, this.#showPasswords);
    const sender: Sender = {
      address: source,
      role: "master",
      reported: false,
      advertisement,
      checksumForm,
      hmacKey: trailer ? decodeTrailer(trailer).keyId : null,
      destination,
      adverts: (known?.adverts ?? 0) + 1,
      // After a pause the rate starts from zero.
      heardAtMs: [...(known?.role === "master" ? known.heardAtMs : []), nowMs]
        .slice(-RATE_ADVERTS),
    };
    const others = [...router.senders.values()].filter(({ address, role }) =>
      address !== source && role === "master"
    );
    router.senders.set(source, sender);
    forgetOldest(router.senders, MAX_SENDERS);
    const contested = takesTurns(router, sender, nowMs);
    if (
      known?.role === "yielded" && !known.reported && others.some((it) => yields(sender, it))
    ) {
      // vipd's last advert to a stronger master, so that this one announces its addresses again.
      sender.role = "yielded";
      sender.reported = true;
      return [];
    }
    if (!contested) { for (const other of others) other.role = "yielded"; }
    const after = shown(sender, this.#showPasswords);
    if (before?.role === "master") return advertChange(router, before, after, nowMs);
    const [from] = others;
    // The finding reports it.
    if (contested && from) return [];
    const text = `${describe(after)}${from ? `, after ${from.address}` : ""}`;
    return [
      change(router, from ? "master_changed" : "master_appeared", nowMs, source, {
        message: `${source} is master: ${text}`,
      }),
    ];
  }

  /** Reports which findings began and which ended since the last comparison. */
  #compare(router: Router, nowMs: number): MonitorChange[] {
    const before = router.findings;
    const senders = Array.from(router.senders.values(), (it) => compared(it, this.#showPasswords));
    const others = (this.#routers.get(keyOf(router)) ?? []).filter((it) => it !== router)
      .flatMap((it) => [...it.senders.values()].filter(({ role }) => role === "master"))
      .map((it) => compared(it, this.#showPasswords));
    const now = findingsOf(senders, others);
    router.findings = now;
    const began = now.filter(({ code }) => !before.some((other) => other.code === code));
    const ended = before.filter(({ code }) => !now.some((other) => other.code === code));
    return [
      ...began.map(({ code: finding, message }) =>
        change(router, "finding_began", nowMs, null, { finding, message })
      ),
      ...ended.map(({ code: finding }) =>
        change(router, "finding_ended", nowMs, null, { finding, message: `over: ${finding}` })
      ),
    ];
  }
}

function newRouter(interfaceName: string, family: Family, vrid: number, heardMs: number): Router {
  return {
    interface: interfaceName,
    ...{ family, vrid, senders: new Map(), pair: new PairAddresses(), heardMs },
    ...{ turns: [], findings: [] },
  };
}

function keyOf({ interface: name, family, vrid }: Pick<Router, "interface" | "family" | "vrid">) {
  return `${name} ${family} ${vrid}`;
}

/** Adverts that no configuration can accept: count 0, interval 0. */
function uselessFor(
  { version, addresses, intervalCs }: Advertisement,
): RejectReason | null {
  if (addresses.length === 0) return "address_count_zero";
  if (version === 3 && intervalCs === 0) return "interval_zero";
  return null;
}

/**
 * Records an advert of `sender`; true if it and another sender alternate, so that neither yields. One change of the
 * sender is a takeover, two more are a farewell or a repeated election. A router that continues after that does not
 * hear the other.
 */
function takesTurns(router: Router, sender: Sender, nowMs: number): boolean {
  const longestMs = Math.max(...Array.from(router.senders.values(), lifeMs));
  const recent = router.turns.filter(({ atMs }) => nowMs - atMs < longestMs);
  recent.push({ address: sender.address, atMs: nowMs });
  router.turns = recent.slice(-RATE_ADVERTS * 10);
  const turns = router.turns.filter(({ address }, index) =>
    index > 0 && router.turns[index - 1]!.address !== address
  );
  return turns.length >= CONTEST_TURNS;
}

function forgetOldest<T>(map: Map<string, T>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
