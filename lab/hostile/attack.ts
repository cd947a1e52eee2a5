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

/**
 * The counts of each attacker that somebody else had a part in: to have tried proves nothing. The row of a load says
 * which of them it needs.
 */
export const ACHIEVEMENTS = {
  claims: ["sent"],
  connections: ["connected", "open_at_most", "answered", "ended"],
  engine_flood: ["welcomed", "judged", "outcomes", "secrets", "ask_again", "ended"],
  guesses: ["wrong", "held_off"],
  http2: ["connected", "answered", "kibibytes", "ended"],
  silent_resolver: ["asked"],
  web_server: ["asked", "kibibytes"],
} as const satisfies Record<AttackerName, readonly string[]>;

/** The least that an attack must have come to, for the measurement to prove anything. */
export type Achieved<Name extends AttackerName> = Partial<
  Readonly<Record<(typeof ACHIEVEMENTS)[Name][number], number>>
>;

/** Many sockets need many descriptors; they are this host's, not those of the target. */
const DESCRIPTORS = "20000";
/** How much longer than its duration an attacker may take to end, in milliseconds. */
const GRACE_MS = 20_000;

/** A running attacker. */
export class Attack<Name extends AttackerName = AttackerName> {
  readonly #name: Name;
  readonly #process: LabProcess;
  #counts: AttackCounts = {};

  private constructor(name: Name, process: LabProcess) {
    this.#name = name;
    this.#process = process;
    process.onLine((line) => {
      if (line.startsWith("{")) this.#counts = JSON.parse(line);
    });
  }

  /** Starts one on `host`; it ends by itself after `durationMs`. */
  static start<Name extends AttackerName>(
    host: LabHost,
    name: Name,
    durationMs: number,
    ...args: readonly (string | number)[]
  ): Attack<Name> {
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
   * @throws {LabError} If it failed, or achieved less than is demanded: the measurement would prove nothing.
   */
  async ended(least: Achieved<Name>): Promise<AttackCounts> {
    const { code } = await this.#process.ended;
    const missed = code === 0 ? lacking(this.#counts, least) : [`it ended with ${code}`];
    if (missed.length === 0) return this.#counts;
    const said = this.#process.lastLines.slice(-5).join("\n");
    throw new LabError(
      `The attacker ${this.#name} achieved too little, ${missed.join(", ")}:\n${said}`,
    );
  }

  /** Ends it before its time. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

/** The counts that are below what was to be achieved, in words; empty if none is. */
export function lacking(
  counts: AttackCounts,
  least: Readonly<Record<string, number | undefined>>,
): string[] {
  const demanded = Object.entries(least);
  if (demanded.length === 0) return ["nothing was demanded of it"];
  return demanded
    .map(([name, wanted = 0]) => ({ name, wanted, came: counts[name] ?? 0 }))
    .filter(({ wanted, came }) => !(came >= wanted && came > 0))
    .map(({ name, wanted, came }) => `${name}: ${came} instead of at least ${wanted}`);
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)}s`;
}
