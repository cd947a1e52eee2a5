/**
 * From facts to findings.
 *
 * @module
 */

import { type Passed, passedPoints } from "./checklist.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { hostFindings } from "./host_rules.ts";
import { linkFindings } from "./link_rules.ts";

const ORDER: readonly Finding["severity"][] = ["error", "warning", "info"];

/** The findings, and the points without any. */
export interface Examination {
  /** The most severe first. */
  readonly findings: readonly Finding[];
  readonly passed: readonly Passed[];
}

export function examine(facts: Facts): Examination {
  const found = [
    ...facts.instances.flatMap((instance) => linkFindings(instance, facts)),
    ...hostFindings(facts),
  ];
  return {
    findings: found.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity)),
    passed: passedPoints(facts, found),
  };
}
