/**
 * Fixes that `vipd doctor --fix` makes itself: a closed set of changes that last over a restart of the machine and that
 * concern vipd or this kernel alone. Nothing here changes a firewall, an address, a key or what another program manages.
 *
 * @module
 */

import { keyOf, pathOf, placeFor, SYSCTL_FILE, type SysctlFile } from "./sysctl_files.ts";

/** A program and its arguments; no word has a blank or a character that a shell reads. */
export type Words = readonly [string, ...string[]];

/**
 * `sysctl`: settings by their keys, `net.ipv4.ip_nonlocal_bind`, in a file of vipd's. `programs`: what runs, in this
 * order.
 */
export type Fix =
  | {
    readonly kind: "sysctl";
    readonly file: string;
    readonly settings: Readonly<Record<string, string>>;
  }
  | { readonly kind: "programs"; readonly commands: readonly Words[] };

/** A fix with the command that a person types for the same. */
export interface Remedy {
  readonly command: string;
  /** Absent if a file of somebody else has to change. */
  readonly fix?: Fix;
}

/**
 * Settings of the kernel, now and after a restart. The command adds to the file, which may hold others: behind an empty
 * line, because the last one may lack its newline.
 *
 * @param files the files that set the kernel at boot, in the order in which they are read
 */
export function sysctlRemedy(
  settings: Readonly<Record<string, string>>,
  files: readonly SysctlFile[],
): Remedy {
  const lines = ["", ...sysctlLines(settings)].map((line) => `'${line}'`).join(" ");
  const set = (file: string) => `printf '%s\\n' ${lines} >> ${file} && sysctl -p ${file}`;
  const place = placeFor(settings, files);
  if ("own" in place) {
    return { command: set(place.own), fix: { kind: "sysctl", file: place.own, settings } };
  }
  const keys = Object.keys(settings).map((key) => key.replace(/[./]/g, "[./]")).join("|");
  // sed makes a plain file of a link.
  const file = `"$(readlink -f ${place.overriddenBy})"`;
  const comment = `sed -E -i.before-vipd 's%^ *-?(${keys}) *=%# &%' ${file}`;
  return { command: `${comment} && ${set(SYSCTL_FILE)}` };
}

export function programRemedy(...commands: Words[]): Remedy {
  return {
    command: commands.map((words) => words.join(" ")).join(" && "),
    fix: { kind: "programs", commands },
  };
}

/** The text of a file of sysctl.d(5) with these settings: their earlier lines are replaced, all others stay. */
export function withSysctls(text: string, settings: Readonly<Record<string, string>>): string {
  const keys = Object.keys(settings);
  const replaced = new Set(keys.map(pathOf));
  const lines = text.split("\n").map((line) => keys.reduce(withoutTail, line))
    .filter((line) => !replaced.has(pathOf(keyOf(line))));
  while (lines.at(-1) === "") lines.pop();
  return [...lines, ...sysctlLines(settings), ""].join("\n");
}

/** A line without the setting at its end that was added to it when it lacked its newline. */
function withoutTail(line: string, key: string): string {
  const tail = new RegExp(`^( *[^#; =][^=]*=.*?)${key.replace(/[./]/g, "[./]")} *=.*$`);
  return line.replace(tail, "$1");
}

function sysctlLines(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
}
