/**
 * Defaults of the file that more than the schema needs.
 *
 * @module
 */

import type { DampingConfig } from "../model.ts";

/** The priority of a node whose file does not say one, and of the second one of most pairs. */
export const DEFAULT_PRIORITY = 100;

/** Each mastership has two moves: the addresses come and go. */
export const USUAL_DAMPING: DampingConfig = {
  moves: 4,
  withinMs: 600_000,
  holdAfterMs: 600_000,
};

/** `rehearse.warn_before`: how long before its end a certificate is worth a look. */
export const WARN_BEFORE_MS = 14 * 86_400_000;
