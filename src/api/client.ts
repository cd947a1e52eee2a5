/**
 * Talks to a running vipd, over TCP or a unix socket.
 *
 * @module
 */

import type { JournalEntry } from "../status/journal.ts";
import type { NodeConfig } from "../status/node_config.ts";
import type { Rehearsal } from "../status/rehearsal.ts";
import type { NodeStatus } from "../status/status.ts";
import {
  type CommandAnswer,
  commandShape,
  configShape,
  entriesShape,
  keepShape,
  rehearsalShape,
  type ReloadAnswer,
  reloadShape,
} from "./answer_shapes.ts";
import { DaemonRefusedError } from "./client_errors.ts";
import type { ApiTarget } from "./exchange.ts";
import { ApiSender, type ClientOptions } from "./sending.ts";

export type CommandName = "promote" | "demote" | "release";

/** The body of a command: nothing is sent that is not said, because vipd 0.1.0 refuses `reason`. */
export interface CommandTerms {
  /** How long the override lasts, such as `10m`; until released if absent. */
  readonly for?: string;
  /** Why, for the journal and the status. */
  readonly reason?: string;
  /** With demote: refuse it if the other node's last rehearsal found faults. */
  readonly unless_worse?: true;
}

/** The body of a reload: nothing is sent that is not asked for, because vipd 0.1.0 refuses it. */
export interface ReloadTerms {
  /** How long the configuration is on probation, such as `60s`. */
  readonly confirm?: string;
  readonly force?: true;
}

/**
 * Two rehearsals of five thousand names at fifty a second, which ask five hundred once more: one may be under way.
 */
const REHEARSE_TIMEOUT_MS = 300_000;

export class ApiClient {
  readonly #sender: ApiSender;

  constructor(target: ApiTarget, options: ClientOptions = {}) {
    this.#sender = new ApiSender(target, options);
  }

  status(timeoutMs?: number): Promise<NodeStatus> {
    return this.#sender.status(timeoutMs);
  }

  /** The status before a command, which waits for a front that is being started again. */
  statusToCommand(): Promise<NodeStatus> {
    return this.#sender.statusToCommand();
  }

  /** The effective configuration without secrets. */
  config(): Promise<NodeConfig> {
    return this.#sender.read("/v1/config", configShape);
  }

  /** The kept journal entries after the one with this id. */
  events(since = 0): Promise<JournalEntry[]> {
    return this.#sender.read(`/v1/events?since=${since}`, entriesShape);
  }

  /**
   * The journal entries after the one with this id and then every further one, until the connection ends or
   * `signal` aborts; then it throws.
   */
  follow(since = 0, signal?: AbortSignal): AsyncGenerator<JournalEntry> {
    return this.#sender.follow(`/v1/events?since=${since}`, signal);
  }

  command(
    instance: string,
    command: CommandName,
    terms: CommandTerms = {},
  ): Promise<CommandAnswer> {
    return this.#sender.send("POST", `${instancePath(instance)}/${command}`, terms, commandShape);
  }

  setPriority(
    instance: string,
    priority: number,
    why: Pick<CommandTerms, "reason"> = {},
  ): Promise<CommandAnswer> {
    const body = { priority, ...why };
    return this.#sender.send("PUT", `${instancePath(instance)}/priority`, body, commandShape);
  }

  clearPriority(
    instance: string,
    why: Pick<CommandTerms, "reason"> = {},
  ): Promise<CommandAnswer> {
    return this.#sender.send("DELETE", `${instancePath(instance)}/priority`, why, commandShape);
  }

  /** Throws {@link DaemonRefusedError} with the diagnostics if the configuration is not accepted. */
  reload(terms: ReloadTerms = {}): Promise<ReloadAnswer> {
    return this.#sender.send("POST", "/v1/reload", terms, reloadShape);
  }

  /** Keeps the configuration that is on probation. */
  async keep(): Promise<void> {
    await this.#sender.send("POST", "/v1/reload/keep", {}, keepShape);
  }

  /** The last rehearsal; `null` if there was none yet. */
  rehearsal(): Promise<Rehearsal | null> {
    return this.#sender.read("/v1/rehearsal", rehearsalShape).catch((error) => {
      if (error instanceof DaemonRefusedError && error.code === "not_rehearsed") return null;
      throw error;
    });
  }

  /** Rehearses now, and gives the results. */
  rehearse(): Promise<Rehearsal> {
    return this.#sender.send("POST", "/v1/rehearse", {}, rehearsalShape, REHEARSE_TIMEOUT_MS);
  }
  /** The text of `GET /metrics`. */
  metrics(): Promise<string> {
    return this.#sender.readText("/metrics");
  }
}

function instancePath(name: string): string {
  return `/v1/instances/${encodeURIComponent(name)}`;
}
