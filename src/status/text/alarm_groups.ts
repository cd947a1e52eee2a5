/**
 * Alarms that say the same of several instances: one cause, shown once with all their names.
 *
 * The API has one for each instance, because programs look for an instance's own.
 *
 * @module
 */

import type { AlarmStatus } from "../status.ts";

/** An alarm of several instances; without a name it is the node's. */
export interface AlarmGroup extends Omit<AlarmStatus, "subject" | "evidence"> {
  readonly subjects: readonly string[];
  readonly evidence: readonly string[];
}

/** Number of names that are written out. */
const NAMED = 3;

/** In the order of the first of each. */
export function alarmGroups(alarms: readonly AlarmStatus[]): AlarmGroup[] {
  const groups = Map.groupBy(alarms, alarmText);
  return Array.from(groups.values(), (same) => {
    const { code, severity, message, hint } = same[0]!;
    return {
      ...{ code, severity, message, hint },
      subjects: same.flatMap(({ subject }) => subject ?? []),
      evidence: [...new Set(same.flatMap(({ evidence = [] }) => evidence))],
      since: same.map(({ since }) => since).toSorted()[0]!,
    };
  });
}

/** `VI_1, VI_2 and 18 more: `; empty for the node. */
export function groupName({ subjects }: Pick<AlarmGroup, "subjects">): string {
  if (subjects.length === 0) return "";
  const more = subjects.length - NAMED;
  return `${subjects.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}: `;
}

/** The same for two alarms of one cause. Those of the node are not several. */
function alarmText({ code, message, hint, subject }: AlarmStatus): string {
  return JSON.stringify([code, message, hint, subject === null]);
}
