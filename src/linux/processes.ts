/**
 * The host's processes: found by name in proc(5), watched through pidfd_open(2).
 *
 * @module
 */

import type { ProcessTable } from "../health/probes/process.ts";
import type { Libc } from "./libc.ts";
import type { Reactor } from "./reactor.ts";

/** TASK_COMM_LEN without the terminating zero: the kernel cuts names to this, proc(5). */
const NAME_OCTETS = 15;

export class LinuxProcesses implements ProcessTable {
  readonly #libc: Libc;
  readonly #reactor: Reactor;
  /** Open pidfds. */
  readonly #watched = new Set<number>();

  constructor(libc: Libc, reactor: Reactor) {
    this.#libc = libc;
    this.#reactor = reactor;
  }

  /** The running processes of that name (`/proc/PID/comm`), in ascending order; zombies do not run. */
  find(name: string): number[] {
    const wanted = new TextDecoder().decode(
      new TextEncoder().encode(name).subarray(0, NAME_OCTETS),
    );
    const found: number[] = [];
    for (const { name: entry } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      const process = readProcess(entry);
      if (process?.name === wanted && process.runs) found.push(Number(entry));
    }
    return found.sort((a, b) => a - b);
  }

  /**
   * Calls `exited` once when the process ends.
   *
   * @returns what ends the watch, or `null` when there is no such process or the kernel cannot watch it
   * (before Linux 5.3, or no descriptors left).
   */
  watchExit(pid: number, exited: () => void): (() => void) | null {
    const fd = this.#libc.pidfdOpen(pid);
    if (fd < 0) return null;
    this.#watched.add(fd);
    const end = () => {
      if (!this.#watched.delete(fd)) return;
      this.#reactor.unregister(fd);
      this.#libc.closeFd(fd);
    };
    this.#reactor.register(fd, () => {
      end();
      exited();
    });
    return end;
  }

  /** Ends all watches. The reactor must have been closed. */
  close(): void {
    for (const fd of this.#watched) this.#libc.closeFd(fd);
    this.#watched.clear();
  }
}

/** Of `/proc/PID/stat`, `PID (NAME) STATE ...`; the name may contain anything, parentheses too. */
function readProcess(pid: string): { readonly name: string; readonly runs: boolean } | null {
  let stat: string;
  try {
    stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    // It ended while we looked.
    return null;
  }
  const nameEnd = stat.lastIndexOf(")");
  const state = stat[nameEnd + 2];
  return {
    name: stat.slice(stat.indexOf("(") + 1, nameEnd),
    runs: state !== "Z" && state !== "X",
  };
}
