/**
 * The first verdicts after a reload, for anyone who asked for it.
 *
 * @module
 */

import type { CheckStatus, InstanceStatus } from "./status.ts";

/** The first verdicts after a reload. */
export interface ReloadVerdicts {
  /** Checks that are new, or that run in another way; `detail` is their last result's line. */
  readonly checks: readonly (Pick<CheckStatus, "name" | "state"> & { readonly detail: string })[];
  readonly instances: readonly Pick<InstanceStatus, "name" | "state" | "faults">[];
}
