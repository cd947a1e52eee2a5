/**
 * The commands that a person can give an instance, and their outcomes.
 *
 * @module
 */

import type { PeerView } from "../reports/peer_answer.ts";
import type { InstanceStatus } from "../status.ts";

/** Why a command was refused or did not succeed. Stable codes of the HTTP API. */
export type CommandErrorCode =
  /** No instance of that name. */
  | "instance_unknown"
  /** The instance cannot be master now: it is in fault or still starting. */
  | "instance_not_ready"
  /** The present master has a priority that cannot be outbid. */
  | "master_not_outbid"
  /** No other node took the addresses in time; this one keeps them. */
  | "no_other_master"
  /** Another command or the end of the daemon came in between. */
  | "superseded";

export type CommandResult =
  | {
    readonly ok: true;
    readonly tookMs: number;
    readonly instance: InstanceStatus;
    /** The last answers of the reachable peers about the same virtual router. */
    readonly peers: readonly PeerView[];
    /** Why a restart would forget it, as the disk says; absent where it is on the disk. */
    readonly notKept?: string;
  }
  | { readonly ok: false; readonly code: CommandErrorCode; readonly message: string };

/** A command that succeeded. */
export type CommandSuccess = Extract<CommandResult, { readonly ok: true }>;

/** A command for an instance, from the HTTP API to the overrides. */
export type InstanceCommand =
  & { readonly instance: string; readonly reason?: string | undefined }
  & (
    | {
      /**
       * `promote`: become master now and stay so; carried out when the addresses are held. `demote`: hand over and stay
       * backup while another node holds the addresses.
       */
      readonly kind: "promote" | "demote";
      /** Milliseconds after which the override ends by itself; until released if absent. */
      readonly forMs?: number | undefined;
    }
    /**
     * `release`: end a promote, demote or manual priority. `clear_priority`: put the configured priority back; a promote
     * or demote stands.
     */
    | { readonly kind: "release" | "clear_priority" }
    /** Override the priority, 1 to 254. */
    | { readonly kind: "set_priority"; readonly priority: number }
  );
