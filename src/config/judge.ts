/**
 * The steps from data to a configuration, for the readers of a text: the schema, the rules, the files that it names. The
 * readers differ only in which findings keep the data from being one.
 *
 * @module
 */

import type * as z from "zod";
import { boundsFinding } from "./bounds.ts";
import { type Finding, unseenFile } from "./findings.ts";
import { partialOf } from "./partial.ts";
import { readableFindings } from "./rules/file.ts";
import { ruleFindings } from "./rules/rules.ts";
import { FileSchema, type FileValues } from "./schema/schema.ts";
import { type NamedFiles, NO_NAMED_FILES } from "./secrets/named_files.ts";

/** All that a check knows in addition to the text. */
export interface CheckOptions {
  /** Names the node where the file does not. */
  readonly hostname: string;
  /** Permission bits of the file, where known: a password that others can read is worth a warning. */
  readonly mode?: number | null;
  /**
   * A certificate or key that cannot be used keeps only that from working which needs it: a warning, not an error. As
   * for an engine that starts, which serves without an API too.
   */
  readonly lenient?: boolean;
  /**
   * The configuration is only compared with another node's: a file that it names, and that this process cannot look at,
   * is no fault, but is listed as unseen.
   */
  readonly comparison?: boolean;
  /** Reads what the data names; without it nothing is read, and nothing is said about it. */
  readonly readNamed?: (data: unknown) => NamedFiles;
}

/** Data as the schema reads it. */
export interface SchemaReading {
  readonly data: unknown;
  /** `null` if the schema has an issue with the data. */
  readonly file: FileValues | null;
  readonly issues: readonly z.core.$ZodIssue[];
}

/** Reads data by the schema, unless it is too much for a configuration. */
export function readBySchema(data: unknown): SchemaReading | { readonly exceeding: Finding } {
  const exceeding = boundsFinding(data);
  if (exceeding !== null) return { exceeding };
  const parsed = FileSchema.safeParse(data);
  return { data, file: parsed.data ?? null, issues: parsed.error?.issues ?? [] };
}

/** The findings about data beyond the issues of the schema, and the files that it names. */
export interface Judged {
  readonly findings: readonly Finding[];
  /** Of a comparison: what would be said of the files that could not be looked at. */
  readonly unseen: readonly Finding[];
  readonly named: NamedFiles;
}

/** Judges data, whatever the schema says of it; `fileName` is only named in hints. */
export function judge(
  { data, file }: SchemaReading,
  fileName: string,
  { hostname, mode = null, lenient = false, comparison = false, readNamed }: CheckOptions,
): Judged {
  const partial = partialOf(data, file?.instances);
  const named = readNamed?.(data) ?? NO_NAMED_FILES;
  const ofTls = named.tls.findings;
  const ofNamed = divided([
    ...(lenient ? ofTls.map((finding) => ({ ...finding, severity: "warning" } as const)) : ofTls),
    ...named.keys.findings,
  ], comparison);
  return {
    unseen: ofNamed.unseen,
    findings: [
      ...ofNamed.findings,
      ...ruleFindings(partial, hostname),
      ...readableFindings(partial, fileName, mode),
    ],
    named,
  };
}

/** Findings about files, in a comparison without those about files that this process cannot look at. */
export function divided(
  all: readonly Finding[],
  comparison: boolean,
): Pick<Judged, "findings" | "unseen"> {
  const isUnseen = (finding: Finding) => comparison && unseenFile(finding) !== null;
  return {
    findings: all.filter((finding) => !isUnseen(finding)),
    unseen: all.filter(isUnseen),
  };
}
