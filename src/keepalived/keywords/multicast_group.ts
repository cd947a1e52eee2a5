/**
 * `vrrp_mcast_group4`, `vrrp_mcast_group6` and `mcast_dst_ip`: multicast groups other than the standard ones.
 *
 * @module
 */

import { readMulticastGroup } from "../../config/values/virtual_address.ts";
import { type Family, familyOf, type IpAddress } from "../../wire/address.ts";
import type { Entry, InstanceEntries } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { PartialImport, PartialInstance } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { carried, type Rule } from "./rules.ts";

/** The group of all instances of a family. */
export function groupRule(family: Family, note: string): Rule<PartialImport> {
  return carried<PartialImport>("instances[].multicast_group", (partial, statement, report) => {
    const value = readGroup(statement, report);
    if (value === null) return;
    if (familyOf(value) === family) {
      partial.multicastGroups[family] = { value, statement };
      return;
    }
    const remedy = "write a group of the other family";
    report.add("ignored", statement, `it takes no group of this family`, remedy);
  }, { note });
}

/** The group of one instance. */
export const INSTANCE_GROUP: Rule<PartialInstance> = carried<PartialInstance>(
  "instances[].multicast_group",
  (partial, statement, report) => {
    const value = readGroup(statement, report);
    if (value !== null) partial.multicastGroup = { value, statement };
  },
);

function readGroup(statement: Statement, report: Report): IpAddress | null {
  const read = readMulticastGroup(statement.words[0] ?? "");
  if (read.ok) return read.value;
  report.add("ignored", statement, read.problem.message, read.problem.hint);
  return null;
}

/** Reports the groups of a family that no instance sends to. */
export function reportUnusedGroups(
  { multicastGroups, instances: partials }: PartialImport,
  instances: readonly InstanceEntries[],
  report: Report,
): void {
  const used = new Set(
    instances.flatMap(({ multicast_group }) => multicast_group ? [multicast_group].flat() : []),
  );
  for (const said of Object.values(multicastGroups)) {
    if (partials.length === 0 || used.has(said)) continue;
    const message = "no instance sends its adverts to this group";
    report.add("ignored", said.statement, message, NOTHING_TO_DO);
  }
}

/** An instance with unicast peers has no group. */
export function resolveGroup(
  { peers, multicastGroup }: PartialInstance,
  { multicastGroups }: PartialImport,
  family: Family,
  report: Report,
): Entry | undefined {
  if (peers !== undefined && peers.length > 0) {
    if (multicastGroup) {
      const message = "an instance with `unicast_peer` sends to no group";
      report.add("ignored", multicastGroup.statement, message, NOTHING_TO_DO);
    }
    return undefined;
  }
  return multicastGroup ?? multicastGroups[family];
}
