/**
 * The `process` check: does a process of this name run? It reports the end of the process at once, not at the next
 * probe.
 *
 * @module
 */

import { PooledOperation } from "../../runtime/pooled_operation.ts";
import type { Prober, ProbeResult } from "../check.ts";
import type { ProcessCheckConfig } from "../check_config.ts";
import { reasonOf } from "../probe.ts";

/** The processes of a machine. */
export interface ProcessTable {
  /** The PIDs of the running processes of that name (`/proc/PID/comm`), lowest first; zombies do not run. */
  find(name: string): number[];
  /** The number of the user that has started a process (its real user), or `null` if it is gone. */
  owner(pid: number): number | null;
  /**
   * The path of a process's executable, without symbolic links; `null` if it is gone, or if another user's process
   * hides it.
   */
  executable(pid: number): string | null;
  /**
   * Calls `exited` once when the process ends, never during the call.
   *
   * @returns what ends the watch, or `null` if the process is gone or cannot be watched.
   */
  watchExit(pid: number, exited: () => void): (() => void) | null;
}

/**
 * The number of a user of this machine by name or number, or the problem as text. May use one thread of the pool at a
 * time.
 */
export type FindUser = (name: string) => Promise<number | string>;

/** How many processes vipd watches. A server's master is among the first, and vipd still counts the others. */
const WATCHED_AT_MOST = 64;

/** The processes that count, and why others of their name do not. */
interface Found {
  readonly pids: readonly number[];
  /** Of another user. */
  readonly foreign: number;
  /** They run another executable. */
  readonly other: number;
  /** vipd's user may not look at them. */
  readonly hidden: number;
}

export class ProcessProber implements Prober {
  readonly #check: ProcessCheckConfig;
  readonly #processes: ProcessTable;
  readonly #report: (result: ProbeResult) => void;
  readonly #user: PooledOperation<number | string> | null;
  /** The number of the check's user; `null` while it is not known. */
  #uid: number | null = null;
  /** How to end each watch, by PID. */
  readonly #watches = new Map<number, () => void>();
  /** Whether there was a process when vipd last looked. */
  #seen = false;
  /** How the last one went, until there is one again, so that each result without one has the same words. */
  #gone: readonly string[] = [];
  /** Runs while the next process may still start. */
  #grace: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(
    check: ProcessCheckConfig,
    processes: ProcessTable,
    findUser: FindUser,
    report: (result: ProbeResult) => void,
  ) {
    this.#check = check;
    this.#processes = processes;
    this.#report = report;
    const { user } = check;
    this.#user = user === undefined ? null : new PooledOperation("program", () => findUser(user));
  }

  probe(): void {
    if (this.#closed) return;
    if (this.#user && this.#uid === null) return void this.#findUser(this.#user);
    this.#probeNow();
  }

  close(): void {
    this.#closed = true;
    this.#endGrace();
    this.#watch([]);
  }

  /** Finds the check's user, then probes. */
  async #findUser(user: PooledOperation<number | string>): Promise<void> {
    const { timeoutMs, user: name } = this.#check;
    const startedMs = performance.now();
    const turn = await user.run(AbortSignal.timeout(timeoutMs));
    if (this.#closed) return;
    const found = turn.ok ? turn.value : `who ${name} is, was not found out in ${timeoutMs} ms`;
    if (typeof found === "string") return this.#finish({ ok: false, detail: found }, startedMs);
    this.#uid = found;
    this.#probeNow();
  }

  #probeNow(): void {
    const startedMs = performance.now();
    const found = this.#look();
    if (typeof found === "string") return this.#finish({ ok: false, detail: found }, startedMs);
    const ok = found.pids.length > 0;
    if (!ok && this.#startGrace()) return;
    this.#finish({ ok, detail: this.#describe(found) }, startedMs);
  }

  #exited(pid: number): void {
    this.#watches.delete(pid);
    if (this.#closed) return;
    const startedMs = performance.now();
    const found = this.#look();
    // Other processes continue, or nothing is known: the next probe reports.
    if (typeof found === "string" || found.pids.length > 0) return;
    this.#gone = [`PID ${pid} has ended`];
    if (this.#startGrace()) return;
    this.#ended(found, startedMs);
  }

  /** Whether the next process may still start. */
  #startGrace(): boolean {
    const { graceMs } = this.#check;
    if (this.#grace !== null) return true;
    if (graceMs === 0 || !this.#seen) return false;
    this.#grace = setTimeout(() => {
      this.#grace = null;
      const startedMs = performance.now();
      const found = this.#look();
      if (typeof found === "string" || found.pids.length > 0) return;
      this.#gone = [...this.#gone, `no other came in ${graceMs} ms`];
      this.#ended(found, startedMs);
    }, graceMs);
    return true;
  }

  #endGrace(): void {
    if (this.#grace !== null) clearTimeout(this.#grace);
    this.#grace = null;
  }

  /** Reports that no process is left. */
  #ended(found: Found, startedMs: number): void {
    this.#seen = false;
    this.#finish({ ok: false, conclusive: true, detail: this.#describe(found) }, startedMs);
  }

  #finish(result: Omit<ProbeResult, "tookMs">, startedMs: number): void {
    this.#report({ ...result, tookMs: performance.now() - startedMs });
  }

  /** The processes that run now, all of them watched; or why vipd could not look for them. */
  #look(): Found | string {
    let found: Found;
    try {
      found = this.#select(this.#processes.find(this.#check.process));
    } catch (error) {
      return `cannot read the process table: ${reasonOf(error)}`;
    }
    const { pids } = found;
    this.#watch(pids.slice(0, WATCHED_AT_MOST));
    if (pids.length > 0) {
      this.#seen = true;
      this.#gone = [];
      this.#endGrace();
    }
    return found;
  }

  #select(named: readonly number[]): Found {
    const { path } = this.#check;
    const own = this.#uid === null
      ? named
      : named.filter((pid) => this.#processes.owner(pid) === this.#uid);
    const foreign = named.length - own.length;
    if (path === undefined) return { pids: own, foreign, other: 0, hidden: 0 };
    const executables = own.map((pid) => ({ pid, executable: this.#processes.executable(pid) }));
    const pids = executables.flatMap(({ pid, executable }) => executable === path ? [pid] : []);
    const hidden = executables.filter(({ executable }) => executable === null).length;
    return { pids, foreign, other: own.length - pids.length - hidden, hidden };
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

  #describe({ pids, foreign, other, hidden }: Found): string {
    const { process, user, path } = this.#check;
    if (pids.length > 0) {
      return pids.length === 1
        ? `1 process, PID ${pids[0]}`
        : `${pids.length} processes, lowest PID ${pids[0]}`;
    }
    const why = [
      foreign > 0 ? `${foreign} not of user ${user}` : "",
      other > 0 ? `${other} not of ${path}` : "",
      hidden > 0 ? `${hidden} whose executable vipd's user must not see` : "",
    ].filter((part) => part !== "").join(", ");
    const gone = this.#gone.length === 0 ? "" : ` (${this.#gone.join(", ")})`;
    return `no process ${process}${why === "" ? "" : ` that counts: ${why}`}${gone}`;
  }
}
