/**
 * The places of nf_tables that drop an advert, as the kernel itself lists its rules: those of nft(8) and those of the
 * iptables(8) that uses nf_tables. The legacy rules of iptables are not there.
 *
 * @module
 */

import type { NftTable } from "../wire/nftables/nft.ts";
import type { DumpedChain, DumpedElement, DumpedRule } from "../wire/nftables/nft_dump.ts";
import { type KnownAdvert, machineRule } from "./nft_machine.ts";
import {
  type FilterChain,
  type FilterDrop,
  type FilterRule,
  follow,
  iptablesAllowing,
  judgementOf,
  nftAllowing,
} from "./packet_filter.ts";

/** The kernel's lists; each is `null` if it is longer than may be read, or refused. */
export interface NftLists {
  dormantTables(): readonly NftTable[] | null;
  chains(): readonly DumpedChain[] | null;
  rules(table: NftTable, chain: string): readonly DumpedRule[] | null;
  elements(table: NftTable, set: string): readonly DumpedElement[] | null;
}

/** NFPROTO_* by nft's names. */
const FAMILIES: ReadonlyMap<number, string> = new Map([
  [1, "inet"],
  [2, "ip"],
  [5, "netdev"],
  [10, "ip6"],
]);
const NETDEV = 5;

/** The hooks on an advert's way: NF_INET_*, and NF_NETDEV_*. */
const HOOKS = {
  in: { inet: [0, 1, 5], netdev: [0] },
  out: { inet: [3, 4], netdev: [1] },
} as const;

/** vipd's own tables block packets to virtual addresses, never adverts. */
const OWN_TABLES = /^vipd(_|$)/;

/** The tables and chains that iptables makes. */
const IPTABLES = new Set(["raw", "mangle", "filter", "security"]);
const IPTABLES_CHAIN = /^(PREROUTING|INPUT|OUTPUT|POSTROUTING)$/;

/** All places that certainly drop it; none also if that is not known. */
export function nftDrops(advert: KnownAdvert, lists: NftLists): readonly FilterDrop[] {
  const chains = lists.chains();
  const dormant = lists.dormantTables();
  if (chains === null || dormant === null) return [];
  const sameTable = (a: NftTable, b: NftTable) => a.family === b.family && a.name === b.name;
  const relevant = chains.filter((chain) =>
    concerns(chain, advert) && !dormant.some((table) => sameTable(table, chain))
  );
  const decisions = relevant.filter((chain) => isOnTheWay(chain, advert)).map((chain) => {
    const known = new KnownChains(
      relevant.filter((other) => sameTable(other, chain)),
      advert,
      lists,
    );
    const { verdict, rule } = follow(known, chain.chain);
    return { verdict, drop: dropAt(chain, rule, advert) };
  });
  return judgementOf(decisions).drops;
}

function concerns({ family, name }: DumpedChain, advert: KnownAdvert): boolean {
  const own = advert.family === "ipv4" ? "ip" : "ip6";
  return [own, "inet", "netdev"].includes(FAMILIES.get(family) ?? "") && !OWN_TABLES.test(name);
}

function isOnTheWay(
  { family, hook, devices, type }: DumpedChain,
  { direction, interface: name, framed }: KnownAdvert,
): boolean {
  // Address translation drops nothing.
  if (hook === undefined || type === "nat") return false;
  if (framed && family !== NETDEV) return false;
  const hooks: readonly number[] = HOOKS[direction][family === NETDEV ? "netdev" : "inet"];
  return hooks.includes(hook) && (devices.length === 0 || devices.includes(name));
}

function dropAt(
  { family, name, chain }: DumpedChain,
  rule: FilterRule | null,
  advert: KnownAdvert,
): FilterDrop {
  const table = FAMILIES.get(family)!;
  if (table.startsWith("ip") && IPTABLES.has(name) && IPTABLES_CHAIN.test(chain)) {
    const program = table === "ip" ? "iptables" : "ip6tables";
    return {
      place: `${program}, table ${name}, ${rule?.place ?? `policy of chain ${chain}`}`,
      command: iptablesAllowing(program, name, chain, advert),
    };
  }
  return {
    place: `nft, table ${table} ${name}, ${rule?.place ?? `policy of chain ${chain}`}`,
    command: nftAllowing(`${table} ${name} ${chain}`, advert),
  };
}

/** The chains of one table, each read when the walk comes to it. */
class KnownChains extends Map<string, FilterChain> {
  readonly #unread: ReadonlyMap<string, DumpedChain>;
  readonly #advert: KnownAdvert;
  readonly #lists: NftLists;
  readonly #elements = new Map<string, readonly DumpedElement[] | null>();

  constructor(chains: readonly DumpedChain[], advert: KnownAdvert, lists: NftLists) {
    super();
    this.#unread = new Map(chains.map((chain) => [chain.chain, chain]));
    this.#advert = advert;
    this.#lists = lists;
  }

  override get(name: string): FilterChain | undefined {
    const known = super.get(name);
    const chain = this.#unread.get(name);
    if (known !== undefined || chain === undefined) return known;
    const rules = this.#lists.rules(chain, name);
    if (rules === null) return undefined;
    const read = {
      policy: chain.policy,
      rules: rules.map((rule) =>
        machineRule(
          rule,
          this.#advert,
          (set) => this.#elementsOf(chain, set),
          `chain ${name}, rule with handle ${rule.handle}`,
        )
      ),
    };
    this.set(name, read);
    return read;
  }

  #elementsOf(table: NftTable, set: string): readonly DumpedElement[] | null {
    const known = this.#elements.get(set);
    if (known !== undefined) return known;
    const read = this.#lists.elements(table, set);
    this.#elements.set(set, read);
    return read;
  }
}
