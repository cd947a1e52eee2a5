/**
 * The files that set the kernel at boot, and which of them has the last word; sysctl.d(5).
 *
 * @module
 */

/** A file with settings. */
export interface SysctlFile {
  readonly path: string;
  readonly text: string;
}

/** Folders of sysctl.d(5): of two files with one name the one in the first folder counts. */
export const SYSCTL_FOLDERS = [
  ...["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"],
  "/lib/sysctl.d",
] as const;
/** sysctl(8) reads it behind all others; systemd too, where a distribution links it as 99-sysctl.conf. */
export const SYSCTL_CONF = "/etc/sysctl.conf";

/** Names for vipd's own file, each read later than the one before. */
const OWN_NAMES = ["60-vipd.conf", "99-zz-vipd.conf", "zzzz-vipd.conf"] as const;
/** The file with vipd's settings of the kernel, if no later one has others. */
export const SYSCTL_FILE = `${SYSCTL_FOLDERS[0]}/${OWN_NAMES[0]}`;

/** The order in which files are read, whatever their folders; of one name the first in `paths` alone. */
export function inReadingOrder(paths: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const path of paths) if (!byName.has(nameOf(path))) byName.set(nameOf(path), path);
  // By octets, as strcmp(3) compares, not by the words of a language.
  return Array.from(byName.keys()).sort().map((name) => byName.get(name)!);
}

/**
 * The file of vipd's in which the settings are the last ones; or the file of somebody else that is read later than all
 * of vipd's, and has another value.
 *
 * @param files in the order in which they are read
 */
export function placeFor(
  settings: Readonly<Record<string, string>>,
  files: readonly SysctlFile[],
): { readonly own: string } | { readonly overriddenBy: string } {
  const own: readonly string[] = OWN_NAMES.map((name) => `${SYSCTL_FOLDERS[0]}/${name}`);
  const others = files.filter(({ path, text }) =>
    !own.includes(path) &&
    Object.entries(settings).some(([key, value]) => (valueIn(text, key) ?? value) !== value)
  ).map(({ path }) => path);
  const place = own.find((path) => others.every((other) => isReadBefore(other, path)));
  return place === undefined ? { overriddenBy: others.at(-1)! } : { own: place };
}

/** The last value of a setting in the text of a file; a pattern such as `net.ipv4.conf.*.x` sets no single one. */
function valueIn(text: string, key: string): string | null {
  const lines = text.split("\n").filter((line) => pathOf(keyOf(line)) === pathOf(key));
  const [, value] = /=(.*)$/.exec(lines.at(-1) ?? "") ?? [];
  return value?.trim() ?? null;
}

function isReadBefore(path: string, other: string): boolean {
  return path !== SYSCTL_CONF && nameOf(path) < nameOf(other);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The key of a line; a `-` before it lets the setting be missing. */
export function keyOf(line: string): string {
  return line.split("=")[0]!.trim().replace(/^-/, "");
}

/**
 * The path below /proc/sys. The first separator of a key decides, sysctl.d(5): after a slash all is as it stands, after
 * a point slash and point change places.
 */
export function pathOf(key: string): string {
  if (/^[^.]*\//.test(key)) return key;
  return key.replace(/[./]/g, (separator) => separator === "." ? "/" : ".");
}
