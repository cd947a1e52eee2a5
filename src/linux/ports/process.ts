/**
 * This program asks Linux for more than the ports of a load balancer: about the kernel and other processes, and for its
 * own.
 *
 * @module
 */

import type { ProcessConfig } from "../../config/model.ts";
import type { HostError } from "../../host/errors.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import { ProcessTuning, type TuningOutcome } from "../process/process_tuning.ts";
import type { LinuxProcesses } from "../process/processes.ts";
import { notifySystemd, reloadingState } from "../process/systemd.ts";
import { ConnectionShutdown } from "../sys/connection_shutdown.ts";
import type { SysContext } from "../sys/context.ts";
import { readKernelFile } from "../sys/kernel_files.ts";

export interface Process {
  /** How late timers have fired at most since this was last asked, in milliseconds. */
  takeLateMs(): number;
  /** The text of a file in /proc or /sys; `null` when it cannot be read. */
  readKernelFile(path: string): string | null;
  /** Whether a process of that name runs. */
  runs(name: string): boolean;
  /** For connections of this process, while the host is open. */
  readonly shutDown: ShutDown;
  /** Asks the kernel to treat this process as `desired`, also the threads that the runtime starts from now on. */
  tuneProcess(desired: ProcessConfig): TuningOutcome;
  /**
   * Notifies systemd if it has started this program with Type=notify; otherwise does nothing.
   *
   * @param state lines of sd_notify(3): `READY=1\nSTATUS=...`
   */
  notifySystemd(state: string): HostError | null;
  /** Notifies it that a reload begins; `READY=1` ends it. */
  notifyReloading(): HostError | null;
}

export function linuxProcess(
  { libc, reactor, timers }: SysContext,
  processes: LinuxProcesses,
): Process {
  const connections = new ConnectionShutdown(libc);
  const socket = Deno.env.get("NOTIFY_SOCKET");
  return {
    takeLateMs: () => timers.takeLateMs(),
    readKernelFile: (path) => readKernelFile(libc, path),
    runs: (name) => processes.find(name).length > 0,
    shutDown: (connection) => void connections.shutdown(connection),

    tuneProcess(desired) {
      const tuning = new ProcessTuning(libc);
      const outcome = tuning.apply(desired);
      const { realtime_priority, nice } = outcome.status;
      if (realtime_priority !== null || nice !== null) {
        reactor.watchWaits(() => tuning.includeNewThreads());
      }
      return outcome;
    },

    notifySystemd: (state) => notifySystemd(libc, socket, state),
    notifyReloading: () => notifySystemd(libc, socket, reloadingState(libc)),
  };
}
