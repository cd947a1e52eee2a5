/**
 * The running nginx: its main file, and its workers. A reload that succeeds starts new workers, one that fails leaves
 * the old ones, and neither changes the master process (nginx.org, "Controlling nginx").
 *
 * @module
 */

import type { ProcFiles } from "./proc_files.ts";

/** `/proc/PID/cmdline`, as `ngx_setproctitle` writes it. */
const MASTER = /^nginx: master process (.*)$/s;
const WORKER = /^nginx: worker process\s*$/;
const USUAL_CONFIG = "/etc/nginx/nginx.conf";
/** An nginx that was built for a folder of its own, such as /usr/local/nginx: its files are there. */
const OWN_FOLDER = /^(?!\/usr(?:\/local)?\/sbin)(\/\S+)\/sbin\/nginx(?: |$)/;
/** Clock ticks a second that proc(5) counts in, for each processor that vipd runs on. */
const TICKS = 100;

export interface RunningNginx {
  /** Of its master process. */
  readonly pid: number;
  /** The main file, as its arguments or else the usual place say. */
  readonly config: string;
  /** The processes that serve, ascending, without one that ends after a reload. */
  readonly workers: readonly number[];
  /** Its files are not those that have the same names here, chroot(2). */
  readonly ownRoot: boolean;
}

/** Whether this user sees the processes of others, proc(5) `hidepid`; the first one is always there. */
export function seesProcesses(proc: ProcFiles): boolean {
  return (proc.read("/proc/1/cmdline") ?? "") !== "";
}

/** The nginx of this machine; `null` if none runs. One in a container has files of its own, which nobody sees here. */
export function findNginx(proc: ProcFiles): RunningNginx | null {
  for (const pid of proc.processes().toSorted((a, b) => a - b)) {
    const found = nginxAt(proc, pid);
    if (found !== null && !isContained(proc, pid)) return found;
  }
  return null;
}

/** The nginx whose master process this is; `null` if it is none. */
export function nginxAt(proc: ProcFiles, pid: number): RunningNginx | null {
  const words = MASTER.exec(commandLine(proc, pid))?.[1];
  if (words === undefined) return null;
  const children = (proc.read(`/proc/${pid}/task/${pid}/children`) ?? "").trim();
  const workers = (children === "" ? [] : children.split(" ").map(Number))
    .filter((child) => WORKER.test(commandLine(proc, child)));
  const ownRoot = hasOwnRoot(proc, pid);
  return { pid, config: configOf(words), workers: workers.sort((a, b) => a - b), ownRoot };
}

/**
 * Whether its root directory is another one than this process has. Of a root that is no mount point, proc(5) `mountinfo`
 * has no line at all; a mount namespace of its own changes only the ids.
 */
function hasOwnRoot(proc: ProcFiles, pid: number): boolean {
  const [own, its] = ["self", pid].map((id) => proc.read(`/proc/${id}/mountinfo`));
  if (typeof own !== "string" || typeof its !== "string") return false;
  return rootMount(own) !== rootMount(its);
}

/** The device of the root directory, and the folder on it: the topmost of those mounted there. */
function rootMount(mountinfo: string): string | null {
  const lines = mountinfo.split("\n").map((line) => line.split(" "));
  const root = lines.findLast(([, , , , place]) => place === "/");
  return root === undefined ? null : root.slice(2, 4).join(" ");
}

/**
 * Whether a path leads nginx to the same place as this process, if nothing is there. A service may have a /tmp of its
 * own, and see no home of anybody: systemd.exec(5).
 */
export function sharesPlace(proc: ProcFiles, { pid }: RunningNginx, path: string): boolean {
  const [own, its] = ["self", pid].map((id) => proc.read(`/proc/${id}/mountinfo`));
  if (typeof own !== "string" || typeof its !== "string") return true;
  return placeOf(own, path) === placeOf(its, path);
}

/** The device of a path, and its path there: by the last mount of the longest folder. */
function placeOf(mountinfo: string, path: string): string | null {
  let place: { readonly folder: string; readonly at: string } | null = null;
  for (const line of mountinfo.split("\n")) {
    const [, , device = "", root = "", written = ""] = line.split(" ");
    // Blanks and their like are octal, proc(5).
    const mount = written.replace(
      /\\([0-7]{3})/g,
      (_, code) => String.fromCharCode(parseInt(code, 8)),
    );
    const folder = mount === "/" ? "" : mount;
    if (written === "" || !`${path}/`.startsWith(`${folder}/`)) continue;
    if (place !== null && folder.length < place.folder.length) continue;
    const below = path.slice(folder.length);
    place = { folder, at: `${device} ${root === "/" ? "" : root}${below}` };
  }
  return place?.at ?? null;
}

/** Whether it has an id of its own in another namespace, proc(5) `NSpid`. */
function isContained(proc: ProcFiles, pid: number): boolean {
  return /^NSpid:\s+\d+\s+\d/m.test(proc.read(`/proc/${pid}/status`) ?? "");
}

/**
 * When nginx loaded its files, in milliseconds since the epoch; `null` if that is not known. The oldest of its workers
 * counts: the master process starts one that has crashed again, with what it loaded before. By the wall clock of now, as
 * the times of new files are.
 */
export function loadedMs(proc: ProcFiles, { workers }: RunningNginx): number | null {
  const starts = workers.map((pid) => startOf(proc, pid)).filter((startMs) => startMs !== null);
  return starts.length === 0 ? null : Math.min(...starts);
}

/** Whether both have loaded the same files: a reload leaves no worker. */
export function isSameLoad(a: RunningNginx, b: RunningNginx): boolean {
  return a.pid === b.pid && a.config === b.config &&
    a.workers.some((worker) => b.workers.includes(worker));
}

/** When a process started; `null` if that is not known. proc(5), `starttime`. */
export function startOf(proc: ProcFiles, pid: number): number | null {
  const sinceBootMs = ticksOf(proc.read(`/proc/${pid}/stat`) ?? "") / TICKS * 1000;
  const startedMs = Date.now() - uptimeMs(proc) + sinceBootMs;
  return Number.isFinite(startedMs) ? startedMs : null;
}

/** In a container the file may be another one's word; the system call counts whole seconds, and rounds up. */
function uptimeMs(proc: ProcFiles): number {
  const roundedMs = Deno.osUptime() * 1000;
  const exactMs = parseFloat(proc.read("/proc/uptime") ?? "") * 1000;
  return Math.abs(exactMs - roundedMs) < 2000 ? exactMs : roundedMs - 1000;
}

/** The name of a program may have blanks and parentheses. */
function ticksOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? NaN);
}

/** `-c FILE`, relative to `-p PREFIX`. */
function configOf(words: string): string {
  const folder = OWN_FOLDER.exec(words)?.[1];
  const usual = folder === undefined ? USUAL_CONFIG : "conf/nginx.conf";
  const file = /(?:^| )-c ?(\S+)/.exec(words)?.[1] ?? usual;
  if (file.startsWith("/")) return file;
  // Debian's has this one.
  const prefix = /(?:^| )-p ?(\S+)/.exec(words)?.[1] ?? folder ?? "/usr/share/nginx";
  return `${prefix.replace(/\/$/, "")}/${file}`;
}

function commandLine(proc: ProcFiles, pid: number): string {
  return (proc.read(`/proc/${pid}/cmdline`) ?? "").replace(/\0+$/, "").replaceAll("\0", " ");
}
