/**
 * Two configurations of a pair compared: what keeps the two nodes from being a pair, what else differs, and what is to
 * differ.
 *
 * @module
 */

import { AGREED_KEYS, mustDifferInPriority } from "../vrrp/agreement.ts";
import type { EffectiveConfig, NamedWords, Words } from "./effective.ts";

/**
 * `breaks`: with it the nodes are no pair, or do not fail over as they are to. `expected`: each node has its own.
 * Everything else `differs`, which may be on purpose.
 */
export type DifferenceKind = "breaks" | "differs" | "expected";

export interface PairDifference {
  readonly kind: DifferenceKind;
  readonly section: keyof EffectiveConfig;
  /** The name within the section; empty for the node's own settings. */
  readonly name: string;
  /** Empty if one node lacks all of it. */
  readonly key: string;
  /** `null` if this node has no such thing. */
  readonly here: string | null;
  readonly there: string | null;
}

const BREAKS: Readonly<Partial<Record<keyof EffectiveConfig, ReadonlySet<string>>>> = {
  instances: new Set([...Object.keys(AGREED_KEYS), ""]),
  sync_groups: new Set(["instances", ""]),
};
const EXPECTED: Readonly<Partial<Record<keyof EffectiveConfig, ReadonlySet<string>>>> = {
  settings: new Set(["node", "listen", "api.hosts"]),
  instances: new Set(["priority", "interface", "source_address", "unicast.peers"]),
  peers: new Set(["url", ""]),
};
const SECTIONS = [
  ...["interfaces", "checks", "instances", "sync_groups", "notify", "peers"] as const,
];

/** All differences, in the order of the file. */
export function pairDifferences(here: EffectiveConfig, other: EffectiveConfig): PairDifference[] {
  const there = { ...other, instances: namedAlike(here.instances, other.instances) };
  return [
    ...wordDifferences({ section: "settings", name: "" }, here.settings, there.settings),
    ...sameNodes(here, there),
    ...SECTIONS.flatMap((section) => sectionDifferences(section, here[section], there[section])),
    ...Object.entries(here.instances).flatMap(([name, own]) =>
      samePriority(name, own, there.instances[name])
    ),
  ];
}

/** The instances of the other node under this node's names: one virtual router may have two names. */
function namedAlike(here: NamedWords, there: NamedWords): NamedWords {
  return Object.fromEntries(
    Object.entries(there).map(([name, words]) => {
      const own = Object.hasOwn(here, name)
        ? undefined
        : Object.entries(here).find(([, mine]) =>
          mine.vrid === words.vrid && sharesAddress(mine, words)
        );
      return [own !== undefined && !Object.hasOwn(there, own[0]) ? own[0] : name, words];
    }),
  );
}

function sharesAddress(here: Words, there: Words): boolean {
  const [own, other] = [here.addresses ?? [], there.addresses ?? []];
  return [...own].some((address) => other.includes(address));
}

type Place = Pick<PairDifference, "section" | "name">;

function sectionDifferences(
  section: Exclude<keyof EffectiveConfig, "settings">,
  here: NamedWords,
  there: NamedWords,
): PairDifference[] {
  const names = new Set([...Object.keys(here), ...Object.keys(there)]);
  return Array.from(names).flatMap((name): PairDifference[] => {
    const place = { section, name };
    const [own, other] = [here[name], there[name]];
    if (own && other) return wordDifferences(place, own, other);
    const has = (words: Words | undefined) => words === undefined ? null : "configured";
    return [{ kind: kindOf(place, ""), ...place, key: "", here: has(own), there: has(other) }];
  });
}

function wordDifferences(place: Place, here: Words, there: Words): PairDifference[] {
  const keys = new Set([...Object.keys(here), ...Object.keys(there)]);
  return Array.from(keys).flatMap((key): PairDifference[] => {
    const [own, other] = [textAt(here, key), textAt(there, key)];
    if (own === other) return [];
    return [{ kind: kindOf(place, key), ...place, key, here: own, there: other }];
  });
}

function kindOf({ section }: Place, key: string): DifferenceKind {
  if (BREAKS[section]?.has(key)) return "breaks";
  return EXPECTED[section]?.has(key) ? "expected" : "differs";
}

/** Lists without regard to their order, which makes no difference to a pair. */
function textAt(words: Words, key: string): string | null {
  if (!Object.hasOwn(words, key)) return null;
  const value = words[key]!;
  return typeof value === "string" ? value : [...value].sort().join(" ");
}

/** Nobody can distinguish two nodes of one name. */
function sameNodes(here: EffectiveConfig, there: EffectiveConfig): PairDifference[] {
  return sameValue({ section: "settings", name: "" }, "node", here.settings, there.settings);
}

function samePriority(name: string, here: Words, there: Words | undefined): PairDifference[] {
  if (there === undefined || !mustDifferInPriority(here.preempt !== "false")) return [];
  return sameValue({ section: "instances", name }, "priority", here, there);
}

function sameValue(place: Place, key: string, here: Words, there: Words): PairDifference[] {
  const [own, other] = [textAt(here, key), textAt(there, key)];
  if (own === null || own !== other) return [];
  return [{ kind: "breaks", ...place, key, here: own, there: other }];
}

/** `instance VI_1: vrid: 55 here, 56 on lb02`; `elsewhere`: `on lb02`, or `in lb02.yaml`. */
export function differenceLine(
  { section, name, key, here, there }: PairDifference,
  elsewhere: string,
): string {
  const subject = [SUBJECTS[section], name].filter((part) => part !== "").join(" ");
  const head = [subject, key].filter((part) => part !== "").map((part) => `${part}: `).join("");
  if (here !== null && here === there) return `${head}${here} on both nodes`;
  return `${head}${here ?? "none"} here, ${there ?? "none"} ${elsewhere}`;
}

/** The words for an entry of the section; empty for the node itself. */
export const SUBJECTS: Readonly<Record<keyof EffectiveConfig, string>> = {
  settings: "",
  interfaces: "interface",
  checks: "check",
  instances: "instance",
  sync_groups: "sync group",
  notify: "notify",
  peers: "peer",
};
