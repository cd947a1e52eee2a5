/**
 * vipd and keepalived with the same interface, so that one scenario can test both in the same way.
 *
 * @module
 */

import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";
import { Keepalived } from "./keepalived.ts";
import type { CommandName, Vipd } from "./vipd.ts";

export const BRANDS = ["vipd", "keepalived"] as const;
export type Brand = typeof BRANDS[number];

/** A daemon on one host. */
export interface Daemon {
  readonly brand: Brand;
  readonly host: LabHost;
  /** When its process was last started, in milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Starts it; waits for nothing that it does. */
  launch(): Promise<void>;
  /** A clean stop. */
  stop(): Promise<void>;
  /** Sends a signal to all of its processes at once. */
  signal(signal: Deno.Signal): Promise<void>;
  /** Replaces its configuration while it runs (SIGHUP). */
  reload(config: string): Promise<void>;
  /** Id of its first process as this program sees it; `null` if it does not run. */
  pid(): Promise<number | null>;
  lastLines(): readonly string[];
}

/** vipd on one host. */
export class VipdDaemon implements Daemon {
  readonly brand = "vipd";
  readonly vipd: Vipd;

  constructor(vipd: Vipd) {
    this.vipd = vipd;
  }

  get host(): LabHost {
    return this.vipd.host;
  }

  get startedAtMs(): number {
    return this.vipd.startedAtMs;
  }

  async launch(): Promise<void> {
    await this.vipd.launch();
  }

  stop(): Promise<void> {
    return this.vipd.stop();
  }

  signal(signal: Deno.Signal): Promise<void> {
    return this.vipd.signal(signal);
  }

  reload(config: string): Promise<void> {
    return this.vipd.reload(config);
  }

  pid(): Promise<number | null> {
    return this.vipd.pid();
  }

  lastLines(): readonly string[] {
    return this.vipd.lastLines;
  }

  /**
   * A command of the API, which must succeed.
   *
   * @throws {LabError} If vipd refuses it.
   */
  async send(instance: string, command: CommandName): Promise<void> {
    const { status, body } = await this.vipd.send(instance, command);
    if (status === 200) return;
    const answer = JSON.stringify(body);
    throw new LabError(`${command} on ${this.host.name} was answered with ${status}: ${answer}`);
  }
}

/** keepalived on one host, without its detailed log. */
export class KeepalivedDaemon implements Daemon {
  readonly brand = "keepalived";
  readonly host: LabHost;
  readonly #config: string;
  #process: Keepalived | null = null;

  constructor(host: LabHost, config: string) {
    this.host = host;
    this.#config = config;
  }

  get startedAtMs(): number {
    return this.#process?.startedAtMs ?? NaN;
  }

  async launch(): Promise<void> {
    this.#process = await Keepalived.start(this.host, this.#config, { logDetail: false });
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async signal(signal: Deno.Signal): Promise<void> {
    await this.#process?.signal(signal);
  }

  async reload(config: string): Promise<void> {
    await this.#process?.reload(config);
  }

  async pid(): Promise<number | null> {
    return await this.#process?.pid() ?? null;
  }

  lastLines(): readonly string[] {
    return this.#process?.lastLines ?? [];
  }
}
