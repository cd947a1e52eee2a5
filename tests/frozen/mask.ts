/**
 * What is another value in every run, or on every machine: it stands as a word in braces in the data, and wherever the
 * present is compared with them.
 *
 * @module
 */

import type { Json } from "./json.ts";

/** Texts that belong to one run, such as a folder's path, and what stands for each. */
export type RunWords = Readonly<Record<string, string>>;

/** What every run of a live vipd says in its own words. */
const LIVE_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "{time}"],
  [/\b\d+(?:\.\d+)? ms\b/g, "{number} ms"],
  [/\bwait \d+ s\b/g, "wait {number} s"],
];

/** Keys whose values only one run has. */
const LIVE_KEYS: ReadonlySet<string> = new Set([
  "uptime_seconds",
  "took_ms",
  "renewed_ms_ago",
  "pid",
  "id",
  ...["advertisements_sent", "advertisements_failed", "advertisements_received"],
  ...["priority_zero_sent"],
  ...["priority_zero_received", "checksum_message", "checksum_pseudo_header"],
  ...["became_master", "released_master"],
]);

const BUILD = /\((?:commit [0-9a-f]+(?:-dirty)?, )?(?:source|compiled|portable)\)/g;

/** Diagnostics about programs, files and users of this machine. */
const MACHINE_CODES =
  "unknown_user|user_needs_root|program_missing|program_not_executable|program_unsafe|" +
  "notify_file_unreadable|notify_file_open|peer_token_unreadable|source_ambiguous";
/** Each with the two lines that show its place. */
const MACHINE_DIAGNOSTICS = new RegExp(
  `^.*\\[(?:${MACHINE_CODES})\\]\\n(?:[ \\d]{5} \\|.*\\n){0,2}`,
  "gm",
);

/** The words of a run, the version of the vipd that speaks, and how it was built. */
export function maskRun(text: string, version: string, words: RunWords = {}): string {
  const said = new RegExp(`(?<![\\d.])${version.replaceAll(".", "\\.")}(?![\\d.])`, "g");
  let masked = text;
  for (const [word, stands] of Object.entries(words)) masked = masked.replaceAll(word, stands);
  return masked.replaceAll(said, "{version}").replaceAll(BUILD, "({build})");
}

/** Leaves out what depends on the machine's programs, files and users. */
export function withoutMachine(diagnostics: string): string {
  return diagnostics.replaceAll(MACHINE_DIAGNOSTICS, "");
}

/** What a live vipd says: as {@link maskRun}, and times, and the numbers that only one run has. */
export function maskLive(value: Json, version: string, words: RunWords = {}): Json {
  if (typeof value === "string") {
    return LIVE_PATTERNS.reduce(
      (text, [pattern, stands]) => text.replaceAll(pattern, stands),
      maskRun(value, version, words),
    );
  }
  if (Array.isArray(value)) return value.map((each) => maskLive(each, version, words));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      LIVE_KEYS.has(key) && each !== null ? `{${typeof each}}` : maskLive(each, version, words),
    ]),
  );
}
