/**
 * The `process` check: does a process of this name run? Its end is told at once, not at the next probe.
 *
 * @module
 */

import type { ProcessCheckConfig } from "../check_config.ts";
import type { Prober, ProbeResult } from "../check.ts";
import { reasonOf } from "./probe.ts";

/** The processes of a machine. */
export interface ProcessTable {
  /** The PIDs of the running processes of that name (`/proc/PID/comm`), lowest first; zombies do not run. */
  find(name: string): number[];
  /**
   * Calls `exited` once when the process ends, never during the call.
   *
   * @returns what ends the watch, or `null` when the process is gone or cannot be watched.
   */
  watchExit(pid: number, exited: () => void): (() => void) | null;
}

/** How many processes are watched; a server's master is among the first, and the others are still counted. */
const WATCHED_AT_MOST = 64;

export class ProcessProber implements Prober {
  readonly #name: string;
  readonly #processes: ProcessTable;
  readonly #report: (result: ProbeResult) => void;
  /** How to end each watch, by PID. */
  readonly #watches = new Map<number, () => void>();
  #closed = false;

  constructor(
    check: ProcessCheckConfig,
    processes: ProcessTable,
    report: (result: ProbeResult) => void,
  ) {
    this.#name = check.process;
    this.#processes = processes;
    this.#report = report;
  }

  probe(): void {
    if (this.#closed) return;
    const startedMs = performance.now();
    const found = this.#look();
    this.#report({
      ok: Array.isArray(found) && found.length > 0,
      detail: typeof found === "string" ? found : this.#describe(found),
      tookMs: performance.now() - startedMs,
    });
  }

  close(): void {
    this.#closed = true;
    this.#watch([]);
  }

  #exited(pid: number): void {
    this.#watches.delete(pid);
    if (this.#closed) return;
    const startedMs = performance.now();
    const found = this.#look();
    // Others carry on, or nobody can say: the next probe tells.
    if (typeof found === "string" || found.length > 0) return;
    this.#report({
      ok: false,
      conclusive: true,
      detail: `process ${this.#name} ended (PID ${pid})`,
      tookMs: performance.now() - startedMs,
    });
  }

  /** The processes that run now, all of them watched; or why they could not be looked for. */
  #look(): readonly number[] | string {
    let found: readonly number[];
    try {
      found = this.#processes.find(this.#name);
    } catch (error) {
      return `cannot read the process table: ${reasonOf(error)}`;
    }
    this.#watch(found.slice(0, WATCHED_AT_MOST));
    return found;
  }

  #watch(pids: readonly number[]): void {
    for (const [pid, end] of this.#watches) {
      if (pids.includes(pid)) continue;
      this.#watches.delete(pid);
      end();
    }
    for (const pid of pids) {
      if (this.#watches.has(pid)) continue;
      const end = this.#processes.watchExit(pid, () => this.#exited(pid));
      if (end) this.#watches.set(pid, end);
    }
  }

  #describe(found: readonly number[]): string {
    if (found.length === 0) return `no process ${this.#name}`;
    return found.length === 1
      ? `1 process, PID ${found[0]}`
      : `${found.length} processes, lowest PID ${found[0]}`;
  }
}
