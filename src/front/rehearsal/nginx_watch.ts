/**
 * Sees that nginx was reloaded, started or ended, or that its files have changed.
 *
 * @module
 */

import type { FileTimes } from "./file_times.ts";
import { findNginx, nginxAt, type RunningNginx } from "./nginx_process.ts";
import type { ProcFiles } from "./proc_files.ts";

const USUAL_CONFIG = "/etc/nginx/nginx.conf";
/** How often the workers are looked at, in milliseconds. */
const LOOK_MS = 1000;
/**
 * How often all processes are looked at for an nginx that was not there. One that has just ended is usually started
 * again: for a minute it is looked for as often as the workers.
 */
const FIND_MS = 5000;
const RESTART_MS = 60_000;
/** How often the times of the files are looked at. */
const FILES_MS = 2000;

export interface SeenNginx {
  /** `null`: none runs. */
  readonly nginx: RunningNginx | null;
  /** The main file of the last one that ran. */
  readonly config: string;
}

/** `nginx`: the processes; it may answer something else than before. */
export type Change = "nginx" | "files";

export class NginxWatch {
  readonly #proc: ProcFiles;
  readonly #changed: (what: Change) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #seen: SeenNginx = { nginx: null, config: USUAL_CONFIG };
  #foundMs = -Infinity;
  #endedMs = -Infinity;
  #filesMs = 0;
  /** `null` until they were read for the first time. */
  #times: FileTimes | null = null;

  constructor(proc: ProcFiles, changed: (what: Change) => void) {
    this.#proc = proc;
    this.#changed = changed;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#next();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** As it was at the last look. */
  get seen(): SeenNginx {
    return this.#seen;
  }

  /** Looks now, at all processes. */
  look(): SeenNginx {
    this.#take(findNginx(this.#proc));
    return this.#seen;
  }

  /** Takes the files as they were read last. `waitMs`: for so long they are not looked at. */
  follow(times: FileTimes, waitMs = FILES_MS): void {
    this.#times = times;
    this.#filesMs = performance.now() + waitMs;
  }

  #next(): void {
    this.#timer = setTimeout(() => {
      this.#turn();
      if (this.#running) this.#next();
    }, LOOK_MS);
  }

  #turn(): void {
    const before = this.#seen.nginx;
    const known = before === null ? null : nginxAt(this.#proc, before.pid);
    const nowMs = performance.now();
    if (before !== null) this.#endedMs = nowMs;
    const everyMs = nowMs - this.#endedMs < RESTART_MS ? 0 : FIND_MS;
    if (known !== null) this.#take(known);
    else if (nowMs - this.#foundMs >= everyMs) {
      this.#foundMs = nowMs;
      this.#take(findNginx(this.#proc));
    }
    if (serves(before) !== serves(this.#seen.nginx)) this.#changed("nginx");
    else if (this.#filesHaveChanged()) this.#changed("files");
  }

  #take(nginx: RunningNginx | null): void {
    this.#seen = { nginx, config: nginx?.config ?? this.#seen.config };
  }

  #filesHaveChanged(): boolean {
    if (this.#seen.nginx === null || this.#times === null) return false;
    if (performance.now() < this.#filesMs) return false;
    this.#filesMs = performance.now() + FILES_MS;
    return this.#times.hasChanged();
  }
}

/** Differs after a start, an end or a reload that succeeded. */
function serves(nginx: RunningNginx | null): string {
  return nginx === null ? "" : `${nginx.pid}: ${nginx.workers}`;
}
