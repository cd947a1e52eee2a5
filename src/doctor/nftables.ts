/**
 * The output of `nft -j list ruleset`, libnftables-json(5).
 *
 * @module
 */

import { addressMatches } from "./iptables.ts";
import {
  type Advert,
  type FilterChain,
  type FilterJudgement,
  type FilterRule,
  follow,
  judgementOf,
  type Match,
  nftAllowing,
  VRRP_NAMES,
} from "../firewall/packet_filter.ts";

interface Item {
  readonly chain?: {
    readonly family: string;
    readonly table: string;
    readonly name: string;
    readonly hook?: string;
    readonly policy?: string;
    /** Of chains of the family `netdev`. */
    readonly dev?: string | readonly string[];
  };
  readonly rule?: {
    readonly family: string;
    readonly table: string;
    readonly chain: string;
    readonly handle?: number;
    readonly expr: readonly Readonly<Record<string, unknown>>[];
  };
}

/** vipd's own tables block packets to virtual addresses, never adverts. */
const OWN_TABLES = /^vipd_/;
/** Statements that decide nothing. */
const HARMLESS = new Set(["counter", "log", "comment"]);

/** The hooks that the advert passes, nft(8). */
const HOOKS = {
  in: new Set(["ingress", "prerouting", "input"]),
  out: new Set(["output", "postrouting", "egress"]),
} as const;

/** The verdict of the chains on the advert's way. */
export function judgeNftables(json: string, advert: Advert): FilterJudgement {
  const items = readItems(json);
  if (!items) return { verdict: "unknown", drops: [] };
  const families = [advert.family === "ipv4" ? "ip" : "ip6", "inet", "netdev"];
  const tables = new Map<string, Map<string, { rules: FilterRule[]; policy: "accept" | "drop" }>>();
  const hooked: [string, string][] = [];
  for (const { chain, rule } of items) {
    const place = chain ?? rule;
    if (!place || !families.includes(place.family) || OWN_TABLES.test(place.table)) continue;
    const key = `${place.family} ${place.table}`;
    const chains = tables.get(key) ?? new Map();
    tables.set(key, chains);
    if (chain) {
      chains.set(chain.name, { rules: [], policy: chain.policy === "drop" ? "drop" : "accept" });
      if (isOnTheWay(chain, advert)) hooked.push([key, chain.name]);
    }
    if (rule) {
      const place = `chain ${rule.chain}, rule with handle ${rule.handle ?? "?"}`;
      chains.get(rule.chain)?.rules.push(readRule(rule.expr, advert, place));
    }
  }
  return judgementOf(hooked.map(([key, name]) => {
    const { verdict, rule } = follow(tables.get(key)! as ReadonlyMap<string, FilterChain>, name);
    const place = `nft, table ${key}, ${rule?.place ?? `policy of chain ${name}`}`;
    return { verdict, drop: { place, command: nftAllowing(`${key} ${name}`, advert) } };
  }));
}

function isOnTheWay({ hook = "", dev }: NonNullable<Item["chain"]>, advert: Advert): boolean {
  if (!HOOKS[advert.direction].has(hook)) return false;
  return dev === undefined || [dev].flat().includes(advert.interface);
}

function readItems(json: string): Item[] | null {
  try {
    const { nftables } = JSON.parse(json) as { nftables?: Item[] };
    return Array.isArray(nftables) ? nftables : null;
  } catch {
    return null;
  }
}

function readRule(
  expressions: readonly Readonly<Record<string, unknown>>[],
  advert: Advert,
  place: string,
): FilterRule {
  const matches: Match[] = [];
  for (const expression of expressions) {
    const [kind, value] = Object.entries(expression)[0] ?? ["", null];
    if (kind === "match") matches.push(readMatch(value as MatchExpression, advert));
    else if (kind === "limit") matches.push(null);
    else if (kind === "accept") return { matches, action: "accept", place };
    else if (kind === "drop" || kind === "reject") return { matches, action: "drop", place };
    else if (kind === "return") return { matches, action: "return", place };
    else if (kind === "jump") {
      return { matches, action: { jump: (value as { target: string }).target }, place };
    } else if (!HARMLESS.has(kind)) {
      return { matches: [...matches, null], action: "unknown", place };
    }
  }
  return { matches, action: "next", place };
}

interface MatchExpression {
  readonly op: string;
  readonly left: {
    readonly meta?: { readonly key: string };
    readonly payload?: { readonly field?: string };
    readonly ct?: { readonly key: string };
  };
  readonly right: unknown;
}

function readMatch({ op, left, right }: MatchExpression, advert: Advert): Match {
  const holds = (test: (value: unknown) => Match): Match => {
    const values = valuesOf(right);
    const results = values.map(test);
    const any = results.includes(true) ? true : results.includes(null) ? null : false;
    if (op === "==" || op === "in") return any;
    return op === "!=" && any !== null ? !any : null;
  };
  const field = left.meta?.key ?? left.payload?.field ?? (left.ct && `ct ${left.ct.key}`);
  switch (field) {
    case "l4proto":
    case "protocol":
    case "nexthdr":
      return left.meta?.key === "protocol" ? null : holds((value) => VRRP_NAMES.has(String(value)));
    case "nfproto":
      return holds((value) => value === advert.family);
    case "iifname":
    case "iif":
    case "oifname":
    case "oif":
      if (field.startsWith("i") !== (advert.direction === "in")) return op === "!=";
      return holds((value) =>
        typeof value !== "string"
          ? null
          : value.endsWith("*")
          ? advert.interface.startsWith(value.slice(0, -1))
          : value === advert.interface
      );
    case "daddr":
      return holds((value) => addressMatches(addressText(value), advert.destination));
    // Only TCP and UDP have ports.
    case "dport":
    case "sport":
      return false;
    // Adverts flow in one direction, so they never establish a connection.
    case "ct state":
      return holds((value) => value === "new");
    default:
      return null;
  }
}

function valuesOf(right: unknown): readonly unknown[] {
  if (Array.isArray(right)) return right;
  const { set } = Object(right) as { set?: unknown };
  return Array.isArray(set) ? set : [right];
}

function addressText(value: unknown): string {
  if (typeof value === "object" && value !== null && "prefix" in value) {
    const { addr, len } = value.prefix as { addr: string; len: number };
    return `${addr}/${len}`;
  }
  return typeof value === "string" ? value : "";
}
