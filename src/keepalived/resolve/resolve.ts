/**
 * Converts the partial import to the data of vipd's configuration file.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { formatDuration } from "../../config/values/durations.ts";
import { quote } from "../../config/values/result.ts";
import type { Entry, InstanceEntries } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import { type NamedEntry, resolveInterfaceDelays } from "../keywords/interface_delays.ts";
import { reportUnannounced } from "../keywords/announce.ts";
import { resolveFifos } from "../keywords/fifo.ts";
import { reportUnusedGroups } from "../keywords/multicast_group.ts";
import { resolveMail } from "../keywords/mail.ts";
import { resolveNotify } from "../keywords/notify.ts";
import { reportUnusedUser } from "../keywords/scripts/script_user.ts";
import { vipdName } from "../keywords/values.ts";
import type { PartialImport, PartialInstance } from "../partial.ts";
import type { Statement } from "../syntax/statement.ts";
import { resolveChecks, trackedChecks, type WrittenCheck } from "./check.ts";
import { resolveGroups } from "./groups.ts";
import { resolveFamily, resolveInstance } from "./instance.ts";
import { withoutShared } from "./shared_addresses.ts";
import { withoutWrong } from "./wrong_addresses.ts";

/** The file's data, and the statement that each part of it comes from. */
export interface FileData {
  readonly data: Readonly<Record<string, unknown>>;
  /** By path: `instances[0].addresses[1]`. */
  readonly origins: ReadonlyMap<string, Statement>;
}

/** Everything that can be carried over. */
export interface Resolved {
  readonly node: Entry | undefined;
  readonly checks: readonly WrittenCheck[];
  readonly instances: readonly InstanceEntries[];
  readonly startDelay: Entry | undefined;
  readonly process: Entry | undefined;
  readonly interfaces: readonly NamedEntry[];
  readonly groups: readonly Entry[];
  readonly notify: readonly Entry[];
}

/** Resolves the parts of the partial import together. */
export function resolve(partial: PartialImport, report: Report): Resolved {
  const checks = resolveChecks(partial, report);
  const groups = resolveGroups(partial, report);
  const groupNames = new Set(groups.map(({ value }) => (value as { name: string }).name));
  reportUnannounced(partial, report);
  const taken = withoutShared(withoutWrong(partial.instances, report), report);
  const instances = withRulePriorities(taken, partial.staticRules)
    .map((instance) => resolveInstance(instance, partial, checks, report));
  reportUnusedGroups(partial, instances, report);
  reportUnusedPrefix(partial, report);
  const tracked = trackedChecks(partial, checks, instances, report);
  reportUnusedUser(partial, tracked.map((check) => check.partial), report);
  reportUnusedSpacing(partial, report);
  return {
    node: resolveNode(partial, report),
    checks: tracked,
    instances,
    startDelay: resolveStartDelay(partial),
    process: resolveProcess(partial),
    interfaces: resolveInterfaceDelays(partial),
    groups,
    notify: [
      ...resolveNotify(partial, groupNames),
      ...resolveFifos(partial),
      ...resolveMail(partial, groupNames, report),
    ],
  };
}

/** The first of the priorities that keepalived gives, downwards, to policy rules that name none. */
const FIRST_RULE_PRIORITY = 16_384;

/**
 * The same instances; each policy rule has a priority. keepalived counts down for each family, through all rules of the
 * file (keepalived.conf(5), `virtual_rules`). `taken`: how many the static rules took.
 */
export function withRulePriorities(
  instances: readonly PartialInstance[],
  taken: Readonly<Record<Family, number>>,
): PartialInstance[] {
  const next = { ipv4: FIRST_RULE_PRIORITY - taken.ipv4, ipv6: FIRST_RULE_PRIORITY - taken.ipv6 };
  const complete = (rule: Entry): Entry => {
    const value = rule.value as Readonly<Record<string, string | number>>;
    if (value.priority !== undefined) return rule;
    const isIpv6 = [value.from, value.to].some((end) => `${end ?? ""}`.includes(":"));
    const priority = next[isIpv6 ? "ipv6" : "ipv4"]--;
    return { ...rule, value: { ...value, priority } };
  };
  return instances.map((instance) => ({ ...instance, rules: instance.rules.map(complete) }));
}

/** Times between announcements of a family that no instance has. */
function reportUnusedSpacing(
  { garpIntervalS, gnaIntervalS, instances }: PartialImport,
  report: Report,
): void {
  const families = new Set(instances.map(resolveFamily));
  const unused = [
    ...(families.has("ipv4") || !garpIntervalS ? [] : [garpIntervalS]),
    ...(families.has("ipv6") || !gnaIntervalS ? [] : [gnaIntervalS]),
  ];
  for (const { statement } of families.size === 0 ? [] : unused) {
    report.add("ignored", statement, "no instance is of this family", NOTHING_TO_DO);
  }
}

function reportUnusedPrefix({ macPrefix, instances }: PartialImport, report: Report): void {
  if (!macPrefix || instances.some(({ virtualMac }) => virtualMac?.value === true)) return;
  const message = "no instance has `use_vmac` without a name, so there is nothing to name";
  report.add("ignored", macPrefix.statement, message, NOTHING_TO_DO);
}

function resolveStartDelay({ startDelayS: said }: PartialImport): Entry | undefined {
  if (!said || said.value === 0) return undefined;
  const value = formatDuration(Math.max(10, Math.round(said.value * 1000)));
  return { value, statement: said.statement };
}

function resolveProcess({ realtimePriority, nice }: PartialImport): Entry | undefined {
  const said = realtimePriority ?? nice;
  if (!said) return undefined;
  const value = {
    ...(realtimePriority && { realtime_priority: realtimePriority.value }),
    ...(nice && { nice: nice.value }),
  };
  return { value, statement: said.statement };
}

function resolveNode({ node }: PartialImport, report: Report): Entry | undefined {
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

/** Combines the parts. */
export function toFileData(resolved: Resolved): FileData {
  const { node, startDelay, process, interfaces, checks, instances, groups, notify } = resolved;
  const origins = new Map<string, Statement>();
  const note = (path: string, { value, statement }: Entry) => {
    if (statement) origins.set(path, statement);
    return value;
  };
  const data: Record<string, unknown> = {};
  if (node) data.node = note("node", node);
  if (startDelay) data.start_delay = note("start_delay", startDelay);
  if (process) data.process = note("process", process);
  if (interfaces.length > 0) {
    data.interfaces = Object.fromEntries(
      interfaces.map(({ name, ...entry }) => [name, note(`interfaces.${name}`, entry)]),
    );
  }
  if (checks.length > 0) {
    data.checks = Object.fromEntries(checks.map(({ name, data, partial }) => [
      name,
      note(`checks.${name}`, { value: data, statement: partial.statement }),
    ]));
    for (const { name, data, partial: { probeStatement, userStatement } } of checks) {
      if (data.type !== "exec") continue;
      if (probeStatement) origins.set(`checks.${name}.command`, probeStatement);
      if (userStatement && data.user) origins.set(`checks.${name}.user`, userStatement);
    }
  }
  data.instances = instances.map((entries, index) => {
    const path = `instances[${index}]`;
    const { statement } = entries.name;
    if (statement) origins.set(path, statement);
    return Object.fromEntries(
      Object.entries(entries).map(([key, entry]) => [
        key,
        Array.isArray(entry)
          ? entry.map((item: Entry, at) => note(`${path}.${key}[${at}]`, item))
          : note(`${path}.${key}`, entry as Entry),
      ]),
    );
  });
  if (groups.length > 0) {
    data.sync_groups = groups.map((group, index) => note(`sync_groups[${index}]`, group));
  }
  if (notify.length > 0) {
    data.notify = notify.map((entry, index) => note(`notify[${index}]`, entry));
  }
  return { data, origins };
}
