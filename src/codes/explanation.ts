/**
 * The meaning of one code, as data and as text.
 *
 * @module
 */

import { nearest } from "../config/nearest.ts";
import { allCodes, type CodeMeaning } from "./catalogue.ts";
import { CODE_KINDS, type CodeKind } from "./kinds.ts";
import { PAGE_COLUMNS, plainText, wrapped } from "./plain_text.ts";

/** A code means one thing for each kind that it is of: an alarm and a finding can have one name. */
export interface CodeExplanation {
  readonly code: string;
  readonly meanings: readonly ExplainedMeaning[];
}

/** All texts are Markdown. */
export interface ExplainedMeaning extends Omit<CodeMeaning, "code" | "seen"> {
  readonly kind: CodeKind;
  /** The place where it is seen. */
  readonly seen: string;
}

/** `null` if vipd shows no such code. */
export function explain(code: string): CodeExplanation | null {
  const found = allCodes().filter((candidate) => candidate.code === code);
  if (found.length === 0) return null;
  return {
    code,
    meanings: found.map(({ code: _, kind, seen = CODE_KINDS[kind].seen, ...meaning }) => ({
      ...{ kind, seen, ...meaning },
    })),
  };
}

/** Why there is no explanation, with the code that may be meant. */
export function unknownCode(code: string): string {
  const similar = nearest(code, allCodes().map((known) => known.code));
  const hint = similar === null ? "" : `; did you mean ${similar}?`;
  return `vipd has no code ${JSON.stringify(code.slice(0, 100))}${hint}`;
}

/** For people; ends with a newline. */
export function explanationText(
  { code, meanings }: CodeExplanation,
  columns: number = PAGE_COLUMNS,
): string {
  return meanings.map((meaning) => `${meaningText(code, meaning, columns)}\n`).join("\n");
}

function meaningText(code: string, explained: ExplainedMeaning, columns: number): string {
  const { kind, severity, status, meaning, remedy, text, seen } = explained;
  const grade = severity ?? (status === undefined ? null : `HTTP status ${status}`);
  const title = `${code}: ${CODE_KINDS[kind].name}${grade === null ? "" : `, ${grade}`}`;
  const body = [
    sentence(meaning),
    ...(text === undefined ? [] : [text]),
    ...(remedy === undefined ? [] : [`What to do: ${sentence(remedy)}`]),
  ];
  return [
    title,
    ...body.map((part) => plainText(part, columns)),
    wrapped(`Seen: ${seen[0]!.toLowerCase()}${seen.slice(1)}`, columns),
  ].join("\n\n");
}

/** Names of programs, which have no capital letter where a sentence begins either. */
const PROGRAM = /^(?:vipd|nginx|keepalived|systemd|chrony)\b/;

/** Some meanings stand in tables and in messages, without a full stop. */
export function sentence(text: string): string {
  const begun = /^[a-z]/.test(text) && !PROGRAM.test(text)
    ? text[0]!.toUpperCase() + text.slice(1)
    : text;
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}

/** Every code, by kind; ends with a newline. */
export function codeList(columns: number = PAGE_COLUMNS): string {
  const kinds = Map.groupBy(allCodes(), ({ kind }) => kind);
  return Array.from(kinds, ([kind, codes]) => {
    const names = codes.map(({ code }) => code).sort().join(" ");
    return `${CODE_KINDS[kind].name}\n${wrapped(names, columns, "  ")}\n`;
  }).join("\n");
}
