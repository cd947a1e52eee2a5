/**
 * The instances that a command is for: by name, by sync group, or all of them.
 *
 * @module
 */

import type { InstanceStatus, NodeStatus } from "../../status/status.ts";
import { usageError } from "../errors.ts";
import { unknownName } from "../status/selection.ts";

/** Instances that one command moves: one alone, or a sync group. */
export interface CommandTarget {
  /** The instance that the command names. */
  readonly instance: string;
  /** All that it moves, the named one first. */
  readonly moved: readonly string[];
}

export interface CommandTargets {
  readonly targets: readonly CommandTarget[];
  /** Whether the user chose by `--all`, by a group or by several names: the result then is a list. */
  readonly many: boolean;
}

/**
 * The targets of these operands, each once, in the order of the operands.
 *
 * Without any, it is the only instance of the node. An operand is the name of an instance, else of a sync group.
 * Throws a usage error for one that is neither, and if it is not clear what is meant: nothing is done then.
 */
export function commandTargets(
  operands: readonly string[],
  all: boolean,
  status: NodeStatus,
): CommandTargets {
  const { node, instances } = status;
  if (all && operands.length > 0) throw usageError("--all and a name exclude each other");
  const names = all ? instances.map(({ name }) => name) : operands;
  if (names.length === 0) return { targets: [onlyTarget(node, instances)], many: false };
  const targets: CommandTarget[] = [];
  for (const name of names) {
    const known = targets.some(({ instance, moved }) => instance === name || moved.includes(name));
    if (known) continue;
    const target = targetNamed(name, status);
    if (!targets.some(({ moved }) => moved.includes(target.instance))) targets.push(target);
  }
  return { targets, many: all || names.length > 1 || targets[0]!.instance !== names[0] };
}

function onlyTarget(node: string, instances: readonly InstanceStatus[]): CommandTarget {
  if (instances.length === 1) return targetOf(instances[0]!, instances);
  const names = instances.map(({ name }) => name).join(", ");
  throw usageError(`name instances of ${node}, or give --all for all of them: ${names}`);
}

function targetNamed(name: string, status: NodeStatus): CommandTarget {
  const { instances } = status;
  const found = instances.find((instance) => instance.name === name) ??
    instances.find((instance) => instance.sync_group === name);
  if (found === undefined) throw unknownName(name, status);
  return targetOf(found, instances);
}

function targetOf(
  { name, sync_group: group }: InstanceStatus,
  instances: readonly InstanceStatus[],
): CommandTarget {
  const others = instances
    .filter((other) => group !== null && other.sync_group === group && other.name !== name)
    .map((other) => other.name);
  return { instance: name, moved: [name, ...others] };
}
