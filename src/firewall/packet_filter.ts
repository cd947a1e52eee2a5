/**
 * How a packet filter treats adverts. vipd follows the rules, as the kernel, nft(8) or iptables(8) lists them, for one
 * imagined packet. A rule that vipd does not understand makes the answer `unknown`, never a guess.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";

/** An advert that arrives or leaves. */
export interface Advert {
  readonly direction: "in" | "out";
  readonly interface: string;
  readonly family: "ipv4" | "ipv6";
  /** The group; if adverts are unicast, this node or the peer. */
  readonly destination: IpAddress;
  /** It leaves as a whole frame, through a packet socket: only egress chains see it. */
  readonly framed?: true;
}

export type FilterVerdict = "accept" | "drop" | "unknown";

/** A place that drops the advert, and the command that lets it pass there. */
export interface FilterDrop {
  /** Table, chain, and rule or policy, for a person. */
  readonly place: string;
  readonly command: string;
}

/** The verdict of a packet filter: `drop` with each place that does, because one is enough. */
export interface FilterJudgement {
  readonly verdict: FilterVerdict;
  readonly drops: readonly FilterDrop[];
}

/** The verdict of one chain that the kernel calls. */
export interface ChainDecision {
  readonly verdict: FilterVerdict;
  /** The rule that decided; `null`: the chain's policy, or several may have. */
  readonly rule: FilterRule | null;
}

/** All chains count that the kernel calls on the way. */
export function judgementOf(
  decisions: readonly { readonly verdict: FilterVerdict; readonly drop: FilterDrop }[],
): FilterJudgement {
  const drops = decisions.filter(({ verdict }) => verdict === "drop").map(({ drop }) => drop);
  if (drops.length > 0) return { verdict: "drop", drops };
  const unknown = decisions.some(({ verdict }) => verdict === "unknown");
  return { verdict: unknown ? "unknown" : "accept", drops };
}

/** Whether a condition holds for the advert. `null`: vipd cannot say. */
export type Match = boolean | null;

/** One rule: its conditions, and its action if all of them hold. */
export interface FilterRule {
  readonly matches: readonly Match[];
  /** `next`: nothing; `return`: the walk continues in the chain that jumped here. */
  readonly action: FilterVerdict | "next" | "return" | { readonly jump: string };
  /** Its place, for a person: `chain input, rule with handle 5`. */
  readonly place: string;
}

export interface FilterChain {
  readonly rules: readonly FilterRule[];
  /** The verdict at the end of a chain that the kernel calls. */
  readonly policy: "accept" | "drop";
}

/** vipd does not follow chains that nest deeper; the kernel allows 16. */
const MAX_DEPTH = 16;

/** Follows the advert from the beginning of a chain that the kernel calls. */
export function follow(chains: ReadonlyMap<string, FilterChain>, name: string): ChainDecision {
  const chain = chains.get(name);
  if (!chain) return UNKNOWN;
  const { verdict, rule } = walk(chains, chain, 0);
  return verdict === "return" ? { verdict: chain.policy, rule: null } : { verdict, rule };
}

const UNKNOWN = { verdict: "unknown", rule: null } as const;

interface Walked {
  readonly verdict: FilterVerdict | "return";
  readonly rule: FilterRule | null;
}

function walk(
  chains: ReadonlyMap<string, FilterChain>,
  chain: FilterChain,
  depth: number,
): Walked {
  if (depth > MAX_DEPTH) return UNKNOWN;
  // After a rule that may or may not have decided, only a later one with the same verdict removes the doubt.
  const possible = new Set<FilterVerdict | "return">();
  for (const rule of chain.rules) {
    const { matches, action } = rule;
    if (matches.includes(false) || action === "next") continue;
    const certain = !matches.includes(null);
    const inner = typeof action === "object" ? chains.get(action.jump) : undefined;
    if (typeof action === "object" && !inner) return UNKNOWN;
    const decided = inner
      ? walk(chains, inner, depth + 1)
      : { verdict: action as FilterVerdict | "return", rule };
    if (inner && decided.verdict === "return") continue;
    possible.add(decided.verdict);
    if (certain) return possible.size === 1 ? decided : UNKNOWN;
  }
  if (possible.size === 0) return { verdict: "return", rule: null };
  const end: FilterVerdict | "return" = depth === 0 ? chain.policy : "return";
  return possible.has(end) && possible.size === 1 ? { verdict: end, rule: null } : UNKNOWN;
}

/** The names that protocol 112 has in rules. */
export const VRRP_NAMES: ReadonlySet<string> = new Set(["112", "vrrp", "carp"]);

/**
 * The command of nft that lets the advert pass, first in the chain that the kernel calls: what comes before the rule that
 * drops it.
 *
 * @param chain family, table and chain, as nft writes them
 */
export function nftAllowing(chain: string, advert: Advert): string {
  const { direction, interface: name, family, destination } = advert;
  const ip = family === "ipv4" ? "ip" : "ip6";
  // A chain of one device needs no name, and knows none of the way out.
  const where = chain.startsWith("netdev ")
    ? ""
    : `${direction === "in" ? "iif" : "oif"}name ${name} `;
  return `nft insert rule ${chain} ${where}${ip} daddr ${destination} meta l4proto 112 accept`;
}

/** The same for `program`, one of iptables. */
export function iptablesAllowing(
  program: string,
  table: string,
  chain: string,
  advert: Advert,
): string {
  const option = advert.direction === "in" ? "-i" : "-o";
  const where = table === "filter" ? "" : `-t ${table} `;
  return `${program} ${where}-I ${chain} ${option} ${advert.interface} -d ${advert.destination} ` +
    "-p 112 -j ACCEPT";
}
