/**
 * What comes of a reload, for whoever asked for it.
 *
 * @module
 */

import type { ConfigChange } from "../config/changes.ts";
import type { Diagnostic } from "../config/diagnostics.ts";

export type ReloadOutcome =
  | {
    readonly ok: true;
    readonly tookMs: number;
    readonly changes: readonly ConfigChange[];
    readonly warnings: readonly Diagnostic[];
  }
  /** The configuration before runs on. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads the configuration again and makes it the one that runs. */
export type Reload = () => Promise<ReloadOutcome>;
