/**
 * Sees that nginx was reloaded, started or ended, or that its files have changed and it has not taken them.
 *
 * @module
 */

import type { Rehearsal } from "../../status/rehearsal.ts";
import { findNginx, nginxAt, type RunningNginx } from "./nginx_process.ts";
import type { ProcFiles } from "./proc_files.ts";
import { staleText } from "./rehearse.ts";

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
const FILES_MS = 30_000;

export interface SeenNginx {
  /** `null`: none runs. */
  readonly nginx: RunningNginx | null;
  /** The main file of the last one that ran. */
  readonly config: string;
}

export class NginxWatch {
  readonly #proc: ProcFiles;
  readonly #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #seen: SeenNginx = { nginx: null, config: USUAL_CONFIG };
  #foundMs = -Infinity;
  #endedMs = -Infinity;
  #filesMs = 0;
  #files: readonly string[] = [];
  /** Whether the last rehearsal found it so; `undefined` before the first. */
  #stale: boolean | undefined;

  /** `changed`: a rehearsal would find something else than the last one. */
  constructor(proc: ProcFiles, changed: () => void) {
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

  /** Looks now, at all processes. */
  look(): SeenNginx {
    this.#take(findNginx(this.#proc));
    return this.#seen;
  }

  /** `files`: those whose times say whether nginx serves by them. */
  rehearsed({ nginx }: Rehearsal, files: readonly string[]): void {
    this.#files = files;
    this.#stale = nginx.stale !== null;
    this.#filesMs = performance.now();
  }

  #next(): void {
    this.#timer = setTimeout(async () => {
      await this.#turn();
      if (this.#running) this.#next();
    }, LOOK_MS);
  }

  async #turn(): Promise<void> {
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
    if (serves(before) !== serves(this.#seen.nginx)) this.#changed();
    else if (await this.#filesHaveChanged()) this.#changed();
  }

  #take(nginx: RunningNginx | null): void {
    this.#seen = { nginx, config: nginx?.config ?? this.#seen.config };
  }

  async #filesHaveChanged(): Promise<boolean> {
    const { nginx } = this.#seen;
    if (nginx === null || this.#stale === undefined) return false;
    if (performance.now() - this.#filesMs < FILES_MS) return false;
    const isStale = await staleText(this.#proc, nginx, this.#files) !== null;
    this.#filesMs = performance.now();
    return isStale !== this.#stale;
  }
}

/** Differs after a start, an end or a reload that succeeded. */
function serves(nginx: RunningNginx | null): string {
  return nginx === null ? "" : `${nginx.pid}: ${nginx.workers}`;
}
