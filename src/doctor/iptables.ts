/**
 * The text of `iptables-save` and `ip6tables-save`.
 *
 * @module
 */

import { familyOf, parseIp } from "../wire/address.ts";
import {
  type Advert,
  type FilterChain,
  type FilterJudgement,
  type FilterRule,
  follow,
  iptablesAllowing,
  judgementOf,
  type Match,
  VRRP_NAMES,
} from "../firewall/packet_filter.ts";

const TARGETS: Readonly<Record<string, FilterRule["action"]>> = {
  ACCEPT: "accept",
  DROP: "drop",
  REJECT: "drop",
  RETURN: "return",
  LOG: "next",
  NFLOG: "next",
};

/** The chains of each table that see the advert, iptables(8). Those of `nat` cannot drop. */
const CALLED = {
  in: { raw: ["PREROUTING"], mangle: ["PREROUTING", "INPUT"], filter: ["INPUT"] },
  out: { raw: ["OUTPUT"], mangle: ["OUTPUT", "POSTROUTING"], filter: ["OUTPUT"] },
} as const;

/** The verdict of all tables on the advert; `program` changes them. */
export function judgeIptables(text: string, advert: Advert, program: string): FilterJudgement {
  const tables = readTables(text, advert);
  const called: Readonly<Record<string, readonly string[]>> = CALLED[advert.direction];
  const decisions = Object.entries(called).flatMap(([table, names]) => {
    const chains = tables.get(table) ?? new Map<string, FilterChain>();
    return names.filter((name) => chains.has(name)).map((name) => {
      const { verdict, rule } = follow(chains, name);
      const place = `${program}, table ${table}, ${rule?.place ?? `policy of chain ${name}`}`;
      return { verdict, drop: { place, command: iptablesAllowing(program, table, name, advert) } };
    });
  });
  return judgementOf(decisions);
}

function readTables(text: string, advert: Advert): Map<string, Map<string, FilterChain>> {
  const tables = new Map<string, Map<string, FilterChain & { rules: FilterRule[] }>>();
  let chains = new Map<string, FilterChain & { rules: FilterRule[] }>();
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) {
      chains = new Map();
      tables.set(line.slice(1).trim(), chains);
    }
    const chain = /^:(\S+) (\S+)/.exec(line);
    if (chain) {
      chains.set(chain[1]!, { rules: [], policy: chain[2] === "DROP" ? "drop" : "accept" });
    }
    const [, name = "", rule = ""] = /^-A (\S+)(?: (.*))?$/.exec(line) ?? [];
    const known = chains.get(name);
    known?.rules.push(readRule(rule, advert, `chain ${name}, rule ${known.rules.length + 1}`));
  }
  return tables;
}

function readRule(text: string, advert: Advert, place: string): FilterRule {
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
    else if (word === "-i" || word === "-o") {
      const passes = word === (advert.direction === "in" ? "-i" : "-o");
      say(passes && interfaceMatches(value, advert.interface));
    } else if (word === "-d") say(addressMatches(value, advert.destination));
    else if (word === "-m" && ["comment", "conntrack", "state"].includes(value)) at++;
    else if (word === "--comment") at++;
    // Adverts flow in one direction, so they never establish a connection.
    else if (word === "--ctstate" || word === "--state") say(/\bNEW\b/.test(value));
    else if (word === "-j") {
      action = TARGETS[value] ?? { jump: value };
      // The rest belongs to the target.
      break;
    } else if (word === "-g") {
      // A goto does not return to this chain. vipd does not follow it, because nobody is known to use it for VRRP.
      return { matches: [...matches, null], action: "unknown", place };
    } else {
      matches.push(null);
    }
  }
  return { matches, action, place };
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
