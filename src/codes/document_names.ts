/**
 * The names of the documents that are in the executable; apart from their texts, which few commands need.
 *
 * @module
 */

export const DOCUMENT_NAMES = [
  "alarms",
  "api",
  "behaviour",
  "checks",
  "codes",
  "configuration",
  "conformance",
  "demo",
  "doctor",
  "failover-times",
  "how-it-works",
  "install",
  "interoperation",
  "migration",
  "monitoring",
  "notifications",
  "operation",
  "page",
  "pair",
  "performance",
  "recording",
  "rehearsal",
  "security",
  "verdict",
  "vipd-or-keepalived",
] as const;

export type DocumentName = (typeof DOCUMENT_NAMES)[number];
