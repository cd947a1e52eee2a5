/**
 * Opens the prober for a check's configuration.
 *
 * @module
 */

import type { ShutDown } from "../runtime/connection.ts";
import type { Prober, ProbeResult } from "./check.ts";
import type { CheckConfig } from "./check_config.ts";
import { execProbe } from "./probes/exec.ts";
import { fileProbe, type FileReader } from "./probes/file.ts";
import { httpProbe } from "./probes/http.ts";
import { type Pinger, PingProber } from "./probes/ping.ts";
import { ProcessProber, type ProcessTable } from "./probes/process.ts";
import { tcpProbe } from "./probes/tcp.ts";
import { TimedProber } from "./timed_prober.ts";
import { findUser } from "./programs/accounts.ts";

/** The ports that probes need from the machine. */
export interface ProbePorts {
  readonly processes: ProcessTable;
  readonly pinger: Pinger;
  readonly files: FileReader;
  /** Ends the connection to a server that hangs in its TLS handshake. */
  readonly shutDown?: ShutDown;
}

/**
 * The prober of one check. `report` gets every result; from a process check also, without a probe, the end of the last
 * process. No probe throws: every problem is a result that is not ok.
 */
export function openProber(
  check: CheckConfig,
  { processes, pinger, files, shutDown }: ProbePorts,
  report: (result: ProbeResult) => void,
): Prober {
  switch (check.type) {
    case "http":
      return new TimedProber(httpProbe(check, shutDown), check.timeoutMs, report);
    case "tcp":
      return new TimedProber(tcpProbe(check), check.timeoutMs, report);
    case "ping":
      return new PingProber(check, pinger, report);
    case "exec":
      return new TimedProber(execProbe(check), check.timeoutMs, report);
    case "process":
      return new ProcessProber(check, processes, findUser, report);
    case "file":
      return new TimedProber(fileProbe(check, files), check.timeoutMs, report);
  }
}
