/**
 * The host's processes: found by name in proc(5), watched through pidfd_open(2).
 *
 * @module
 */

import type { ProcessTable } from "../health/probes/process.ts";
import { O_CLOEXEC, O_RDONLY } from "./constants.ts";
import { must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";
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
    const found = listProcesses(this.#libc).filter((pid) => {
      const process = readProcess(this.#libc, pid);
      return process?.name === wanted && process.runs;
    });
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

/**
 * struct linux_dirent64 { ino64_t d_ino; off64_t d_off; unsigned short d_reclen; unsigned char d_type; char d_name[]; }
 */
const RECORD_LENGTH_OFFSET = 16;
const NAME_OFFSET = 19;

/** The PIDs in /proc. Through libc: Deno reads /proc only for programs that may do everything. */
function listProcesses(libc: Libc): number[] {
  const fd = must("list processes", "open", libc.openFile("/proc", O_RDONLY | O_CLOEXEC));
  try {
    const found: number[] = [];
    const entries: Octets = new Uint8Array(32_768);
    const view = new DataView(entries.buffer);
    for (;;) {
      const length = must("list processes", "getdents64", libc.readFolder(fd, entries));
      if (length === 0) return found;
      for (let at = 0; at < length; at += view.getUint16(at + RECORD_LENGTH_OFFSET, true)) {
        const name = entries.subarray(at + NAME_OFFSET, entries.indexOf(0, at + NAME_OFFSET));
        const pid = Number(DECODER.decode(name));
        if (Number.isInteger(pid)) found.push(pid);
      }
    }
  } finally {
    libc.closeFd(fd);
  }
}

/** Of `/proc/PID/stat`, `PID (NAME) STATE ...`; the name may contain anything, parentheses too. */
function readProcess(
  libc: Libc,
  pid: number,
): { readonly name: string; readonly runs: boolean } | null {
  const fd = libc.openFile(`/proc/${pid}/stat`, O_RDONLY | O_CLOEXEC);
  // It ended while we looked.
  if (fd < 0) return null;
  const octets: Octets = new Uint8Array(512);
  const length = libc.read(fd, octets);
  libc.closeFd(fd);
  if (length <= 0) return null;
  const stat = DECODER.decode(octets.subarray(0, length));
  const nameEnd = stat.lastIndexOf(")");
  const state = stat[nameEnd + 2];
  return {
    name: stat.slice(stat.indexOf("(") + 1, nameEnd),
    runs: state !== "Z" && state !== "X",
  };
}

const DECODER = new TextDecoder();
