/**
 * The outcome of a reload, for anyone who asked for it.
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
  /** The previous configuration stays in force. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads the configuration again and puts it in force. */
export type Reload = () => Promise<ReloadOutcome>;
