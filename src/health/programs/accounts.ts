/**
 * The users and groups of this machine.
 *
 * @module
 */

import { programEnd } from "../../runtime/program_output.ts";
import type { UserConfig } from "../check_config.ts";

/** The user and group that a program runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How long the name service may take to answer for accounts that are not in the machine's files. */
const NAME_SERVICE_LIMIT_MS = 2000;

/** The user and group that vipd itself has. */
export function ownAccount(): Account {
  return { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
}

/** The numbers of a user and its group; or the problem as text, to be read after "cannot run as USER". */
export async function findAccount({ name, group }: UserConfig): Promise<Account | string> {
  // passwd(5): name:password:uid:gid:...
  const entry = await findEntry("passwd", name, 2);
  const uid = Number(entry?.[2] ?? name);
  if (!isId(uid)) return `there is no user ${name}`;
  if (group === undefined) {
    return entry
      ? { uid, gid: Number(entry[3]) }
      : `user ${name} has no group of its own: name one`;
  }
  // group(5): name:password:gid:members
  const gid = Number((await findEntry("group", group, 2))?.[2] ?? group);
  return isId(gid) ? { uid, gid } : `there is no group ${group}`;
}

/** The number of a user, by name or number; or the problem as text. */
export async function findUser(name: string): Promise<number | string> {
  const uid = Number((await findEntry("passwd", name, 2))?.[2] ?? name);
  return isId(uid) ? uid : `there is no user ${name}`;
}

/**
 * Why programs cannot run as this user; `null` if they can. Only root can replace its groups by another user's;
 * otherwise a program would keep the rights of vipd's groups.
 *
 * @param own the user that vipd runs as
 */
export function accountProblem({ uid }: Account, own = Deno.uid()): string | null {
  return own === 0 || own === uid
    ? null
    : "only root can run programs as another user, and vipd is not run as root";
}

/** The name of a user for a message: the number if it has no name. */
export async function userName(uid: number): Promise<string> {
  const entry = (await readEntries("passwd")).find((fields) => Number(fields[2]) === uid);
  return entry?.[0] ?? `${uid}`;
}

/** The name of a group for a command: the number if it has no name. */
export async function groupName(gid: number): Promise<string> {
  const entry = (await readEntries("group")).find((fields) => Number(fields[2]) === gid);
  return entry?.[0] ?? `${gid}`;
}

/** True if a group has no members except these users, so that nobody else may write what the group may write. */
export async function hasOnly(gid: number, uids: ReadonlySet<number>): Promise<boolean> {
  // In sequence, because this may use one of the runtime's threads at a time.
  const users = await readEntries("passwd");
  const groups = await readEntries("group");
  const group = groups.find((fields) => Number(fields[2]) === gid);
  // If the machine's own files do not know the group, its members are unknown.
  if (!group) return false;
  const members = new Set(group[3]?.split(",").filter(Boolean));
  return users.every(([name = "", , uid, primary]) => {
    const inside = Number(primary) === gid || members.has(name);
    if (inside) members.delete(name);
    return !inside || uids.has(Number(uid));
  }) && members.size === 0;
}

/** The entry of this name, or of this number in field `numberField`. */
async function findEntry(
  database: "passwd" | "group",
  key: string,
  numberField: number,
): Promise<readonly string[] | null> {
  const entries = await readEntries(database);
  const found = entries.find((fields) => fields[0] === key || fields[numberField] === key);
  return found ?? await askNameService(database, key);
}

/** The entries of `/etc/passwd` or `/etc/group`; none if the file cannot be read. */
async function readEntries(database: "passwd" | "group"): Promise<readonly string[][]> {
  const text = await Deno.readTextFile(`/etc/${database}`).catch(() => "");
  return text.split("\n").filter(Boolean).map((line) => line.split(":"));
}

/**
 * Asks what nsswitch.conf(5) knows in addition to the files: LDAP, systemd's dynamic users. Uses getent(1), glibc's
 * own.
 */
async function askNameService(
  database: "passwd" | "group",
  key: string,
): Promise<readonly string[] | null> {
  try {
    const getent = new Deno.Command("/usr/bin/getent", {
      args: [database, "--", key],
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(NAME_SERVICE_LIMIT_MS),
    });
    const { status, text } = await programEnd(getent, "stdout");
    return status.success ? text.trim().split(":") : null;
  } catch {
    return null;
  }
}

/** A valid user or group number; the highest means "no change" to the kernel. */
function isId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1;
}
