/**
 * Fixes that `vipd doctor --fix` makes itself: a closed set of changes that last over a restart of the machine and that
 * concern vipd or this kernel alone. Nothing here changes a firewall, an address, a key or what another program manages.
 *
 * @module
 */

/** The file with vipd's settings of the kernel, sysctl.d(5). */
export const SYSCTL_FILE = "/etc/sysctl.d/60-vipd.conf";

/** A program and its arguments; no word has a blank or a character that a shell reads. */
export type Words = readonly [string, ...string[]];

/** `sysctl`: settings by their keys, `net.ipv4.ip_nonlocal_bind`. `programs`: what runs, in this order. */
export type Fix =
  | { readonly kind: "sysctl"; readonly settings: Readonly<Record<string, string>> }
  | { readonly kind: "programs"; readonly commands: readonly Words[] };

/** A fix with the command that a person types for the same. */
export interface Remedy {
  readonly command: string;
  readonly fix: Fix;
}

/** Settings of the kernel, now and after a restart. The command adds to the file, which may hold others. */
export function sysctlRemedy(settings: Readonly<Record<string, string>>): Remedy {
  const lines = sysctlLines(settings).map((line) => `'${line}'`).join(" ");
  return {
    command: `printf '%s\\n' ${lines} >> ${SYSCTL_FILE} && sysctl -p ${SYSCTL_FILE}`,
    fix: { kind: "sysctl", settings },
  };
}

export function programRemedy(...commands: Words[]): Remedy {
  return {
    command: commands.map((words) => words.join(" ")).join(" && "),
    fix: { kind: "programs", commands },
  };
}

/** The text of a file of sysctl.d(5) with these settings: their earlier lines are replaced, all others stay. */
export function withSysctls(text: string, settings: Readonly<Record<string, string>>): string {
  const replaced = new Set(Object.keys(settings).map(pathOf));
  const lines = text.split("\n").filter((line) => !replaced.has(pathOf(keyOf(line))));
  while (lines.at(-1) === "") lines.pop();
  return [...lines, ...sysctlLines(settings), ""].join("\n");
}

function sysctlLines(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
}

/** The key of a line; a `-` before it lets the setting be missing. */
function keyOf(line: string): string {
  return line.split("=")[0]!.trim().replace(/^-/, "");
}

/**
 * The path below /proc/sys. The first separator of a key decides, sysctl.d(5): after a slash all is as it stands, after
 * a point slash and point change places.
 */
function pathOf(key: string): string {
  if (/^[^.]*\//.test(key)) return key;
  return key.replace(/[./]/g, (separator) => separator === "." ? "/" : ".");
}
