/**
 * From what was read to the data of vipd's configuration file.
 *
 * @module
 */

import { quote } from "../config/outcome.ts";
import type { GroupDraft, ImportDraft } from "./draft.ts";
import type { Report } from "./finding.ts";
import { type NamedCheck, resolveChecks } from "./resolve_check.ts";
import type { Entry, InstanceEntries } from "./entry.ts";
import { resolveInstance } from "./resolve_instance.ts";
import type { Statement } from "./statement.ts";
import { vipdName } from "./values.ts";

/** The file's data, and which statement each part of it comes from. */
export interface FileData {
  readonly data: Readonly<Record<string, unknown>>;
  /** By path: `instances[0].addresses[1]`. */
  readonly origins: ReadonlyMap<string, Statement>;
}

/** Everything that can be carried over. */
export interface Resolved {
  readonly node: Entry | undefined;
  readonly checks: readonly NamedCheck[];
  readonly instances: readonly InstanceEntries[];
}

/** Works out what the drafts mean together. */
export function resolve(draft: ImportDraft, report: Report): Resolved {
  const checks = resolveChecks(draft.checks, report);
  for (const group of draft.groups) tellGroup(group, draft, report);
  return {
    node: resolveNode(draft, report),
    checks,
    instances: draft.instances.map((instance) => resolveInstance(instance, draft, checks, report)),
  };
}

function resolveNode({ node }: ImportDraft, report: Report): Entry | undefined {
  if (!node) return undefined;
  const value = vipdName(node.value);
  if (value !== node.value) {
    report.add(
      "carried_differently",
      node.statement,
      `${quote(node.value)} is written ${quote(value)}`,
      "names in vipd have letters, digits, `_`, `.` and `-`; choose another if you like",
    );
  }
  return { value, statement: node.statement };
}

function tellGroup({ name, statement, members }: GroupDraft, draft: ImportDraft, report: Report) {
  const unknown = members.filter((member) =>
    !draft.instances.some((instance) => instance.name === member)
  );
  for (const member of unknown) {
    const message = `its member ${quote(member)} is no vrrp_instance`;
    report.add("not_carried", statement, message, "check the spelling");
  }
  report.add(
    "not_carried",
    statement,
    `the members of ${quote(name)} change their state each by itself`,
    "if they must move together, put their addresses into one instance (`device` names the interface " +
      "of each), or let them track the same checks and interfaces",
  );
}

/** Puts the parts together. */
export function toFileData({ node, checks, instances }: Resolved): FileData {
  const origins = new Map<string, Statement>();
  const note = (path: string, { value, statement }: Entry) => {
    if (statement) origins.set(path, statement);
    return value;
  };
  const data: Record<string, unknown> = {};
  if (node) data.node = note("node", node);
  if (checks.length > 0) {
    data.checks = Object.fromEntries(checks.map(({ name, data, draft }) => [
      name,
      note(`checks.${name}`, { value: data, statement: draft.statement }),
    ]));
  }
  data.instances = instances.map((entries, index) => {
    const path = `instances[${index}]`;
    const { name } = entries;
    if (name && "statement" in name && name.statement) origins.set(path, name.statement);
    return Object.fromEntries(
      Object.entries(entries).map(([key, entry]) => [
        key,
        Array.isArray(entry)
          ? entry.map((item: Entry, at) => note(`${path}.${key}[${at}]`, item))
          : note(`${path}.${key}`, entry as Entry),
      ]),
    );
  });
  return { data, origins };
}
