/**
 * The names of the documents that are in the executable; apart from their texts, which few commands need.
 *
 * @module
 */

export const DOCUMENT_NAMES = [
  "alarms",
  "api",
  "checks",
  "configuration",
  "doctor",
  "install",
  "migration",
  "monitoring",
  "notifications",
  "operation",
  "recording",
  "security",
  "verdict",
] as const;

export type DocumentName = (typeof DOCUMENT_NAMES)[number];
