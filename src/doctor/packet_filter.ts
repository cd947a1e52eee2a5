/**
 * How a packet filter treats the adverts of the other node. vipd follows `nft -j list ruleset` and `iptables-save` for
 * one imagined packet. A rule that vipd does not understand makes the answer `unknown`, never a guess.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";

/** An advert that arrives. */
export interface Advert {
  readonly interface: string;
  readonly family: "ipv4" | "ipv6";
  /** The group, or this node if adverts are unicast. */
  readonly destination: IpAddress;
}

export type FilterVerdict = "accept" | "drop" | "unknown";

/** Whether a condition holds for the advert. `null`: vipd cannot say. */
export type Match = boolean | null;

/** One rule: its conditions, and its action if all of them hold. */
export interface FilterRule {
  readonly matches: readonly Match[];
  /** `next`: nothing; `return`: the walk continues in the chain that jumped here. */
  readonly action: FilterVerdict | "next" | "return" | { readonly jump: string };
}

export interface FilterChain {
  readonly rules: readonly FilterRule[];
  /** The verdict at the end of a chain that the kernel calls. */
  readonly policy: "accept" | "drop";
}

/** vipd does not follow chains that nest deeper; the kernel allows 16. */
const MAX_DEPTH = 16;

/** Follows the advert from the beginning of a chain that the kernel calls. */
export function follow(chains: ReadonlyMap<string, FilterChain>, name: string): FilterVerdict {
  const chain = chains.get(name);
  if (!chain) return "unknown";
  const verdict = walk(chains, chain, 0);
  return verdict === "return" ? chain.policy : verdict;
}

function walk(
  chains: ReadonlyMap<string, FilterChain>,
  chain: FilterChain,
  depth: number,
): FilterVerdict | "return" {
  if (depth > MAX_DEPTH) return "unknown";
  // After a rule that may or may not have decided, only a later one with the same verdict removes the doubt.
  const possible = new Set<FilterVerdict | "return">();
  for (const { matches, action } of chain.rules) {
    if (matches.includes(false) || action === "next") continue;
    const certain = !matches.includes(null);
    const inner = typeof action === "object" ? chains.get(action.jump) : undefined;
    if (typeof action === "object" && !inner) return "unknown";
    const verdict = inner ? walk(chains, inner, depth + 1) : action as FilterVerdict | "return";
    if (inner && verdict === "return") continue;
    possible.add(verdict);
    if (certain) return possible.size === 1 ? verdict : "unknown";
  }
  if (possible.size === 0) return "return";
  const end: FilterVerdict | "return" = depth === 0 ? chain.policy : "return";
  return possible.has(end) && possible.size === 1 ? end : "unknown";
}

/** The names that protocol 112 has in rules. */
export const VRRP_NAMES: ReadonlySet<string> = new Set(["112", "vrrp", "carp"]);
