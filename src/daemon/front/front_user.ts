/**
 * The user that the front becomes if the engine starts it: one that no other program runs as, and never root.
 *
 * @module
 */

import { findAccount, groupName } from "../../health/programs/accounts.ts";
import { FRONT } from "../service/unit.ts";

/** A user and its group. */
export interface FrontUser {
  readonly uid: number;
  readonly gid: number;
}

export type FrontUserChoice =
  /** `user`: `null` for the engine's own; `warning`: why it is not a user of its own. */
  | { readonly ok: true; readonly user: FrontUser | null; readonly warning: string | null }
  /** Now no front can be started, and why. */
  | { readonly ok: false; readonly problem: string };

/** The machine's users, and the powers of this process. */
export interface UserSources {
  readonly engineUid: number | null;
  /** Reads a file of /proc; `null` if that is not possible. */
  readonly readKernelFile: (path: string) => string | null;
  /** The numbers of an account; `null` if there is none of that name. */
  readonly account: (name: string) => Promise<FrontUser | null>;
  /** True if no account and no group has this number. */
  readonly isFree: (id: number) => Promise<boolean>;
}

const ROOT = 0;
/** The last choice, because other programs may run as this user. */
const NOBODY = "nobody";
/**
 * Numbers that no distribution and no service manager gives away:
 * https://systemd.io/UIDS-GIDS, "Special Distribution UID ranges".
 */
const FREE_IDS = { first: 60706, count: 478 } as const;
/** How many of them are tried: each asks the name service. */
const TRIES = 4;

/** capabilities(7): CAP_CHOWN, CAP_SETGID, CAP_SETUID. */
const NEEDED_CAPABILITIES = 1n << 0n | 1n << 6n | 1n << 7n;

const REMEDY = "run the front as a unit of its own (vipd init writes vipd-front.service)";
const OWN = "the front runs as the engine's own user, which could end the engine: " +
  `${REMEDY}, or vipd as root`;
const ONE_ID =
  "the front runs as the engine's own user, which could end the engine, because this user " +
  "namespace has no other: give it more (user_namespaces(7))";
const SHARED =
  `the front runs as ${NOBODY}, as other programs may, which can then read what it knows: make a ` +
  `user ${FRONT.user}`;
const NO_FRONT =
  "the engine runs as root and cannot give the front another user, and no front runs as root: " +
  `give it CAP_SETUID, CAP_SETGID, CAP_CHOWN and CAP_KILL, too, or ${REMEDY}`;
const UNKNOWN = "the kernel does not say whether the engine can give the front another user: " +
  "does it have descriptors left (ulimit -n), and is /proc mounted?";

/** @param runDir makes two vipds on one machine choose different users. */
export async function chooseFrontUser(
  runDir: string,
  sources: UserSources,
): Promise<FrontUserChoice> {
  const { engineUid, readKernelFile, account } = sources;
  if (engineUid !== ROOT) return { ok: true, user: null, warning: OWN };
  const status = readKernelFile("/proc/self/status");
  const uids = readKernelFile("/proc/self/uid_map");
  const gids = readKernelFile("/proc/self/gid_map");
  if (status === null || uids === null || gids === null) return { ok: false, problem: UNKNOWN };
  if (idCount(uids) === 1) return { ok: true, user: null, warning: ONE_ID };
  if (!mayBecomeOthers(status)) return { ok: false, problem: NO_FRONT };
  const isUsable = ({ uid, gid }: FrontUser) =>
    uid !== ROOT && isMapped(uid, uids) && isMapped(gid, gids);
  const own = await account(FRONT.user);
  if (own !== null && isUsable(own)) return { ok: true, user: own, warning: null };
  const start = hash(runDir);
  for (let index = 0; index < TRIES; index++) {
    const id = FREE_IDS.first + (start + index) % FREE_IDS.count;
    const user = { uid: id, gid: id };
    if (isUsable(user) && await sources.isFree(id)) return { ok: true, user, warning: null };
  }
  const nobody = await account(NOBODY);
  if (nobody !== null && isUsable(nobody)) return { ok: true, user: nobody, warning: SHARED };
  return { ok: false, problem: NO_FRONT };
}

/** This machine's. */
export function userSources(readKernelFile: UserSources["readKernelFile"]): UserSources {
  const account = async (name: string) => {
    const found = await findAccount({ name });
    return typeof found === "string" ? null : found;
  };
  return {
    ...{ engineUid: Deno.uid(), readKernelFile, account },
    isFree: async (id) => await account(`${id}`) === null && await groupName(id) === `${id}`,
  };
}

/** Whether a process with this `/proc/PID/status` may change its user, and the owner of a folder. */
function mayBecomeOthers(status: string): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return (effective & NEEDED_CAPABILITIES) === NEEDED_CAPABILITIES;
}

/** The ranges of ids that a user namespace with this map has, user_namespaces(7). */
function ranges(map: string): { readonly first: number; readonly count: number }[] {
  return map.trim().split("\n").map((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return { first, count };
  });
}

function idCount(map: string): number {
  return ranges(map).reduce((sum, { count }) => sum + count, 0);
}

function isMapped(id: number, map: string): boolean {
  return ranges(map).some(({ first, count }) => id >= first && id < first + count);
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const octet of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ octet, 0x01000193) >>> 0;
  }
  return value;
}
