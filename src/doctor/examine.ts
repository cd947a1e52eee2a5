/**
 * From facts to findings.
 *
 * @module
 */

import { addressFindings } from "./address_rules.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { hostFindings } from "./host_rules.ts";
import { linkFindings } from "./link_rules.ts";

const ORDER: readonly Finding["severity"][] = ["error", "warning", "info"];

/** All findings, the most severe first. */
export function examine(facts: Facts): Finding[] {
  const found = [
    ...facts.instances.flatMap((instance) => linkFindings(instance, facts)),
    ...facts.instances.flatMap((instance) => addressFindings(instance, facts)),
    ...hostFindings(facts),
  ];
  return found.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
