/**
 * From `vrrp_sync_group` to the entries of `sync_groups`.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { Report } from "../finding.ts";
import { reportRenamed, vipdName } from "../keywords/values.ts";
import type { PartialGroup, PartialImport } from "../partial.ts";

/** The groups that synchronize instances: one instance or more, none of them in another group. */
export function resolveGroups({ groups, instances }: PartialImport, report: Report): Entry[] {
  const known = new Set(instances.map(({ name }) => name));
  const groupOf = new Map<string, string>();
  const names = new Set<string>();
  return groups.flatMap((group): Entry[] => {
    const members = membersOf(group, known, groupOf, report);
    if (members.length === 0) {
      const message = `${quote(group.name)} has no member, so keepalived removes it`;
      report.leaveOut("ignored", group.statement, message, "check the names in `group`");
      return [];
    }
    if (members.length === 1) {
      const message = `${quote(group.name)} has one member, so there is nothing to hold together`;
      const remedy = "check the names in `group` if there should be more";
      report.add("advice", group.statement, message, remedy);
    }
    const name = vipdName(group.name);
    if (names.has(name)) {
      const message = `there is a sync group ${quote(name)} above; this one is left out`;
      report.add("not_carried", group.statement, message, "give each a name of its own");
      return [];
    }
    names.add(name);
    for (const member of members) groupOf.set(member, group.name);
    reportRenamed(group.statement, group.name, name, report);
    const value = { name, instances: members.map(vipdName) };
    return [{ value, statement: group.statement }];
  });
}

function membersOf(
  { statement, members }: PartialGroup,
  known: ReadonlySet<string>,
  groupOf: ReadonlyMap<string, string>,
  report: Report,
): string[] {
  return [...new Set(members)].filter((member) => {
    const missing = (message: string, remedy: string) => {
      report.add("ignored", statement, message, remedy);
      return false;
    };
    if (!known.has(member)) {
      return missing(`its member ${quote(member)} is no vrrp_instance`, "check the spelling");
    }
    const earlier = groupOf.get(member);
    if (earlier === undefined) return true;
    return missing(
      `its member ${quote(member)} is in ${quote(earlier)} already`,
      "make one group of the two if all should move together",
    );
  });
}
