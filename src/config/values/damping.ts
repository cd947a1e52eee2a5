/**
 * The defaults of `damping`.
 *
 * @module
 */

import type { DampingConfig } from "../model.ts";

/** Each mastership has two moves: the addresses come and go. */
export const USUAL_DAMPING: DampingConfig = {
  moves: 4,
  withinMs: 600_000,
  holdAfterMs: 600_000,
};
