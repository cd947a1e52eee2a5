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
import { exampleAt, fittingAt, FORMER_BOOLEANS, isRequired, isTaken } from "./fitting.ts";
import { meantAlternative } from "./leaf_issues.ts";
import {
  continuedEntryHint,
  isWithin,
  joinedHint,
  joinedKeyHint,
  joinedSibling,
  splitFinding,
  splitMappings,
} from "./layout.ts";
import { unknownKeyHint } from "./unknown_keys.ts";
import { flowYaml } from "../yaml/flow.ts";
import { keyBeforeColon } from "../yaml/slips.ts";

type Issue = z.core.$ZodIssue;

/** The findings of the first issues that the schema has with the data of `source`, and how many issues are left out. */
export function findingsOf(
  issues: readonly Issue[],
  source: ConfigSource,
): { readonly findings: Finding[]; readonly omitted: number } {
  const single = issues.flatMap(withOneKey).filter((issue) =>
    !isMerged(issue, source.data) && !isJoined(issue, source.data)
  );
  const split = splitMappings(single, source.data);
  const other = single.filter(({ path }) => !split.some((mapping) => isWithin(mapping, path)));
  const shown = other.slice(0, MAX_PROBLEMS);
  const findings = [
    ...split.map((mapping) => splitFinding(mapping, source.data)),
    ...shown.flatMap((issue) => explain(issue, issue.path as Path, source)),
  ];
  return { findings, omitted: other.length - shown.length };
}

/** True for a key that a merge key (`<<`) next to it was to bring: that one is the fault. */
function isMerged({ path }: Issue, data: unknown): boolean {
  return valueAt(data, path as Path) === undefined &&
    valueAt(data, [...path.slice(0, -1) as Path, "<<"]) !== undefined;
}

/** True for a key that is missing because its colon has no blank after it: the key that so came about is the fault. */
function isJoined({ code, path }: Issue, data: unknown): boolean {
  // The rule of the names of checks reports it.
  if (path[0] === "checks" && keyBeforeColon(String(path[1] ?? "")) !== null) return true;
  return code === "invalid_type" && valueAt(data, path as Path) === undefined &&
    joinedSibling(data, path as Path) !== null;
}

/** An issue for each key that is not known. */
function withOneKey(issue: Issue): Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key] }));
}

/** `path` is the issue's from the root; inside a union an issue knows only its own part. */
function explain(issue: Issue, path: Path, source: ConfigSource): Finding[] {
  switch (issue.code) {
    case "custom": {
      const { code, hint } = issue.params as unknown as ProblemParams;
      const layout = continuedEntryHint(source.data, path);
      return [errorAt(path, code, issue.message, layout ?? hint)];
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
  const meant = meantAlternative(issue);
  if (!meant) return [wrongType(issue.message, path, source)];
  return meant.flatMap((inner) => explain(inner, [...path, ...inner.path as Path], source));
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
  const sample = exampleAt(source.data, path);
  const example = choices.length > 0 ? choices.join(" | ") : flowYaml(sample);
  const key = path.at(-1);
  const written = typeof key === "string" ? `${key}: ${example}` : example;
  const how = sample === undefined ? "" : `: \`${written}\``;
  if (value === undefined) {
    const joined = joinedSibling(source.data, path);
    const hint = joined && joinedKeyHint(source.data, path.slice(0, -1), joined);
    return errorAt(path, "missing_key", "this key is missing", hint ?? `add it${how}`);
  }
  const removal = isRequired(source.data, path) ? "" : `${how && ","} or remove it`;
  return errorAt(path, "wrong_type", "nothing stands here", `write a value${how}${removal}`);
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
    scalarHint(expected, path, source) ?? layoutHint(expected, path, source.data) ??
      placeHint(expected, path, source.data),
  );
}

/** By the marks of YAML that have become a part of the value; `null` if none has. */
function layoutHint(expected: string, path: Path, data: unknown): string | null {
  if (expected === KINDS.array) return joinedHint("list", data, path);
  return expected === KINDS.object ? joinedHint("mapping", data, path) : null;
}

/** By what the schema takes at this place. */
function placeHint(expected: string, path: Path, data: unknown): string {
  const fitting = fittingAt(data, path);
  if (Array.isArray(fitting)) return `write it as a list: ${flowYaml(fitting)}`;
  if (fitting !== undefined) return `write \`${flowYaml(fitting)}\``;
  if (expected === KINDS.boolean) return `write ${expected}`;
  const example = exampleAt(data, path);
  if (example === undefined) return `write ${expected}`;
  const shown = flowYaml(example);
  return expected.includes(shown)
    ? `write \`${shown}\``
    : `write ${expected}, such as \`${shown}\``;
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

/** By the value; `null` if that says nothing of what was meant. */
function scalarHint(expected: string, path: Path, source: ConfigSource): string | null {
  const value = valueAt(source.data, path);
  if (expected === KINDS.string && (typeof value === "number" || typeof value === "boolean")) {
    if (isSecretPath(path)) return 'put it in quotes: "..."';
    const written = source.written(path);
    // Of a number where an address belongs, an example says more.
    if (!isTaken(source.data, path, written ?? String(value))) return null;
    return `put it in quotes: ${written === null ? '"..."' : `"${written}"`}`;
  }
  if (expected === KINDS.boolean && typeof value === "string") {
    const meant = FORMER_BOOLEANS.get(value.toLowerCase());
    if (meant !== undefined) return `write ${meant}, without quotes`;
  }
  if (expected === KINDS.number && typeof value === "string" && /^-?\d+$/.test(value)) {
    // Of one out of range an example says more.
    if (!isTaken(source.data, path, Number(value))) return null;
    return `write ${value} without quotes`;
  }
  return null;
}
