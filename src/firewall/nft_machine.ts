/**
 * The machine of nf_tables, for one imagined advert: registers whose octets may be unknown. An expression that it does not
 * know makes everything behind it unknown.
 *
 * @module
 */

import { parseIp } from "../wire/address.ts";
import { viewOf } from "../wire/netlink/netlink.ts";
import {
  dataOf,
  type DumpedElement,
  type DumpedExpression,
  type DumpedRule,
  type DumpedVerdict,
  numberOf,
  textOf,
  valueOf,
} from "../wire/nftables/nft_dump.ts";
import type { Advert, FilterRule, Match } from "./packet_filter.ts";

/** An advert with what rules may look at in addition. */
export interface KnownAdvert extends Advert {
  /** Kernel index of the interface. */
  readonly interfaceIndex: number;
  /** True if others answer to the address that it goes to, so that the kernel may take it for an answer. */
  readonly unicast: boolean;
}

/** One octet; `null`: it is not known. */
type Octet = number | null;

const VRRP_PROTOCOL = 112;
const REGISTER_OCTETS = 64;
const NFPROTO = { ipv4: 2, ipv6: 10 } as const;
const ETHERTYPE = { ipv4: [0x08, 0x00], ipv6: [0x86, 0xdd] } as const;
const NAME_OCTETS = 16;
/** NFT_META_* */
const META = {
  protocol: 1,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  nfproto: 15,
  l4proto: 16,
  pkttype: 19,
} as const;
const PACKET_MULTICAST = 2;
const NFT_CT_STATE = 0;
/** NF_CT_STATE_BIT(IP_CT_NEW) */
const CT_NEW = 8;
const NFT_REG_VERDICT = 0;
const NETWORK_HEADER = 1;
const NFT_LOOKUP_F_INV = 1;
const NF_DROP = 0;
const NF_ACCEPT = 1;
const NFT_JUMP = -3;
const NFT_RETURN = -5;
const NFT_CONTINUE = -1;
/** struct xt_conntrack_mtinfo3: what it matches, and the states. */
const XT_CONNTRACK_STATE = 1;
const XT_MATCH_FLAGS_AT = 146;
const XT_INVERT_FLAGS_AT = 148;
const XT_STATE_MASK_AT = 150;

/** Expressions that decide nothing and load nothing. */
const HARMLESS: ReadonlySet<string> = new Set(["counter", "log", "notrack", "objref", "last"]);
/** Targets of iptables that do not end the walk. */
const HARMLESS_TARGETS: ReadonlySet<string> = new Set([
  ...["LOG", "NFLOG", "MARK", "CONNMARK", "TCPMSS", "CT", "NOTRACK", "CLASSIFY", "TRACE"],
]);

/** The elements of a set of the rule's table; `null` if they are not known. */
export type SetElements = (set: string) => readonly DumpedElement[] | null;

/** A rule as the walk takes it. */
export function machineRule(
  { expressions }: DumpedRule,
  advert: KnownAdvert,
  elements: SetElements,
  place: string,
): FilterRule {
  const run = new Run(advert, elements);
  for (const expression of expressions) {
    const action = run.step(expression);
    if (action !== null) return { matches: run.matches, action, place };
  }
  return { matches: run.matches, action: "next", place };
}

class Run {
  readonly matches: Match[] = [];
  readonly #advert: KnownAdvert;
  readonly #elements: SetElements;
  readonly #registers: Octet[] = new Array<Octet>(REGISTER_OCTETS).fill(null);

  constructor(advert: KnownAdvert, elements: SetElements) {
    this.#advert = advert;
    this.#elements = elements;
  }

  /** The action that ends the rule if all before matches; `null` if it continues. */
  step({ name, attributes }: DumpedExpression): FilterRule["action"] | null {
    const number = (type: number) => numberOf(attributes.get(type));
    switch (name) {
      case "meta":
        // An expression that sets something loads nothing.
        if (!attributes.has(3)) this.#load(number(1), this.#meta(number(2)));
        return null;
      case "payload":
        if (attributes.has(5)) return null;
        this.#load(number(1), this.#payload(number(2), number(3), number(4)));
        return null;
      case "ct":
        if (!attributes.has(4)) this.#load(number(1), this.#conntrack(number(2)));
        return null;
      case "bitwise":
        this.#bitwise(attributes);
        return null;
      case "cmp":
        this.matches.push(this.#compare(number(1), number(2), valueOf(attributes.get(3))));
        return null;
      case "range":
        this.matches.push(this.#range(attributes));
        return null;
      case "lookup":
        return this.#lookup(attributes);
      case "immediate":
        return this.#immediate(attributes);
      case "reject":
        return "drop";
      case "match":
        this.matches.push(this.#xtMatch(textOf(attributes.get(1)), attributes.get(3)));
        return null;
      case "target":
        return targetAction(textOf(attributes.get(1)));
      default:
        if (HARMLESS.has(name)) return null;
        // A limit or a quota may hold or not, and others load what is not known.
        this.#registers.fill(null);
        this.matches.push(null);
        return [
            "limit",
            "quota",
            "connlimit",
            "dynset",
            "fib",
            "socket",
            "rt",
            "exthdr",
            "byteorder",
          ]
            .includes(name)
          ? null
          : "unknown";
    }
  }

  #meta(key: number): readonly Octet[] {
    const { direction, interface: name, interfaceIndex, family, unicast } = this.#advert;
    const [isIn, isOut] = [direction === "in", direction === "out"];
    switch (key) {
      case META.protocol:
        return ETHERTYPE[family];
      case META.nfproto:
        return [NFPROTO[family]];
      case META.l4proto:
        return [VRRP_PROTOCOL];
      case META.iif:
        return indexOctets(isIn ? interfaceIndex : 0);
      case META.oif:
        return indexOctets(isOut ? interfaceIndex : 0);
      case META.iifname:
        return nameOctets(isIn ? name : "");
      case META.oifname:
        return nameOctets(isOut ? name : "");
      case META.pkttype:
        return [isIn ? unicast ? 0 : PACKET_MULTICAST : null];
      default:
        return [null, null, null, null];
    }
  }

  #payload(base: number, offset: number, length: number): readonly Octet[] {
    const header = base === NETWORK_HEADER ? networkHeader(this.#advert) : [];
    return Array.from({ length }, (_, at) => header[offset + at] ?? null);
  }

  /** A multicast advert begins no connection that anybody answers, so each is new. */
  #conntrack(key: number): readonly Octet[] {
    return key === NFT_CT_STATE && !this.#advert.unicast
      ? indexOctets(CT_NEW)
      : [null, null, null, null];
  }

  #bitwise(attributes: DumpedExpression["attributes"]): void {
    const [source, target, length] = [1, 2, 3].map((type) => numberOf(attributes.get(type)));
    const mask = valueOf(attributes.get(4));
    const xor = valueOf(attributes.get(5));
    // A shift has no mask.
    const octets = this.#read(source!, length!).map((octet, at): Octet => {
      const keeps = mask?.[at];
      if (keeps === undefined) return null;
      const flips = xor?.[at] ?? 0;
      if (keeps === 0) return flips;
      return octet === null ? null : (octet & keeps) ^ flips;
    });
    this.#load(target!, octets);
  }

  #compare(register: number, operation: number, wanted: Uint8Array | undefined): Match {
    if (wanted === undefined) return null;
    const order = orderOf(this.#read(register, wanted.length), wanted);
    const [equal, not, less, lessOrEqual, greater, greaterOrEqual] = [0, 1, 2, 3, 4, 5];
    switch (operation) {
      case equal:
        return order === null ? null : order === 0;
      case not:
        return order === null ? null : order !== 0;
    }
    // Two that differ may still be known to differ without being known to be greater.
    if (order === null || order === "differs") return null;
    switch (operation) {
      case less:
        return order < 0;
      case lessOrEqual:
        return order <= 0;
      case greater:
        return order > 0;
      case greaterOrEqual:
        return order >= 0;
      default:
        return null;
    }
  }

  #range(attributes: DumpedExpression["attributes"]): Match {
    const [from, to] = [valueOf(attributes.get(3)), valueOf(attributes.get(4))];
    if (from === undefined || to === undefined) return null;
    const value = this.#read(numberOf(attributes.get(1)), from.length);
    const isIn = isWithin(value, from, to);
    return isIn === null ? null : isIn === (numberOf(attributes.get(2)) === 0);
  }

  #lookup(attributes: DumpedExpression["attributes"]): FilterRule["action"] | null {
    const elements = this.#elements(textOf(attributes.get(1)));
    const register = numberOf(attributes.get(2));
    const target = attributes.has(3) ? numberOf(attributes.get(3)) : null;
    const found = elements === null ? null : this.#find(elements, register);
    const inverted = (numberOf(attributes.get(5)) & NFT_LOOKUP_F_INV) !== 0;
    if (target === null) {
      this.matches.push(found === null ? null : (found === "none") === inverted);
      return null;
    }
    this.matches.push(found === null ? null : found !== "none");
    if (found === null || found === "none") {
      if (target === NFT_REG_VERDICT) return "unknown";
      this.#load(target, new Array<Octet>(16).fill(null));
      return null;
    }
    if (target === NFT_REG_VERDICT) return verdictAction(found.verdict);
    this.#load(target, [...(found.value ?? [])]);
    return null;
  }

  #find(elements: readonly DumpedElement[], register: number): DumpedElement | "none" | null {
    if (elements.length === 0) return "none";
    const value = this.#read(register, elements[0]!.key.length);
    if (elements.some(({ isEnd }) => isEnd)) return findInRanges(elements, value);
    let doubt = false;
    for (const element of elements) {
      const isIn = element.keyEnd
        ? isWithin(value, element.key, element.keyEnd)
        : equalMatch(orderOf(value, element.key));
      if (isIn) return element;
      doubt ||= isIn === null;
    }
    return doubt ? null : "none";
  }

  #immediate(attributes: DumpedExpression["attributes"]): FilterRule["action"] | null {
    const { value, verdict } = dataOf(attributes.get(2) ?? new Uint8Array());
    const register = numberOf(attributes.get(1));
    if (register === NFT_REG_VERDICT) return verdictAction(verdict);
    this.#load(register, [...(value ?? [])]);
    return null;
  }

  /** Matches that iptables has taken over; those of ports follow one of the protocol. */
  #xtMatch(name: string, info: Uint8Array | undefined): Match {
    if (name === "comment") return true;
    const states = name === "conntrack" && info !== undefined && info.length > XT_STATE_MASK_AT + 2;
    if (!states || this.#advert.unicast) return null;
    const view = viewOf(info);
    if (view.getUint16(XT_MATCH_FLAGS_AT, true) !== XT_CONNTRACK_STATE) return null;
    const isInverted = (view.getUint16(XT_INVERT_FLAGS_AT, true) & XT_CONNTRACK_STATE) !== 0;
    return ((view.getUint16(XT_STATE_MASK_AT, true) & CT_NEW) !== 0) !== isInverted;
  }

  #read(register: number, length: number): Octet[] {
    const at = registerAt(register);
    return Array.from({ length }, (_, index) => this.#registers[at + index] ?? null);
  }

  /** The kernel clears the rest of the last four octets. */
  #load(register: number, octets: readonly Octet[]): void {
    const at = registerAt(register);
    const padded = (octets.length + 3) & ~3;
    for (let index = 0; index < padded; index++) {
      if (at + index < REGISTER_OCTETS) {
        this.#registers[at + index] = index < octets.length ? octets[index]! : 0;
      }
    }
  }
}

/** Four registers of 16 octets, and the same space in units of four. */
function registerAt(register: number): number {
  return register < 8 ? (register - 1) * 16 : (register - 8) * 4;
}

/** The smaller ones first; the one with unknown octets: `differs` if that is certain even so, else `null`. */
function orderOf(octets: readonly Octet[], other: Uint8Array): number | "differs" | null {
  if (octets.includes(null)) {
    return octets.some((octet, at) => octet !== null && octet !== other[at]) ? "differs" : null;
  }
  const at = octets.findIndex((octet, index) => octet !== other[index]);
  return at < 0 ? 0 : octets[at]! - other[at]!;
}

function equalMatch(order: ReturnType<typeof orderOf>): Match {
  return order === null ? null : order === 0;
}

function isWithin(octets: readonly Octet[], from: Uint8Array, to: Uint8Array): Match {
  // Concatenated keys have a range for each part, which this does not distinguish.
  if (octets.includes(null)) return null;
  if (from.length > 4 && from.length !== 16) return null;
  return (orderOf(octets, from) as number) >= 0 && (orderOf(octets, to) as number) <= 0;
}

/** In a set of ranges an element begins one, and an end is the first that is not in it. */
function findInRanges(
  elements: readonly DumpedElement[],
  value: readonly Octet[],
): DumpedElement | "none" | null {
  if (value.includes(null)) return null;
  const sorted = elements.toSorted((a, b) =>
    (orderOf([...a.key], b.key) as number) || Number(b.isEnd) - Number(a.isEnd)
  );
  const last = sorted.findLast(({ key }) => (orderOf(value, key) as number) >= 0);
  return last === undefined || last.isEnd ? "none" : last;
}

function verdictAction(verdict: DumpedVerdict | undefined): FilterRule["action"] {
  switch (verdict?.code) {
    case NF_DROP:
      return "drop";
    case NF_ACCEPT:
      return "accept";
    case NFT_RETURN:
      return "return";
    case NFT_CONTINUE:
      return "next";
    case NFT_JUMP:
      return verdict.chain === null ? "unknown" : { jump: verdict.chain };
    default:
      return "unknown";
  }
}

/** Of iptables. */
function targetAction(name: string): FilterRule["action"] | null {
  if (HARMLESS_TARGETS.has(name)) return null;
  return name === "REJECT" ? "drop" : "unknown";
}

/** In host order. */
function indexOctets(index: number): Octet[] {
  const octets = new Uint8Array(4);
  viewOf(octets).setUint32(0, index, true);
  return [...octets];
}

function nameOctets(name: string): Octet[] {
  const octets = new Uint8Array(NAME_OCTETS);
  octets.set(new TextEncoder().encode(name).subarray(0, NAME_OCTETS - 1));
  return [...octets];
}

/** The known octets of the IP header. */
function networkHeader({ family, destination }: KnownAdvert): Octet[] {
  const to = [...(parseIp(destination) ?? [])];
  const unknown = (count: number) => new Array<Octet>(count).fill(null);
  return family === "ipv4"
    ? [0x45, ...unknown(8), VRRP_PROTOCOL, ...unknown(6), ...to]
    : [...unknown(6), VRRP_PROTOCOL, ...unknown(17), ...to];
}
