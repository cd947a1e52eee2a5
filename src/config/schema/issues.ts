/**
 * Zod's issues as findings in our own words, made from their codes. Zod's texts never reach a user.
 *
 * @module
 */

import type * as z from "zod";
import { MAX_PROBLEMS } from "../bounds.ts";
import type { Path } from "../path.ts";
import type { ConfigSource } from "../plain_source.ts";
import { errorAt, type Finding, valueAt } from "../findings.ts";
import { isSecretPath } from "../secrets/secret_places.ts";
import { quote } from "../values/result.ts";
import type { ProblemParams } from "./fields.ts";
import { nearest } from "../nearest.ts";
import { exampleFor, mappingFor, unknownKeyHint } from "./unknown_keys.ts";

type Issue = z.core.$ZodIssue;

/** The findings of the first issues that the schema has with the data of `source`, and how many issues are left out. */
export function findingsOf(
  issues: readonly Issue[],
  source: ConfigSource,
): { readonly findings: Finding[]; readonly omitted: number } {
  const single = issues.flatMap(split).filter((issue) => !isMerged(issue, source.data));
  const shown = single.slice(0, MAX_PROBLEMS);
  const findings = shown.flatMap((issue) => explain(issue, issue.path as Path, source));
  return { findings, omitted: single.length - shown.length };
}

/** True for a key that a merge key (`<<`) next to it was to bring: that one is the fault. */
function isMerged({ path }: Issue, data: unknown): boolean {
  return valueAt(data, path as Path) === undefined &&
    valueAt(data, [...path.slice(0, -1) as Path, "<<"]) !== undefined;
}

/** An issue for each key that is not known. */
function split(issue: Issue): Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key] }));
}

/** `path` is the issue's from the root; inside a union an issue knows only its own part. */
function explain(issue: Issue, path: Path, source: ConfigSource): Finding[] {
  switch (issue.code) {
    case "custom": {
      const { code, hint } = issue.params as unknown as ProblemParams;
      return [errorAt(path, code, issue.message, hint)];
    }
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        severity: "error",
        code: "unknown_key",
        path: [...path, key],
        at: "key",
        message: "this key is not known",
        hint: unknownKeyHint(source.data, path, key),
      }));
    case "invalid_type":
      return [wrongType(KINDS[issue.expected] ?? issue.expected, path, source)];
    case "invalid_value":
      return [wrongChoice(issue.values.map(String), path, source)];
    case "invalid_union":
      return explainUnion(issue, path, source);
    case "too_small":
      return [tooFew(Number(issue.minimum), path)];
    default:
      // The schema has no other kind of check; tests hold that.
      return [errorAt(path, "wrong_type", "this value is not possible", "see the reference")];
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  object: "a mapping (`key: value` lines)",
  record: "a mapping (`key: value` lines)",
  array: "a list (lines that begin with a dash)",
};

function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  source: ConfigSource,
): Finding[] {
  if (issue.discriminator !== undefined) {
    // The path of a failed discriminator ends with it.
    return [wrongChoice(discriminatorChoices(issue), path, source)];
  }
  // The writer meant the alternative whose outer kind fits: a text, a mapping, a list.
  const meant = issue.errors.find((issues) => !issues.some(isOuterKind));
  if (!meant) return [wrongType(issue.message, path, source)];
  return meant.flatMap((inner) => explain(inner, [...path, ...inner.path as Path], source));
}

function isOuterKind(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

function discriminatorChoices(issue: z.core.$ZodIssueInvalidUnion): string[] {
  return "options" in issue ? (issue.options as readonly unknown[]).map(String) : [];
}

function wrongChoice(choices: readonly string[], path: Path, source: ConfigSource): Finding {
  const value = valueAt(source.data, path);
  if (value === undefined || value === null) return missing(path, value, choices, source);
  const meant = typeof value === "string" ? nearest(value, choices) : null;
  const shown = typeof value === "number" && source.written(path) || describe(value);
  return errorAt(
    path,
    "unknown_choice",
    `${shown} is not one of ${choices.join(", ")}`,
    meant ? `did you mean \`${meant}\`?` : `choose one of ${choices.join(", ")}`,
  );
}

function missing(
  path: Path,
  value: null | undefined,
  choices: readonly string[],
  source: ConfigSource,
): Finding {
  const example = choices.length > 0 ? choices.join(" | ") : exampleFor(source.data, path);
  const key = path.at(-1);
  const how = example === null || typeof key === "number" ? "" : `: \`${key}: ${example}\``;
  return value === null
    ? errorAt(path, "wrong_type", "nothing stands here", `write a value${how || " or remove it"}`)
    : errorAt(path, "missing_key", "this key is missing", `add it${how}`);
}

function tooFew(minimum: number, path: Path): Finding {
  return minimum === 1
    ? errorAt(path, "out_of_range", "the list is empty", "add at least one entry")
    : errorAt(
      path,
      "out_of_range",
      `the list has fewer than ${minimum} entries`,
      `name at least ${minimum}`,
    );
}

function wrongType(expected: string, path: Path, source: ConfigSource): Finding {
  const value = valueAt(source.data, path);
  const secret = isSecretPath(path);
  if (value === undefined || value === null) {
    return missing(path, path.length === 0 ? null : value, [], source);
  }
  return errorAt(
    path,
    "wrong_type",
    `expected ${expected}, found ${secret ? kindOf(value) : describe(value)}`,
    typeHint(expected, value, secret ? null : source.written(path)) ??
      placeHint(expected, secret ? "..." : value, path, source),
  );
}

/** By what the schema has at this place. */
function placeHint(expected: string, value: unknown, path: Path, { data }: ConfigSource): string {
  const single = typeof value === "string" || typeof value === "number";
  // A text in place of the whole file says nothing of what is meant.
  const inFile = expected === KINDS.object && single && path.length > 0;
  const mapping = inFile ? mappingFor(data, path, value) : null;
  if (mapping !== null) return `write \`${mapping}\``;
  // Nobody is to copy a secret.
  const example = isSecretPath(path) ? null : exampleFor(data, path);
  return example === null ? `write ${expected}` : `write ${expected}, such as \`${example}\``;
}

/** The value at a place, for a message. */
function describe(value: unknown): string {
  if (typeof value === "string") return quote(value);
  return typeof value === "number" || typeof value === "boolean" ? `${value}` : kindOf(value);
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  if (typeof value === "boolean") return "true or false";
  return Array.isArray(value) ? "a list" : "a mapping";
}

/** YAML 1.1 read these words as true and false; YAML 1.2 reads them as text. */
const FORMER_BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["on", true],
  ["y", true],
  ["true", true],
  ["no", false],
  ["off", false],
  ["n", false],
  ["false", false],
]);

/** Characters that mean something to a shell, and nothing in a list of words. */
const SHELL = /[|&;<>$`*?"'\\(){}~]/;

/** By the value; `null` if that says nothing of what was meant. */
function typeHint(expected: string, value: unknown, written: string | null): string | null {
  const scalar = typeof value === "number" || typeof value === "boolean";
  if (expected === KINDS.string && scalar) {
    return `put it in quotes: ${written === null ? '"..."' : `"${written}"`}`;
  }
  if (expected === KINDS.boolean && typeof value === "string") {
    const meant = FORMER_BOOLEANS.get(value.toLowerCase());
    if (meant !== undefined) return `write ${meant}, without quotes`;
  }
  if (expected === KINDS.number && typeof value === "string" && /^-?\d+$/.test(value)) {
    return `write ${value} without quotes`;
  }
  if (expected === KINDS.array && (scalar || typeof value === "string")) {
    return `write it as a list: [${wordsOf(String(value).slice(0, 200).trim()).join(", ")}]`;
  }
  return null;
}

/** A shell gets its line whole. */
function wordsOf(text: string): string[] {
  return SHELL.test(text) ? ["/bin/sh", "-c", JSON.stringify(text)] : text.split(/\s+/);
}
