/**
 * Entries of `virtual_ipaddress`: `ADDRESS[/LENGTH] [dev NAME] [label NAME] ...`.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { canonicalIp } from "../../wire/address.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { PartialAddress } from "../partial.ts";
import { describeLookalike } from "../syntax/lookalikes.ts";
import type { Statement } from "../syntax/statement.ts";

type OptionValues = Partial<Record<"device" | "label" | "scope" | "broadcast", string>>;

interface AddressOption {
  /** How many words follow the option. */
  readonly values: 0 | 1;
  /** Takes the value, or returns why it has no place: message and remedy. */
  apply(value: string, found: OptionValues, address: Cidr): readonly [string, string] | null;
}

/** The address that the options belong to, as the source writes it. */
interface Cidr {
  readonly ipv6: boolean;
  readonly prefixLength: number;
}

function take(key: keyof OptionValues): AddressOption {
  return {
    values: 1,
    apply(value, found) {
      found[key] = value;
      return null;
    },
  };
}

function lost(values: 0 | 1, message: string, remedy: string): AddressOption {
  return { values, apply: () => [message, remedy] };
}

const LABEL: AddressOption = {
  values: 1,
  apply(value, found, { ipv6 }) {
    if (ipv6) return ["an IPv6 address has no label, in keepalived neither", NOTHING_TO_DO];
    found.label = value;
    return null;
  },
};

const SCOPE: AddressOption = {
  values: 1,
  apply(value, found, { ipv6 }) {
    if (value === "global") return null;
    if (ipv6) return ["an IPv6 address has no scope of one's own choice", NOTHING_TO_DO];
    if (value !== "link" && value !== "host") {
      return [`vipd knows the scopes global, link and host, not ${quote(value)}`, NOTHING_TO_DO];
    }
    found.scope = value;
    return null;
  },
};

const BROADCAST: AddressOption = {
  values: 1,
  apply(value, found, { ipv6, prefixLength }) {
    if (ipv6) return ["an IPv6 address has no broadcast address", NOTHING_TO_DO];
    if (value === "-") {
      return ["vipd sets no network address as broadcast address", "write `brd +`"];
    }
    if (value === "+" && prefixLength > 30) {
      return [
        `a network /${prefixLength} has no broadcast address`,
        "write the network's length with the address",
      ];
    }
    found.broadcast = value === "+" ? "auto" : value;
    return null;
  },
};

/** The options that `ip address add` and keepalived know. */
export const ADDRESS_OPTIONS: Readonly<Record<string, AddressOption>> = {
  dev: take("device"),
  label: LABEL,
  brd: BROADCAST,
  broadcast: BROADCAST,
  scope: SCOPE,
  peer: lost(1, "vipd sets no peer address", "add the address outside of vipd if a peer is needed"),
  use_vmac: lost(
    0,
    "vipd has the virtual MAC address for all addresses of an instance or for none",
    "write `virtual_mac: true` if that is what is wanted",
  ),
  home: lost(0, "vipd sets no such flag", NOTHING_TO_DO),
  nodad: lost(0, "vipd decides on duplicate address detection itself", NOTHING_TO_DO),
  "-nodad": lost(0, "vipd decides on duplicate address detection itself", NOTHING_TO_DO),
  mngtmpaddr: lost(0, "vipd sets no such flag", NOTHING_TO_DO),
  noprefixroute: lost(
    0,
    "vipd sets no such flag",
    "give the address /32 if its route is not wanted",
  ),
  autojoin: lost(0, "vipd sets no such flag", NOTHING_TO_DO),
  no_track: lost(0, "vipd puts back an address that somebody removed", NOTHING_TO_DO),
  preferred_lft: lost(1, "vipd sets the lifetimes of its addresses itself", NOTHING_TO_DO),
  track_group: lost(1, "vipd tracks no static addresses", NOTHING_TO_DO),
};

/** Reads one entry. The configuration's own rules decide whether the address is valid. */
export function readVirtualAddress(
  statement: Statement,
  excluded: boolean,
  report: Report,
): PartialAddress {
  const { keyword, words } = statement;
  const found: OptionValues = {};
  const ipv6 = keyword.includes(":");
  const bits = ipv6 ? 128 : 32;
  const address = keyword.includes("/") ? keyword : `${keyword}/${bits}`;
  const cidr = { ipv6, prefixLength: Number(address.split("/")[1]) };
  const lookalike = describeLookalike(keyword);
  if (lookalike) report.add("advice", statement, `it has ${lookalike}`, "type it again");
  // Of a line that keepalived leaves out nothing else matters.
  if (canonicalIp(address.split("/")[0]!) === null) return { address, excluded, statement };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const option = Object.hasOwn(ADDRESS_OPTIONS, word) ? ADDRESS_OPTIONS[word]! : null;
    if (option === null) {
      const message = `${quote(word)} is no option of an address; it has no effect`;
      report.add("ignored", statement, message, "check its spelling; one address a line");
      continue;
    }
    const value = option.values === 1 ? words[++i] ?? "" : "";
    if (option.values === 1 && value === "") {
      report.add("not_carried", statement, `the value of ${word} is missing`, "add it");
      continue;
    }
    const loss = option.apply(value, found, cidr);
    if (loss) report.add("not_carried", statement, `${word}: ${loss[0]}`, loss[1]);
  }
  return { address, ...found, excluded, statement };
}
