/**
 * Rules of `sync_groups`: their members exist, belong to one group, and go first together.
 *
 * @module
 */

import type { PartialConfig, PartialInstance, Placed } from "../partial.ts";
import { nearest } from "../nearest.ts";
import type { SyncGroupValues } from "../schema/schema.ts";
import { quote } from "../values/result.ts";
import { errorAt, type Finding, pathText, warningAt } from "../findings.ts";

/** All findings about sync groups. */
export function syncGroupFindings({ syncGroups, instances }: PartialConfig): Finding[] {
  return [
    ...duplicateGroups(syncGroups),
    ...memberRules(syncGroups, instances),
    ...syncGroups.flatMap((group) => priorityRule(group, instances)),
  ];
}

function duplicateGroups(groups: readonly Placed<SyncGroupValues>[]): Finding[] {
  const first = new Map<string, Placed<SyncGroupValues>>();
  return groups.flatMap((group) => {
    const { name } = group.value;
    const earlier = first.get(name);
    if (!earlier) {
      first.set(name, group);
      return [];
    }
    return [errorAt(
      [...group.path, "name"],
      "duplicate_sync_group",
      `${pathText(earlier.path)} has the name ${quote(name)} already`,
      "give each sync group a name of its own",
    )];
  });
}

function memberRules(
  groups: readonly Placed<SyncGroupValues>[],
  instances: readonly PartialInstance[],
): Finding[] {
  const names = instances.flatMap(({ values }) => values.name ?? []);
  const groupOf = new Map<string, string>();
  return groups.flatMap(({ path, value }) =>
    value.instances.flatMap((name, index) => {
      const at = [...path, "instances", index];
      if (!names.includes(name)) {
        const meant = nearest(name, names);
        const hint = meant ? `did you mean \`${meant}\`?` : `there are: ${names.join(", ")}`;
        return [errorAt(at, "unknown_instance", `there is no instance ${quote(name)}`, hint)];
      }
      const earlier = groupOf.get(name);
      groupOf.set(name, value.name);
      if (earlier === undefined) return [];
      return [errorAt(
        at,
        "instance_in_two_groups",
        earlier === value.name
          ? `${quote(name)} stands in this group twice`
          : `${quote(name)} is in the sync group ${quote(earlier)} already`,
        "name each instance once; those that move together form one group",
      )];
    })
  );
}

/** If one node goes first for one member and the other node for another, the group can only stand still. */
function priorityRule(
  { path, value }: Placed<SyncGroupValues>,
  instances: readonly PartialInstance[],
): Finding[] {
  const members = instances.filter(({ values }) =>
    values.name !== undefined && value.instances.includes(values.name)
  );
  const priorities = members.flatMap(({ values }) => values.priority ?? []);
  if (new Set(priorities).size < 2) return [];
  const list = members.map(({ values }) => `${values.name} ${values.priority}`).join(", ");
  return [warningAt(
    [...path, "instances"],
    "sync_group_priorities",
    `the members' priorities differ: ${list}`,
    "give them one priority, so that the same node goes first for all of them",
  )];
}
