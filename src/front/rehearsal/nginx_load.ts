/**
 * The files as nginx has loaded them: as they are, until one of them changes. From then on it serves by what they said
 * before, and nobody can ask it for that: so what was read before is kept.
 *
 * @module
 */

import type { FaultyFile } from "../../nginx/load.ts";
import { isPipe } from "../../rehearsal/pipe.ts";
import { FileTimes } from "./file_times.ts";
import { NginxFiles, type ReadNginx } from "./nginx_files.ts";
import { isSameLoad, loadedMs, type RunningNginx, sharesPlace } from "./nginx_process.ts";
import type { ProcFiles } from "./proc_files.ts";

/** The kernel counts the start of a process and the time of a file in steps, in milliseconds. */
const STEPS_MS = 100;
const OWN_ROOT = "nginx runs in a root directory of its own, which vipd does not see";

export interface NginxLoad {
  /** The files by which nginx serves, as far as that is known: else as they are now. */
  readonly read: ReadNginx;
  /** Which file nginx has not loaded as it is now; `null` if it serves by its files, or that is not known. */
  readonly stale: string | null;
  /**
   * Why it could not load them if it were to: a reload failed, or would. Of files that it has loaded as they are, only that
   * one is there no more.
   */
  readonly unloadable: string | null;
  /** The files of `read` that nginx has not loaded as they are. */
  readonly unsure: ReadonlySet<string>;
  /** The times of the files as they are now. */
  readonly times: FileTimes;
}

interface Known {
  readonly nginx: RunningNginx;
  readonly read: ReadNginx;
  readonly times: FileTimes;
}

export class NginxLoads {
  readonly #proc: ProcFiles;
  readonly #files: NginxFiles;
  /** The last time when nginx served by its files. */
  #known: Known | null = null;

  /** @param user the name of the user who runs this process */
  constructor(proc: ProcFiles, user: string) {
    this.#proc = proc;
    this.#files = new NginxFiles({ user });
  }

  /** Reads the files from the main file on; never rejects. `nginx`: `null` if none runs. */
  async look(nginx: RunningNginx | null, config: string): Promise<NginxLoad> {
    const beganMs = Date.now();
    const read = nginx?.ownRoot ? hidden(config) : await this.#files.load(config);
    const times = await FileTimes.of([...read.paths, ...read.certificates], read.masks, beganMs);
    const none = { read, stale: null, unloadable: null, unsure: new Set<string>(), times };
    const startedMs = nginx === null ? null : loadedMs(this.#proc, nginx);
    if (nginx === null || startedMs === null) return none;
    const known = this.#known !== null && isSameLoad(this.#known.nginx, nginx) ? this.#known : null;
    const newest = times.newest(known?.times ?? null);
    const stale = staleText(newest, startedMs) ?? restructured(known?.read, read, startedMs);
    const faults = read.faults.filter((fault) => this.#isKnown(fault, nginx, known));
    if (stale === null) {
      const unloadable = faultText(faults.find(({ missing }) => missing));
      // If the file comes back as it was, nginx serves by it.
      if (unloadable === null || known === null) this.#known = { nginx, read, times };
      return { ...none, unloadable };
    }
    const unloadable = faultText(faults.find(({ reason }) => isPipe(reason)) ?? faults[0]);
    return known === null
      ? { ...none, stale, unloadable, unsure: times.after(startedMs + STEPS_MS) }
      : { ...none, stale, unloadable, read: known.read };
  }

  /** A file that is missing here may be there for nginx. Of the main file the place is a guess, unless it was read. */
  #isKnown({ path, missing }: FaultyFile, nginx: RunningNginx, known: Known | null): boolean {
    if (!missing) return true;
    if (path === nginx.config && (known?.read.servers ?? null) === null) return false;
    return sharesPlace(this.#proc, nginx, path);
  }
}

function faultText(fault: FaultyFile | undefined): string | null {
  return fault === undefined ? null : `${fault.path}: ${fault.reason}`;
}

/** All in milliseconds since the epoch. */
export function staleText(
  newest: { readonly path: string; readonly atMs: number } | null,
  startedMs: number,
): string | null {
  if (newest === null || newest.atMs <= startedMs + STEPS_MS) return null;
  return `${newest.path} is of ${stamp(newest.atMs)}, its workers are of ${stamp(startedMs)}`;
}

/** A file that came or went without a time of its own, such as one that was removed. */
function restructured(
  known: ReadNginx | undefined,
  read: ReadNginx,
  startedMs: number,
): string | null {
  // Of a file that may not be read any more, nobody knows what it includes.
  if (known === undefined || read.unread.length > known.unread.length) return null;
  const [before, now] = [new Set(known.paths), new Set(read.paths)];
  const [gone] = before.difference(now);
  // A file that is read now and was not before may have included it all the time.
  const isSameView = read.unread.length === known.unread.length;
  const [come] = isSameView ? now.difference(before) : [];
  if (gone === undefined && come === undefined) return null;
  const what = gone === undefined ? `${come} is new` : `${gone} is gone`;
  return `${what}, its workers are of ${stamp(startedMs)}`;
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function hidden(config: string): ReadNginx {
  const unread = [{ path: config, reason: OWN_ROOT }];
  return { servers: null, unread, faults: [], paths: [], certificates: [], masks: [] };
}
