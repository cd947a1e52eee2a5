/**
 * The host's processes: found by name in proc(5), watched through pidfd_open(2).
 *
 * @module
 */

import type { ProcessTable } from "../../health/probes/process.ts";
import { O_CLOEXEC, O_RDONLY } from "../sys/constants.ts";
import { numbersIn } from "../sys/kernel_files.ts";
import type { Libc, Octets } from "../sys/libc.ts";
import type { Reactor } from "../sys/reactor.ts";

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
    return findProcesses(this.#libc, name);
  }

  owner(pid: number): number | null {
    // Uid: real, effective, saved, file system. The real one, because a program that runs with another user's
    // privileges (setuid) still belongs to the user who started it.
    const uid = /^Uid:\s*(\d+)/m.exec(readProcFile(this.#libc, pid, "status") ?? "")?.[1];
    return uid === undefined ? null : Number(uid);
  }

  executable(pid: number): string | null {
    const length = this.#libc.readLink(`/proc/${pid}/exe`, LINK);
    if (length < 0) return null;
    // An executable that was replaced on the disk, as by an upgrade, continues to run.
    return DECODER.decode(LINK.subarray(0, length)).replace(/ \(deleted\)$/, "");
  }

  /**
   * Calls `exited` once when the process ends.
   *
   * @returns what ends the watch, or `null` if there is no such process or the kernel cannot watch it
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

/** The processes of that name, as `LinuxProcesses.find` has them. */
export function findProcesses(libc: Libc, name: string): number[] {
  const wanted = DECODER.decode(new TextEncoder().encode(name).subarray(0, NAME_OCTETS));
  const found = numbersIn(libc, "/proc").filter((pid) =>
    readProcFile(libc, pid, "comm")?.trimEnd() === wanted && runs(libc, pid)
  );
  return found.sort((a, b) => a - b);
}

/** False for a zombie: state Z or X in `PID (NAME) STATE ...`; the name may contain anything, parentheses too. */
function runs(libc: Libc, pid: number): boolean {
  const stat = readProcFile(libc, pid, "stat");
  return stat !== null && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

/** The beginning of `/proc/PID/FILE`, or `null` if the process has ended. */
function readProcFile(libc: Libc, pid: number, file: "comm" | "stat" | "status"): string | null {
  const fd = libc.openFile(`/proc/${pid}/${file}`, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return null;
  const length = libc.read(fd, FILE_START);
  libc.closeFd(fd);
  return length > 0 ? DECODER.decode(FILE_START.subarray(0, length)) : null;
}

/** Read and decoded before the next call, so one buffer is enough. */
const FILE_START: Octets = new Uint8Array(512);
/** PATH_MAX */
const LINK: Octets = new Uint8Array(4096);
const DECODER = new TextDecoder();
