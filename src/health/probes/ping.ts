/**
 * The `ping` check: does another host answer? With a gateway as that host, the nodes of a pair find out which of them
 * is cut off.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../check.ts";
import type { PingCheckConfig } from "../check_config.ts";
import { failed, type Finding, type Probe } from "../probe.ts";
import { TimedProber } from "../timed_prober.ts";

/** Asks one host whether it is there. */
export interface PingPort {
  /**
   * Sends one request; an earlier one no longer counts. Calls `answered` once when that very request is answered, never
   * during the call.
   *
   * @returns why it could not be sent, as part of a line for a person; or `null`
   */
  ask(answered: () => void): string | null;
  close(): void;
}

/** Opens such ports. Never fails, because a port looks for what it needs from the machine at each request. */
export interface Pinger {
  open(check: PingCheckConfig): PingPort;
}

export class PingProber implements Prober {
  readonly #port: PingPort;
  readonly #prober: TimedProber;

  constructor(check: PingCheckConfig, pinger: Pinger, report: (result: ProbeResult) => void) {
    this.#port = pinger.open(check);
    this.#prober = new TimedProber(pingProbe(check, this.#port), check.timeoutMs, report);
  }

  probe(): void {
    this.#prober.probe();
  }

  close(): void {
    this.#prober.close();
    this.#port.close();
  }
}

function pingProbe({ method, timeoutMs }: PingCheckConfig, port: PingPort): Probe {
  const what = method === "echo" ? "echo" : "neighbour";
  return {
    late: `no ${what} answer within ${timeoutMs} ms`,
    run: (signal) =>
      new Promise<Finding>((resolve) => {
        const startedMs = performance.now();
        signal.addEventListener("abort", () => resolve(failed("ended")), { once: true });
        const problem = port.ask(() => {
          const tookMs = (performance.now() - startedMs).toFixed(1);
          resolve({ ok: true, detail: `${what} answer in ${tookMs} ms` });
        });
        if (problem !== null) resolve(failed(problem));
      }),
  };
}
