/**
 * The API's interface to a load balancer: its status, its journal, its commands, and reloading its configuration.
 *
 * @module
 */

import type { CommandClient } from "../../status/schemas/command_origin.ts";
import type { CommandResult, InstanceCommand } from "../../status/commands/commands.ts";
import type { Journal, JournalEntry } from "../../status/journal.ts";
import type { Rehearsal } from "../../status/rehearsal.ts";
import type { KeepOutcome, ReloadOutcome, ReloadRequest } from "../../status/commands/reloading.ts";
import type { NodeStatus } from "../../status/status.ts";

/** The sender and the key of a command: each key is carried out once. */
export interface CommandBy {
  /** As the client named the command, or generated for it. */
  readonly key: string;
  /** The token that the client showed. */
  readonly token: string | null;
  readonly client: CommandClient;
}

/** A call that cannot be answered throws a Problem. */
export interface ApiBackend {
  /** The present status of the load balancer. */
  status(): NodeStatus | Promise<NodeStatus>;
  readonly journal: Journal;
  command(command: InstanceCommand, by: CommandBy): Promise<CommandResult>;
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
