/**
 * The text of `iptables-save` and `ip6tables-save`.
 *
 * @module
 */

import { familyOf, parseIp } from "../wire/address.ts";
import {
  type Advert,
  type FilterChain,
  type FilterRule,
  type FilterVerdict,
  follow,
  type Match,
  VRRP_NAMES,
} from "./packet_filter.ts";

const TARGETS: Readonly<Record<string, FilterRule["action"]>> = {
  ACCEPT: "accept",
  DROP: "drop",
  REJECT: "drop",
  RETURN: "return",
  LOG: "next",
  NFLOG: "next",
};

/** The filter table's verdict on the advert. */
export function iptablesVerdict(text: string, advert: Advert): FilterVerdict {
  const policies = new Map<string, "accept" | "drop">();
  const rules = new Map<string, FilterRule[]>();
  let table = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1).trim();
    if (table !== "filter") continue;
    const chain = /^:(\S+) (\S+)/.exec(line);
    if (chain) {
      policies.set(chain[1]!, chain[2] === "DROP" ? "drop" : "accept");
      rules.set(chain[1]!, []);
    }
    const rule = /^-A (\S+)(?: (.*))?$/.exec(line);
    if (rule) rules.get(rule[1]!)?.push(readRule(rule[2] ?? "", advert));
  }
  if (!rules.has("INPUT")) return "accept";
  const chains = new Map<string, FilterChain>(
    Array.from(rules, ([name, list]) => [name, { rules: list, policy: policies.get(name)! }]),
  );
  return follow(chains, "INPUT");
}

function readRule(text: string, advert: Advert): FilterRule {
  const words = text.match(/"[^"]*"|\S+/g) ?? [];
  const matches: Match[] = [];
  let action: FilterRule["action"] = "next";
  let negated = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const value = words[at + 1] ?? "";
    const say = (holds: Match) => {
      matches.push(holds === null ? null : holds !== negated);
      negated = false;
      at++;
    };
    if (word === "!") negated = true;
    else if (word === "-p") say(VRRP_NAMES.has(value) || value === "all");
    else if (word === "-i") say(interfaceMatches(value, advert.interface));
    else if (word === "-d") say(addressMatches(value, advert.destination));
    else if (word === "-m" && ["comment", "conntrack", "state"].includes(value)) at++;
    else if (word === "--comment") at++;
    // Adverts flow in one direction, so they never establish a connection.
    else if (word === "--ctstate" || word === "--state") say(/\bNEW\b/.test(value));
    else if (word === "-j") {
      action = TARGETS[value] ?? { jump: value };
      at++;
      // The rest belongs to the target.
      break;
    } else if (word === "-g") {
      // A goto does not return to this chain. vipd does not follow it, because nobody is known to use it for VRRP.
      return { matches: [...matches, null], action: "unknown" };
    } else {
      matches.push(null);
    }
  }
  return { matches, action };
}

function interfaceMatches(pattern: string, name: string): boolean {
  return pattern.endsWith("+") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** `224.0.0.18/32`, `224.0.0.0/4`. */
export function addressMatches(network: string, address: string): Match {
  const [base = "", lengthText] = network.split("/");
  const wanted = parseIp(base);
  const octets = parseIp(address);
  if (!wanted || !octets) return null;
  if (familyOf(base) !== familyOf(address)) return false;
  const length = lengthText === undefined ? 8 * wanted.length : Number(lengthText);
  if (!Number.isInteger(length)) return null;
  return octets.every((octet, at) => {
    const bits = Math.min(8, Math.max(0, length - 8 * at));
    const mask = 0xff & (0xff << (8 - bits));
    return (octet & mask) === (wanted[at]! & mask);
  });
}
