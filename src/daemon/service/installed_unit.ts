/**
 * The unit that systemd runs vipd by on this machine, as far as it matters who reads which configuration; systemd.unit(5).
 *
 * @module
 */

import { join } from "node:path";
import { ENGINE, FRONT, FRONT_IS_SERVICE } from "./unit.ts";

/** Folders of units, the first one counts. */
const FOLDERS = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/** Those in which neither a package nor `vipd init` puts one. */
const OTHER_FOLDERS = [
  ...["/etc/systemd/system.control", "/run/systemd/system"],
  "/usr/local/lib/systemd/system",
];

const ALL_FOLDERS = [...FOLDERS, ...OTHER_FOLDERS];

export interface InstalledUnit {
  readonly name: string;
  /** The user of its process. */
  readonly user: string;
  /** The configuration that it reads. */
  readonly config: string;
}

/** Whether there is a unit, and whether the boot starts it. */
export interface UnitState {
  readonly installed: boolean;
  readonly enabled: boolean;
}

/**
 * The unit's state by what `systemctl is-enabled` printed. It prints nothing if the service manager cannot be asked, as in a
 * container without D-Bus, and in older versions if there is no unit: the files know then.
 */
export async function unitState(
  printed: string,
  folders: readonly string[] = ALL_FOLDERS,
): Promise<UnitState> {
  const state = printed.trim();
  if (state !== "") return { installed: state !== "not-found", enabled: state === "enabled" };
  return {
    installed: await isIn(folders, ENGINE.name),
    enabled: await isIn(folders, `multi-user.target.wants/${ENGINE.name}`),
  };
}

/**
 * The path of the front's unit that is missing: that of the engine leaves the front to it. `null` if none is. The first unit
 * of the engine counts, with its drop-ins.
 */
export async function missingFrontUnit(
  folders: readonly string[] = ALL_FOLDERS,
): Promise<string | null> {
  if (await isIn(folders, FRONT.name)) return null;
  for (const folder of folders) {
    const text = await Deno.readTextFile(join(folder, ENGINE.name)).catch(() => null);
    if (text === null) continue;
    const lines = [text, ...await dropIns(folders)].join("\n").split("\n");
    const last = lines.findLast((line) => /^Environment=.*\bVIPD_FRONT=/.test(line));
    return last?.replaceAll('"', "") === FRONT_IS_SERVICE ? join(folder, FRONT.name) : null;
  }
  return null;
}

async function isIn(folders: readonly string[], name: string): Promise<boolean> {
  const paths = folders.map((folder) => join(folder, name));
  const files = await Promise.all(paths.map((path) => Deno.lstat(path).catch(() => null)));
  return files.some((file) => file !== null);
}

/** `null` if there is none, or one that vipd did not write. */
export async function installedUnit(
  folders: readonly string[] = FOLDERS,
): Promise<InstalledUnit | null> {
  for (const folder of folders) {
    const path = join(folder, ENGINE.name);
    const text = await Deno.readTextFile(path).catch(() => null);
    if (text === null) continue;
    const config = /^ExecStart=.* run --config (\S+)$/m.exec(text)?.[1];
    const user = userIn(`${text}\n${(await dropIns(folders)).join("\n")}`);
    return config === undefined || user === null ? null : { name: ENGINE.name, user, config };
  }
  return null;
}

/** The files that `systemctl edit` writes, in the order in which they count. */
async function dropIns(folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders.map((it) => join(it, `${ENGINE.name}.d`))) {
    const entries = await Array.fromAsync(Deno.readDir(folder), ({ name }) => join(folder, name))
      .catch(() => []);
    found.push(...entries.filter((path) => path.endsWith(".conf")).sort());
  }
  return await Promise.all(found.map((path) => Deno.readTextFile(path).catch(() => "")));
}

/** The last one counts. */
function userIn(text: string): string | null {
  return Array.from(text.matchAll(/^User=(\S+)$/gm), ([, user]) => user!).at(-1) ?? null;
}
