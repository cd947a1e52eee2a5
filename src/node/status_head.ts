/**
 * The head of a node's status: everything that belongs to no single instance or peer.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  noProcesses,
  ORDINARY_PROCESS,
  type ProcessesStatus,
  type ProcessStatus,
  type StatusHead,
} from "../status/status.ts";
import type { Checks } from "./checks/checks.ts";
import type { Alarms } from "./journal/alarms.ts";
import type { DropLog } from "./journal/drop_log.ts";

/** The program that a node runs in. */
export interface ProgramOptions {
  /** vipd's version, for the status. */
  readonly version: string;
  /** How the kernel treats the process, for the status; an ordinary one without it. */
  readonly process?: ProcessStatus;
  /** Its processes at the moment, for the status; a simulated node has none of its own. */
  readonly processes?: () => ProcessesStatus;
}

/** The parts that the head reports. */
interface ReportedParts {
  readonly alarms: Alarms;
  readonly checks: Checks;
  /** Counts the datagrams for no instance. */
  readonly drops: DropLog;
}

export class NodeHead {
  readonly #host: Host;
  readonly #program: Required<ProgramOptions>;
  readonly #startedAtMs: number;
  readonly #startedMs: number;

  /** The node starts now. */
  constructor(host: Host, { version, process, processes }: ProgramOptions) {
    this.#host = host;
    this.#startedAtMs = host.wallClockMs();
    this.#startedMs = host.nowMs();
    this.#program = {
      version,
      process: process ?? ORDINARY_PROCESS,
      processes: processes ?? (() => noProcesses(this.#startedAtMs)),
    };
  }

  /** When the node started, in monotonic milliseconds. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** `node`: its name. */
  status(node: string, { alarms, checks, drops }: ReportedParts): StatusHead {
    const { version, process, processes } = this.#program;
    return {
      node,
      version,
      started_at: new Date(this.#startedAtMs).toISOString(),
      uptime_seconds: Math.floor((this.#host.nowMs() - this.#startedMs) / 1000),
      now: new Date(this.#host.wallClockMs()).toISOString(),
      process,
      processes: processes(),
      alarms: alarms.status(),
      checks: checks.status(),
      notifications: [],
      dropped: { ...drops.counters },
    };
  }
}
