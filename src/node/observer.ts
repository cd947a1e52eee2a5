/**
 * Listens to the VRRP of a link without taking part: datagrams and time in, changes out.
 *
 * @module
 */

import { checkTtl } from "../vrrp/receive.ts";
import { centisecondsToMs, masterDownIntervalMs } from "../vrrp/timers.ts";
import {
  compareIp,
  type Family,
  familyOf,
  type IpAddress,
  isIpv6LinkLocal,
} from "../wire/address.ts";
import { isCarp } from "../wire/carp.ts";
import {
  type Advertisement,
  type ChecksumForm,
  decodeAdvertisement,
  type Decoded,
  peekVrid,
  PRIORITY_RELEASE,
  VRRP_GROUP,
} from "../wire/vrrp.ts";
import type { VrrpDatagram } from "./host.ts";
import { decodeTrailer, TRAILER_OCTETS } from "../wire/vrrp_trailer.ts";
import { DROP_MESSAGES } from "./messages.ts";
import {
  authenticationText,
  type ComparedSender,
  type Finding,
  type FindingCode,
  findingsOf,
  type ObservedAuthentication,
  type ObservedRouter,
  type ObservedSender,
  type Rejected,
  type RejectReason,
  type SenderRole,
} from "./observed.ts";

export type ChangeCode =
  | "master_appeared"
  | "master_changed"
  | "master_released"
  | "master_silent"
  | "advert_changed"
  | "finding_began"
  | "finding_ended"
  /** A datagram that is no good advert; told once for each source and reason. */
  | "rejected";

/** Something that a person who watches the link wants to know. */
export interface ObserverChange {
  readonly code: ChangeCode;
  /** Monotonic. */
  readonly atMs: number;
  readonly interface: string;
  /** `null` where a rejected datagram does not tell. */
  readonly vrid: number | null;
  /** The sender that it is about; `null` for findings. */
  readonly source: IpAddress | null;
  readonly finding: FindingCode | null;
  /** One sentence for a person. */
  readonly message: string;
}

export interface ObserverOptions {
  /** Whether passwords of version 2 are shown. */
  readonly showPasswords: boolean;
}

/** How many adverts the rate of a sender is taken from. */
const RATE_ADVERTS = 20;
/** So often must the speaker change within a master's life before two of them count as masters at once. */
const CONTEST_TURNS = 4;
/** Forged sources must not fill the memory: of the oldest nothing is known any more. */
const MAX_SENDERS = 32;
const MAX_REJECTED = 256;

/** The last advert of a sender that had a priority, and how it speaks. */
interface Sender {
  readonly address: IpAddress;
  role: SenderRole;
  /** It has spoken once since it yielded. */
  saidFarewell: boolean;
  advertisement: Advertisement;
  checksumForm: ChecksumForm;
  hmacKey: number | null;
  destination: IpAddress;
  adverts: number;
  /** Times of the last adverts. */
  heardAtMs: number[];
}

interface Router {
  readonly interface: string;
  readonly family: Family;
  readonly vrid: number;
  readonly senders: Map<IpAddress, Sender>;
  /** Who spoke when, as long as it matters for the question of two masters. */
  turns: { readonly address: IpAddress; readonly atMs: number }[];
  findings: readonly Finding[];
}

export class LinkObserver {
  readonly #options: ObserverOptions;
  readonly #routers = new Map<string, Router>();
  readonly #rejected = new Map<string, Rejected>();

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Takes one datagram; what changed by it, in order. */
  receive(datagram: VrrpDatagram, nowMs: number): ObserverChange[] {
    const { source, destination, payload } = datagram;
    const family = familyOf(source);
    // Unicast adverts may have come a longer way on purpose.
    const multicast = destination === VRRP_GROUP[family];
    const ttlProblem = multicast ? checkTtl(datagram.ttl) : null;
    if (ttlProblem) return this.#reject(datagram, ttlProblem, nowMs);
    if (isCarp(payload)) return this.#reject(datagram, "carp", nowMs);
    const decoded = decodeAdvertisement(payload, { source, destination }, TRAILER_OCTETS);
    if (!decoded.ok) return this.#reject(datagram, decoded.error, nowMs);
    const { advertisement } = decoded;
    const reason = uselessFor(advertisement);
    if (reason) return this.#reject(datagram, reason, nowMs);
    const router = this.#router(datagram.interface, family, advertisement.vrid);
    const changes = advertisement.priority === PRIORITY_RELEASE
      ? this.#released(router, source, nowMs)
      : this.#spoke(router, datagram, decoded, nowMs);
    return [...changes, ...this.#compare(router, nowMs)];
  }

  /** Time passes: masters fall silent, contests end. */
  tick(nowMs: number): ObserverChange[] {
    const changes: ObserverChange[] = [];
    for (const router of this.#routers.values()) {
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

  /** All virtual routers that were heard, by interface, VRID and family. */
  routers(): ObservedRouter[] {
    const order = ({ interface: name, vrid, family }: Router) =>
      `${name} ${String(vrid).padStart(3)} ${family}`;
    return [...this.#routers.values()]
      .sort((a, b) => order(a) < order(b) ? -1 : 1)
      .map(({ senders, interface: name, family, vrid, findings }) => ({
        interface: name,
        family,
        vrid,
        senders: Array.from(senders.values(), (sender) => this.#shown(sender)),
        findings,
      }));
  }

  /** Datagrams that were no good adverts, by source and reason. */
  rejected(): Rejected[] {
    return [...this.#rejected.values()];
  }

  #reject(datagram: VrrpDatagram, reason: RejectReason, atMs: number): ObserverChange[] {
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

  #router(interfaceName: string, family: Family, vrid: number): Router {
    const key = `${interfaceName} ${family} ${vrid}`;
    const known = this.#routers.get(key);
    if (known) return known;
    const router: Router = {
      interface: interfaceName,
      family,
      vrid,
      senders: new Map(),
      turns: [],
      findings: [],
    };
    this.#routers.set(key, router);
    return router;
  }

  #released(router: Router, source: IpAddress, nowMs: number): ObserverChange[] {
    const sender = router.senders.get(source);
    router.turns = router.turns.filter(({ address }) => address !== source);
    // Of a router that was never heard otherwise there is nothing to tell but this.
    if (!sender || sender.role === "released") return [];
    sender.role = "released";
    sender.adverts++;
    const message = `${source} lets go (priority 0)`;
    return [change(router, "master_released", nowMs, source, { message })];
  }

  #spoke(
    router: Router,
    { source, destination }: VrrpDatagram,
    { advertisement, checksumForm, trailer }: Extract<Decoded, { ok: true }>,
    nowMs: number,
  ): ObserverChange[] {
    const known = router.senders.get(source);
    const before = known && this.#shown(known);
    const sender: Sender = {
      address: source,
      role: "master",
      saidFarewell: false,
      advertisement,
      checksumForm,
      hmacKey: trailer ? decodeTrailer(trailer).keyId : null,
      destination,
      adverts: (known?.adverts ?? 0) + 1,
      // After a pause the rate is another one.
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
      known?.role === "yielded" && !known.saidFarewell && others.some((it) => yields(sender, it))
    ) {
      // vipd's last word to a stronger master, so that this one announces its addresses anew.
      sender.role = "yielded";
      sender.saidFarewell = true;
      return [];
    }
    if (!contested) { for (const other of others) other.role = "yielded"; }
    const after = this.#shown(sender);
    if (before?.role === "master") return advertChange(router, before, after, nowMs);
    const [from] = others;
    // The finding tells it.
    if (contested && from) return [];
    const text = `${describe(after)}${from ? `, after ${from.address}` : ""}`;
    return [
      change(router, from ? "master_changed" : "master_appeared", nowMs, source, {
        message: `${source} is master: ${text}`,
      }),
    ];
  }

  /** Tells which findings began and which ended since the last look. */
  #compare(router: Router, nowMs: number): ObserverChange[] {
    const before = router.findings;
    const senders = Array.from(router.senders.values(), (sender): ComparedSender => ({
      ...this.#shown(sender),
      passwordHex: passwordOf(sender)?.toHex() ?? "",
    }));
    const now = findingsOf(senders);
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

  #shown(sender: Sender): ObservedSender {
    const { address, role, advertisement, checksumForm, hmacKey, destination, adverts } = sender;
    return {
      address,
      role,
      version: advertisement.version,
      priority: advertisement.priority,
      intervalMs: centisecondsToMs(advertisement.intervalCs),
      addresses: advertisement.addresses,
      checksumForm,
      authentication: this.#authentication(sender),
      hmacKey,
      destination,
      adverts,
      advertsPerSecond: role === "master" ? rate(sender.heardAtMs) : null,
      lastHeardMs: lastHeardMs(sender),
    };
  }

  #authentication(sender: Sender): ObservedAuthentication | null {
    const field = sender.advertisement.authentication;
    if (!field) return null;
    const password = passwordOf(sender);
    if (!password) return { type: field.type, printable: null, password: null };
    const used = password.subarray(0, password.findLastIndex((octet) => octet !== 0) + 1);
    const printable = used.every((octet) => octet >= 0x20 && octet < 0x7f);
    const text = printable ? new TextDecoder().decode(used) : used.toHex();
    const shown = this.#options.showPasswords ? text : null;
    return { type: field.type, printable, password: shown };
  }
}

/** Adverts that no configuration can accept: count 0, interval 0, a first IPv6 address that is not link-local. */
function uselessFor(
  { version, addresses, intervalCs }: Advertisement,
): RejectReason | null {
  const [first] = addresses;
  if (first === undefined) return "address_count_zero";
  if (version === 3 && intervalCs === 0) return "interval_zero";
  return familyOf(first) === "ipv6" && !isIpv6LinkLocal(first) ? "address_list" : null;
}

/**
 * Notes that `sender` speaks; true when it and another take turns, so that neither yields. One change of the speaker
 * is a takeover, two more a farewell or an election that was decided anew; who goes on after that does not hear the
 * other.
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

/** True when `sender` is the weaker of the two (RFC 9568 section 6.4.3). */
function yields(sender: Sender, other: Sender): boolean {
  const difference = sender.advertisement.priority - other.advertisement.priority;
  return difference < 0 || (difference === 0 && compareIp(sender.address, other.address) < 0);
}

/** As long as the slowest possible backup waits for this master, in milliseconds. */
function lifeMs({ advertisement: { version, intervalCs } }: Sender): number {
  return masterDownIntervalMs(version, 1, intervalCs);
}

function lastHeardMs({ heardAtMs }: Sender): number {
  return heardAtMs[heardAtMs.length - 1]!;
}

function rate(heardAtMs: readonly number[]): number | null {
  const spanMs = heardAtMs[heardAtMs.length - 1]! - heardAtMs[0]!;
  return spanMs > 0 ? (heardAtMs.length - 1) * 1000 / spanMs : null;
}

function passwordOf({ advertisement: { authentication } }: Sender): Uint8Array | null {
  return authentication?.type === 1 ? authentication.data : null;
}

function describe(sender: ObservedSender): string {
  const { version, priority, intervalMs, addresses, hmacKey } = sender;
  const authentication = version === 2 || hmacKey !== null
    ? `, authentication ${authenticationText(sender)}`
    : "";
  return `priority ${priority}, every ${intervalMs / 1000} s, version ${version}` +
    `${authentication}, for ${addresses.join(" ")}`;
}

/** What the same master says otherwise than before. */
function advertChange(
  router: Router,
  before: ObservedSender,
  after: ObservedSender,
  nowMs: number,
): ObserverChange[] {
  const aspects: [string, (sender: ObservedSender) => string][] = [
    ["priority", ({ priority }) => String(priority)],
    ["interval", ({ intervalMs }) => `${intervalMs / 1000} s`],
    ["version", ({ version }) => String(version)],
    ["addresses", ({ addresses }) => addresses.join(" ")],
    ["authentication", authenticationText],
    ["checksum", ({ checksumForm }) => checksumForm],
    ["destination", ({ destination }) => destination],
  ];
  const changed = aspects.filter(([, of]) => of(before) !== of(after))
    .map(([name, of]) => `${name} ${of(before)} -> ${of(after)}`);
  if (changed.length === 0) return [];
  const message = `${after.address}: ${changed.join(", ")}`;
  return [change(router, "advert_changed", nowMs, after.address, { message })];
}

function change(
  router: Router,
  code: ChangeCode,
  atMs: number,
  source: IpAddress | null,
  what: { readonly message: string; readonly finding?: FindingCode },
): ObserverChange {
  const { interface: interfaceName, vrid } = router;
  return { code, atMs, interface: interfaceName, vrid, source, finding: null, ...what };
}

function forgetOldest<T>(map: Map<string, T>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
