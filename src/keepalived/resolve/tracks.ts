/**
 * The objects that an instance tracks, including its sync groups' tracks.
 *
 * @module
 */

import { nearest } from "../../config/nearest.ts";
import { quote } from "../../config/values/result.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { Entry } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { Weight } from "../keywords/weight.ts";
import type { PartialImport, PartialInstance, PartialTrack } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { blockKey, type NamedChecks } from "./check.ts";

/** Weights with a smaller sum than this rarely span the distance between two priorities. */
const SMALL_WEIGHT = 10;
/** For a node above it, `vipd check` reports what its weights do not reach. */
const USUAL_PRIORITY = 100;

/** The entries of `track`. */
export function resolveTracks(
  partial: PartialInstance,
  all: PartialImport,
  checks: NamedChecks,
  priority: number,
  report: Report,
): Entry[] {
  const group = all.groups.find(({ members }) => members.includes(partial.name));
  const tracks = [...partial.tracks, ...group?.tracks ?? []];
  // The definition of the check reports why it cannot be used.
  const unusable = new Set(all.checks.filter(({ probe }) => !probe).map(blockKey));
  const seen = new Set<string>();
  const again = withoutFirst(partial.tracks).union(withoutFirst(group?.tracks ?? []));
  const entries = tracks.flatMap((track): TrackedEntry[] => {
    if (again.has(track)) {
      const message = `${quote(track.name)} stands above already; the first one counts`;
      report.add("ignored", track.statement, message, "keep one of the two");
      return [];
    }
    if (unusable.has(blockKey(track))) {
      report.markLine(track.statement);
      return [];
    }
    if (isOwnInterface(track, partial, report)) return [];
    const target = resolveTarget(track, checks, report);
    if (target === null) return [];
    const own = resolveWeight(track.weight ?? target.weight, track, priority, report);
    if (own === null) return [];
    const weight = group && !group.weights && own !== undefined
      ? weightInGroup(own, track, partial.name, report)
      : own;
    if (weight === null) return [];
    const way = JSON.stringify([target.key, target.name, weight === undefined]);
    if (seen.has(way)) {
      const message = `${quote(partial.name)} tracks ${
        quote(track.name)
      } already; the first one counts`;
      report.add("advice", track.statement, message, "keep one of the two");
      return [];
    }
    seen.add(way);
    const { reverse } = track.weight ?? target.weight;
    const value = {
      [target.key]: target.name,
      ...(weight === undefined ? {} : { weight }),
      ...(reverse ? { reverse } : {}),
    };
    return [{ value, statement: track.statement, weight, kind: track.kind }];
  });
  if (!partial.noPreempt) adviseOnWeights(entries, priority, report);
  return entries;
}

/** The entries whose object another one above has. */
function withoutFirst(tracks: readonly PartialTrack[]): Set<PartialTrack> {
  const first = new Map<string, PartialTrack>();
  for (const track of tracks) {
    const key = blockKey(track);
    if (!first.has(key)) first.set(key, track);
  }
  return new Set(tracks.filter((track) => first.get(blockKey(track)) !== track));
}

/** An instance watches its own interface anyway; keepalived ignores an entry for it, with its weight. */
function isOwnInterface(
  { kind, name, statement, weight }: PartialTrack,
  partial: PartialInstance,
  report: Report,
): boolean {
  if (kind !== "interface" || name !== partial.interface?.value) return false;
  report.add(
    "carried_differently",
    statement,
    `${quote(name)} is the instance's own interface, whose failure means fault` +
      (weight && weight.weight !== 0 ? "; its weight has no effect" : ""),
    NOTHING_TO_DO,
  );
  return true;
}

/**
 * The weight in a sync group without `sync_group_tracking_weight`, as keepalived takes it: an interface has none, scripts
 * and files that have one are not tracked, processes keep theirs. `null` if the entry is not tracked.
 */
function weightInGroup(
  weight: number,
  { kind, name, statement }: PartialTrack,
  instance: string,
  report: Report,
): number | undefined | null {
  const where = `${quote(instance)} is in a sync group without \`sync_group_tracking_weight\``;
  // A file's 1 is the default, so nobody chose it.
  const unweighted = kind === "interface" || (kind === "file" && weight === 1);
  if (kind === "process") {
    report.add(
      "carried_differently",
      statement,
      `${where}; the weight of a process counts there, in vipd for all members`,
      "remove the entry from `track` if it must not count",
    );
    return weight;
  }
  report.add(
    "carried_differently",
    statement,
    unweighted
      ? `${where}, so the weight of ${quote(name)} has no effect: its failure means fault`
      : `${where}, where ${quote(name)} is not tracked because of its weight`,
    unweighted
      ? "write `sync_group_tracking_weight` into the group if the weight must count"
      : "remove the weight, or write `sync_group_tracking_weight` into the group",
  );
  return unweighted ? undefined : null;
}

interface TrackedEntry extends Entry {
  readonly statement: Statement;
  readonly weight: number | undefined;
  readonly kind: PartialTrack["kind"];
}

/** Weights that rarely move the addresses, on a node for which `vipd check` does not report it. */
function adviseOnWeights(entries: readonly TrackedEntry[], priority: number, report: Report): void {
  const first = entries.find(({ weight }) => weight !== undefined);
  if (!first || priority > USUAL_PRIORITY) return;
  if (entries.some(({ kind }) => kind === "file")) return;
  const sum = entries.reduce((total, { weight = 0 }) => total + Math.abs(weight), 0);
  if (sum >= SMALL_WEIGHT) return;
  report.add(
    "advice",
    first.statement,
    `all weights together move the priority by ${sum}, so the addresses move only when the two nodes' ` +
      "priorities are less than that apart",
    "choose a weight larger than their distance, or none, so that a failure makes the other node master",
  );
}

interface Target {
  readonly key: "check" | "interface";
  readonly name: string;
  /** If the entry gives none. */
  readonly weight: Weight;
}

/** A file may name a thousand checks, and track a thousand that are not there. */
const MAX_MEANT = 64;

/** The block that defines each kind. */
const BLOCKS = {
  script: "vrrp_script",
  process: "vrrp_track_process",
  file: "track_file",
} as const;

function resolveTarget(
  { kind, name, statement }: PartialTrack,
  checks: NamedChecks,
  report: Report,
): Target | null {
  if (kind === "interface") {
    return { key: "interface", name, weight: { weight: 0, reverse: false } };
  }
  const found = checks.get(blockKey({ kind, name }));
  if (!found) {
    const ofKind = checks.values().filter(({ partial }) => partial.kind === kind);
    const meant = nearest(name, ofKind.take(MAX_MEANT).map(({ partial }) => partial.name));
    const block = BLOCKS[kind];
    report.add(
      "ignored",
      statement,
      `there is no ${block} ${quote(name)}, so nothing is tracked`,
      meant ? `did you mean ${meant}? correct it and import again` : `define ${block} ${name}`,
    );
    return null;
  }
  if (found.partial.statement.order > statement.order) {
    report.add(
      "ignored",
      statement,
      `${
        quote(name)
      } is defined further down, where keepalived does not look, so it is not tracked`,
      "to have it tracked, move its block above and import again",
    );
    return null;
  }
  return { key: "check", name: found.name, weight: found.partial.weight };
}

/** vipd's weight; undefined for none, `null` if the entry cannot be carried. */
function resolveWeight(
  { weight }: Weight,
  { name, statement }: PartialTrack,
  priority: number,
  report: Report,
): number | undefined | null {
  if (weight === 0) return undefined;
  if (priority === PRIORITY_OWNER) {
    report.add(
      "ignored",
      statement,
      `a weight does not move the priority ${PRIORITY_OWNER}, so ${quote(name)} is not tracked`,
      "choose a priority of 254 or less, or no weight",
    );
    return null;
  }
  return weight;
}
