/**
 * The issues that Zod packs into others, each with its path from the root.
 *
 * @module
 */

import type * as z from "zod";
import type { Path } from "../path.ts";

type Issue = z.core.$ZodIssue;

/** The issues of the alternative whose outer kind fits what the writer meant: a text, a mapping, a list; `null` if none does. */
export function meantAlternative({ errors }: z.core.$ZodIssueInvalidUnion): Issue[] | null {
  return errors.find((issues) => !issues.some(isOuterKind)) ?? null;
}

function isOuterKind(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

/** Inside a union an issue knows only its own part of the path. */
export function* leafIssues(
  issues: readonly Issue[],
  above: Path = [],
): Generator<{ readonly issue: Issue; readonly path: Path }> {
  for (const issue of issues) {
    const path = [...above, ...issue.path as Path];
    const meant = issue.code === "invalid_union" ? meantAlternative(issue) : null;
    if (meant === null) yield { issue, path };
    else yield* leafIssues(meant, path);
  }
}
