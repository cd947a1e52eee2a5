/**
 * Attackers: programs that do one hostile thing from inside a host, for a limited time, and end by themselves.
 *
 * @module
 */

import { LabError } from "../error.ts";
import type { LabHost } from "../host.ts";
import type { LabProcess } from "../process.ts";

/** The attacker's counts so far, by its own names, such as `connected`. */
export type AttackCounts = Readonly<Record<string, number>>;

/** The programs, each with its own arguments after its duration. */
export type AttackerName =
  | "claims"
  | "connections"
  | "engine_flood"
  | "guesses"
  | "http2"
  | "silent_resolver"
  | "web_server";

/** Many sockets need many descriptors; they are this host's, not those of the target. */
const DESCRIPTORS = "20000";
/** How much longer than its duration an attacker may take to end, in milliseconds. */
const GRACE_MS = 20_000;

/** A running attacker. */
export class Attack {
  readonly #name: AttackerName;
  readonly #process: LabProcess;
  #counts: AttackCounts = {};

  private constructor(name: AttackerName, process: LabProcess) {
    this.#name = name;
    this.#process = process;
    process.onLine((line) => {
      if (line.startsWith("{")) this.#counts = JSON.parse(line);
    });
  }

  /** Starts one on `host`; it ends by itself after `durationMs`. */
  static start(
    host: LabHost,
    name: AttackerName,
    durationMs: number,
    ...args: readonly (string | number)[]
  ): Attack {
    return new Attack(
      name,
      host.start(name, [
        ...["prlimit", `--nofile=${DESCRIPTORS}`, "timeout", seconds(durationMs + GRACE_MS)],
        ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"],
        "--unsafely-ignore-certificate-errors",
        new URL(`${name}_process.ts`, import.meta.url).pathname,
        ...[durationMs, ...args].map(String),
      ]),
    );
  }

  /** Its counts so far, at most a second old. */
  get counts(): AttackCounts {
    return this.#counts;
  }

  /**
   * Resolves at its end, to its counts.
   *
   * @throws {LabError} If it failed, or has done nothing: the measurement would prove nothing.
   */
  async ended(): Promise<AttackCounts> {
    const { code } = await this.#process.ended;
    if (code === 0 && Object.values(this.#counts).some((it) => it > 0)) return this.#counts;
    const said = this.#process.lastLines.slice(-5).join("\n");
    throw new LabError(`The attacker ${this.#name} ended with ${code}:\n${said}`);
  }

  /** Ends it before its time. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)}s`;
}
