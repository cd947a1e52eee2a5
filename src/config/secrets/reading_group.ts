/**
 * The group that lets vipd read a file with a secret, for commands that make such files. The installation makes the group
 * `vipd` only where systemd runs; elsewhere root runs vipd, or the owner of its state directory.
 *
 * @module
 */

import { valueAt } from "../findings.ts";
import { DEFAULT_STATE_DIR } from "../model.ts";

/** The group of the unit's user. */
const UNIT_GROUP = "vipd";

/**
 * By name, or by number if it has none; `null` if there is nobody but root.
 *
 * @param data of the configuration, whatever is wrong with it
 * @param groups the text of group(5)
 */
export function readingGroup(data: unknown, groups = groupsHere()): string | null {
  const gid = groupOf(valueAt(data, ["state_dir"]) ?? DEFAULT_STATE_DIR) ?? 0;
  const entries = groups.split("\n").map((line) => line.split(":"));
  if (gid !== 0) return entries.find(([, , number]) => number === `${gid}`)?.[0] ?? `${gid}`;
  return entries.some(([name]) => name === UNIT_GROUP) ? UNIT_GROUP : null;
}

/** The number of such a group; -1 if there is none. */
export function groupNumber(group: string, groups = groupsHere()): number {
  const entry = groups.split("\n").map((line) => line.split(":")).find(([name]) => name === group);
  const number = Number(entry?.[2] ?? group);
  return Number.isInteger(number) ? number : -1;
}

/** The group of a folder; `null` if there is none. vipd starts with no state directory of another user. */
function groupOf(folder: unknown): number | null {
  try {
    return typeof folder === "string" ? Deno.statSync(folder).gid : null;
  } catch {
    return null;
  }
}

function groupsHere(): string {
  try {
    return Deno.readTextFileSync("/etc/group");
  } catch {
    return "";
  }
}
