/**
 * The API's interface to a load balancer: its status, its journal, its commands, and reloading its configuration.
 *
 * @module
 */

import type { CommandClient, CommandOrigin } from "../../status/command_origin.ts";
import type { CommandOptions, CommandResult } from "../../status/commands.ts";
import type { Journal, JournalEntry } from "../../status/journal.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import type { KeepOutcome, ReloadOutcome, ReloadRequest } from "../../status/reloading.ts";
import type { NodeStatus } from "../../status/status.ts";

/** The sender and the key of a command: each key is carried out once. */
export interface CommandBy {
  /** As the client named the command, or generated for it. */
  readonly key: string;
  /** The token that the client showed. */
  readonly token: string | null;
  readonly client: CommandClient;
}

/** Why a command is given, and for how long it stands. */
export type CommandTerms = Omit<CommandOptions, "by">;
/** Why a command is given. */
export type CommandWhy = Omit<CommandOrigin, "by">;

/** The commands are those of status/commands.ts. A call that cannot be answered throws a Problem. */
export interface ApiBackend {
  /** The present status of the load balancer. */
  status(): NodeStatus | Promise<NodeStatus>;
  readonly journal: Journal;
  promote(instance: string, terms: CommandTerms, by: CommandBy): Promise<CommandResult>;
  demote(instance: string, terms: CommandTerms, by: CommandBy): Promise<CommandResult>;
  release(instance: string, why: CommandWhy, by: CommandBy): Promise<CommandResult>;
  setPriority(
    instance: string,
    priority: number,
    why: CommandWhy,
    by: CommandBy,
  ): Promise<CommandResult>;
  clearPriority(instance: string, why: CommandWhy, by: CommandBy): Promise<CommandResult>;
  reload(request: ReloadRequest, by: CommandBy): Promise<ReloadOutcome>;
  /** Keeps the configuration that is on probation. */
  keep(by: CommandBy): Promise<KeepOutcome>;
  /** The last rehearsal of this node's nginx; `null` before the first. */
  rehearsal(): Rehearsal | null;
  /** Rehearses now. */
  rehearse(): Promise<Rehearsal>;
  /** The newest entries of a peer's journal, by its clock; `null` if it gives none, `undefined` if there is no such peer. */
  peerEntries(name: string): Promise<readonly JournalEntry[] | null> | undefined;
}
