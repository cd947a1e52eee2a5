/** What comes of a break. */

import type { Site } from "./sites.ts";

/** A test failed, the tests did not end, or nothing noticed. */
export type Outcome = "failed" | "endless" | "survived";

export interface Verdict {
  readonly outcome: Outcome;
  /** The test that noticed, or the test file that could not be loaded; `null` if nothing did. */
  readonly noticedBy: string | null;
}

/** The verdict of a site in a run. */
export interface Result {
  readonly site: Site;
  /** An explained break is not tried. */
  readonly outcome: Outcome | "explained";
  readonly noticedBy: string | null;
  readonly durationMs: number;
  /** Where it was tried again in a process of its own: what came of it before, if that was something else. */
  readonly before?: Outcome;
}
