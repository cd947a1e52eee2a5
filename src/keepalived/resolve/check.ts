/**
 * From scripts, tracked processes and tracked files to `checks`.
 *
 * @module
 */

import { formatDuration } from "../../config/values/durations.ts";
import { quote } from "../../config/values/result.ts";
import type { InstanceEntries } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import { reportRenamed, SECOND_OF_NAME, vipdName } from "../keywords/values.ts";
import type { CheckProbe, PartialCheck, PartialImport, PartialTrack } from "../partial.ts";

/** One entry of `checks`, as vipd's configuration writes it. */
export type CheckData = CheckProbe & {
  readonly interval: string;
  readonly timeout: string;
  readonly rise: number;
  readonly fall: number;
  readonly grace?: string;
};

/** A check with its name in vipd. */
export interface NamedCheck {
  readonly name: string;
  readonly partial: PartialCheck;
}

/** A check that is written. */
export interface WrittenCheck extends NamedCheck {
  readonly data: CheckData;
}

/** keepalived's defaults (keepalived.conf(5), "VRRP script(s)"). */
const DEFAULT_SCRIPT_INTERVAL_S = 1;
const DEFAULT_COUNT = 1;

/** Checks by {@link blockKey}: a script and a process may share a name in the source, checks may not. */
export type NamedChecks = ReadonlyMap<string, NamedCheck>;

/** The key of a block among the checks: a track names its kind and its name. */
export function blockKey({ kind, name }: Pick<PartialTrack, "kind" | "name">): string {
  return `${kind} ${name}`;
}

/** The checks that can be written. */
export function resolveChecks(
  { checks: partials }: PartialImport,
  report: Report,
): NamedChecks {
  const checks = new Map<string, NamedCheck>();
  /** Name -> how many checks wanted it. */
  const names = new Map<string, number>();
  for (const partial of partials) {
    const { statement, probe } = partial;
    if (!probe) {
      if (partial.unusable) continue;
      const message = `its \`${partial.kind}\` is missing, so there is no such check`;
      report.add("ignored", statement, message, "add it, or remove the block");
      continue;
    }
    if (checks.has(blockKey(partial))) {
      report.leaveOut("ignored", statement, ...SECOND_OF_NAME);
      continue;
    }
    const wanted = vipdName(partial.name);
    let name = wanted;
    let count = names.get(wanted) ?? 1;
    while (names.has(name)) name = `${wanted}-${++count}`;
    names.set(wanted, count).set(name, 1);
    reportRenamed(statement, partial.name, name, report);
    if (partial.userStatement && probe.type !== "exec") {
      const message = `a check of type ${probe.type} starts no program`;
      report.add("carried_differently", partial.userStatement, message, NOTHING_TO_DO);
    }
    checks.set(blockKey(partial), { name, partial });
  }
  return checks;
}

/** The checks that an instance tracks. keepalived runs no others. */
export function trackedChecks(
  { checks: partials, instances: tracking, groups, scriptUser }: PartialImport,
  checks: NamedChecks,
  instances: readonly InstanceEntries[],
  report: Report,
): WrittenCheck[] {
  const tracked = new Set(
    instances.flatMap(({ track }) =>
      [track ?? []].flat().map(({ value }) => (value as { readonly check?: string }).check)
    ),
  );
  const named = new Set([...tracking, ...groups].flatMap(({ tracks }) => tracks.map(blockKey)));
  const entries = [...tracking, ...groups].flatMap(({ tracks }) => tracks);
  for (const { partial, name } of checks.values()) {
    if (tracked.has(name)) reportUnusedWeight(partial, entries, report);
  }
  for (const partial of partials) {
    if (!partial.probe && !named.has(blockKey(partial))) leaveOutUntracked(partial, report);
  }
  return checks.values().toArray().flatMap(({ name, partial }) => {
    if (tracked.has(name)) return [{ name, data: dataOf(partial, scriptUser), partial }];
    leaveOutUntracked(partial, report);
    return [];
  });
}

function reportUnusedWeight(
  partial: PartialCheck,
  entries: readonly PartialTrack[],
  report: Report,
): void {
  const { weightStatement } = partial;
  if (!weightStatement) return;
  const own = entries.filter((entry) => blockKey(entry) === blockKey(partial));
  if (own.some(({ weight }) => weight === null)) return;
  const message = "each entry that tracks it has a weight of its own";
  report.add("ignored", weightStatement, message, NOTHING_TO_DO);
}

function dataOf(partial: PartialCheck, scriptUser: string | undefined): CheckData {
  const probe = partial.probe!;
  const user = probe.type === "exec" ? partial.user ?? scriptUser ?? "root" : "root";
  // Omits root, because vipd runs programs as its own user by default, and cannot run them as root if it is not root.
  const runAs = user === "root" ? {} : { user };
  return { ...probe, ...runAs, ...timing(partial) };
}

function leaveOutUntracked({ kind, name, statement }: PartialCheck, report: Report): void {
  report.leaveOut(
    "ignored",
    statement,
    `nothing tracks ${quote(name)}, so it is not run, as in keepalived`,
    `name it in \`track_${kind}\` of a vrrp_instance below it, or remove it`,
  );
}

function timing(partial: PartialCheck): Omit<CheckData, keyof CheckProbe> {
  const { probe, rise, fall, graceS } = partial;
  // vipd notices a process's end at once; the interval is for its return.
  const intervalS = partial.intervalS?.value ?? DEFAULT_SCRIPT_INTERVAL_S;
  const timeoutS = Math.min(
    partial.timeoutS?.value ?? intervalS,
    probe?.type === "exec" ? Infinity : partial.probeTimeoutS ?? Infinity,
  );
  return {
    interval: seconds(intervalS),
    timeout: seconds(timeoutS),
    rise: rise?.value ?? DEFAULT_COUNT,
    // A file is empty for a moment while it is being written.
    fall: fall?.value ?? (probe?.type === "file" ? 2 : DEFAULT_COUNT),
    ...(graceS && graceS.value > 0 && { grace: seconds(graceS.value) }),
  };
}

/** At least 10 ms, vipd's shortest duration. */
function seconds(value: number): string {
  return formatDuration(Math.max(10, Math.round(value * 1000)));
}
