/**
 * The scheduling of this process in relation to others: real-time or nice threads (sched(7)).
 *
 * These are settings of a thread, not of a process. The engine's turn needs the thread that runs JavaScript, the one of
 * the runtime's pool that waits for it in epoll_wait(2), and those that collect its garbage. So vipd sets all of them,
 * and those that the runtime starts later.
 *
 * The real-time priority of the thread that runs JavaScript is one below that of the others. It waits for those that
 * collect garbage without sleeping: on the same processor one of equal priority gets its turn only at the end of a slice
 * of SCHED_RR, 100 ms, and one below it never.
 *
 * No mlockall(2): the JavaScript engine ends the program if the kernel refuses to take back a page of its heap, as it
 * does with locked ones.
 *
 * @module
 */

import type { ProcessConfig } from "../../config/model.ts";
import type { ProcessStatus } from "../../status/status.ts";
import { PRIO_PROCESS, SCHED_OTHER, SCHED_RESET_ON_FORK, SCHED_RR } from "../sys/constants.ts";
import { asHostError, errnoName, ESRCH } from "../sys/errors.ts";
import { numbersIn } from "../sys/kernel_files.ts";
import type { Libc } from "../sys/libc.ts";

/** The threads of this process, proc(5). */
const THREADS = "/proc/self/task";

/** The outcome of the settings. */
export interface TuningOutcome {
  /** The settings in force. */
  readonly status: ProcessStatus;
  /** A sentence for each setting that the kernel did not grant, with its remedy. */
  readonly problems: readonly string[];
}

export class ProcessTuning {
  readonly #libc: Libc;
  #treated: ReadonlySet<number> = new Set();
  #realtimePriority: number | null = null;
  #nice: number | null = null;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** Applies all settings; those that the kernel refuses stay unchanged. */
  apply({ realtimePriority, nice }: ProcessConfig): TuningOutcome {
    const problems: string[] = [];
    const granted = (key: string, call: string, result: number, remedy: string) => {
      if (result >= 0) return true;
      const why = `${call}: ${errnoName(-result)}`;
      problems.push(`process.${key} is not in force (${why}): ${remedy}, or remove the key`);
      return false;
    };
    if (nice !== undefined) {
      const remedy = `its unit must allow it with LimitNICE=${nice} (vipd man install)`;
      if (granted("nice", "setpriority", this.#makeNice(0, nice), remedy)) this.#nice = nice;
    }
    if (realtimePriority !== undefined) {
      const result = this.#makeRealtime(0, realtimePriority);
      const remedy = `its unit must allow it with LimitRTPRIO=${realtimePriority} and ` +
        "RestrictRealtime=no (vipd man install)";
      if (granted("realtime_priority", "sched_setscheduler", result, remedy)) {
        this.#realtimePriority = realtimePriority;
      }
    }
    this.includeNewThreads();
    return {
      status: {
        realtime_priority: this.#realtimePriority,
        nice: this.#nice,
      },
      problems,
    };
  }

  /**
   * Applies the settings to threads that have started since. A thread that a real-time one starts is an ordinary one
   * (SCHED_RESET_ON_FORK), so that the programs of checks do not run before everything else.
   */
  includeNewThreads(): void {
    if (this.#nice === null && this.#realtimePriority === null) return;
    try {
      const threads = numbersIn(this.#libc, THREADS);
      const treated = threads.filter((id) => this.#treated.has(id) || this.#treat(id));
      this.#treated = new Set(treated);
    } catch (error) {
      // No descriptor is left: tries again with the next wait.
      asHostError(error);
    }
  }

  /** False for a thread to try again. One that has ended is missing the next time. */
  #treat(threadId: number): boolean {
    const results = [
      ...(this.#nice === null ? [] : [this.#makeNice(threadId, this.#nice)]),
      ...(this.#realtimePriority === null
        ? []
        : [this.#makeRealtime(threadId, priorityOf(threadId, this.#realtimePriority))]),
    ];
    return results.every((result) => result >= 0 || result === -ESRCH);
  }

  /** The thread with this id, 0 for the calling one. */
  #makeNice(threadId: number, nice: number): number {
    const policy = SCHED_OTHER | SCHED_RESET_ON_FORK;
    const reset = this.#libc.schedSetscheduler(threadId, policy, 0);
    return reset < 0 ? reset : this.#libc.setpriority(PRIO_PROCESS, threadId, nice);
  }

  #makeRealtime(threadId: number, priority: number): number {
    return this.#libc.schedSetscheduler(threadId, SCHED_RR | SCHED_RESET_ON_FORK, priority);
  }
}

/** There is nothing below priority 1. */
function priorityOf(threadId: number, highest: number): number {
  return threadId === Deno.pid ? Math.max(1, highest - 1) : highest;
}
