/**
 * The outcome of a reload, for anyone who asked for it.
 *
 * @module
 */

import type { ConfigChange } from "../../config/changes.ts";
import type { Diagnostic } from "../../config/diagnostics.ts";
import type { CheckStatus, InstanceStatus, ProbationStatus } from "../status.ts";

/** How a reload is asked for. */
export interface ReloadRequest {
  /** Takes the configuration even if nobody is left to serve then. */
  readonly force?: boolean | undefined;
  /** Goes back to the configuration before unless that is called off within so many milliseconds. */
  readonly confirmMs?: number | undefined;
}

/** The first verdicts after a reload. */
export interface ReloadVerdicts {
  /** Checks that are new, or that run in another way; `detail` is their last result's line. */
  readonly checks: readonly (Pick<CheckStatus, "name" | "state"> & { readonly detail: string })[];
  readonly instances: readonly ReloadedInstance[];
}

/** An instance after a reload. */
export interface ReloadedInstance extends Pick<InstanceStatus, "name" | "state" | "faults"> {
  /** Only there while it hands over. */
  readonly handing_over?: boolean | undefined;
}

export type ReloadOutcome =
  | {
    readonly ok: true;
    readonly tookMs: number;
    readonly changes: readonly ConfigChange[];
    readonly warnings: readonly Diagnostic[];
    /** Absent from an engine that is older than they are. */
    readonly verdicts?: ReloadVerdicts | undefined;
    /** Absent if the configuration is in force for good, and from an older engine. */
    readonly probation?: ProbationStatus | undefined;
  }
  /** The previous configuration stays in force. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** The outcome of keeping the configuration that is on probation. */
export type KeepOutcome =
  | { readonly ok: true }
  /** `message`: why it is not kept. */
  | { readonly ok: false; readonly message: string };

/** Reads the configuration again and puts it in force. */
export type Reload = (request?: ReloadRequest) => Promise<ReloadOutcome>;
