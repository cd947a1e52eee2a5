/**
 * The fate of each keyword: one table for each block, one rule for each keyword. The tables make the import and the
 * reference in `docs/migration.md`.
 *
 * @module
 */

import { nearest } from "../../config/nearest.ts";
import { quote } from "../../config/values/result.ts";
import { type FindingKind, NOTHING_TO_DO, type Report } from "../finding.ts";
import { describeLookalike, withoutLookalikes } from "../syntax/lookalikes.ts";
import type { Statement } from "../syntax/statement.ts";

import type { ScriptText } from "./scripts/script_offer.ts";

/** The effect of a keyword on `T`, the part of the import that its block makes. */
export interface Rule<T> {
  /** `carried`, or the kind of the finding that each use makes. */
  readonly fate: "carried" | Exclude<FindingKind, "error" | "ignored" | "advice">;
  /** vipd's key; empty if there is none. */
  readonly key: string;
  /** A note for the reference: the difference, or what to do instead. */
  readonly note: string;
  /** How many words may follow. The import reports more, because keepalived ignores them. */
  readonly maxWords: number;
  /** True if a second use adds to the first instead of replacing it. */
  readonly adds: boolean;
  /** True if the first use counts and not the last. */
  readonly first: boolean;
  /** True if a block must follow. */
  readonly takesBlock: boolean;
  /** Returns `false` if it has no effect, so that another use is the first. */
  readonly apply: (
    target: T,
    statement: Statement,
    report: Report,
    reading: Reading,
  ) => void | false;
}

/** All keywords of one block. */
export type Rules<T> = Readonly<Record<string, Rule<T>>>;

interface CarriedOptions {
  readonly note?: string;
  readonly maxWords?: number;
  readonly adds?: boolean;
  readonly first?: boolean;
  readonly takesBlock?: boolean;
}

/** A keyword that becomes `key`. */
export function carried<T>(
  key: string,
  apply: Rule<T>["apply"],
  { note = "", maxWords = 1, adds = false, first = false, takesBlock = false }: CarriedOptions = {},
): Rule<T> {
  return { fate: "carried", key, note, maxWords, adds, first, takesBlock, apply };
}

/** A keyword that vipd has no equivalent for. `unless` are words with which it asks for what vipd does anyway. */
export function notCarried(
  message: string,
  remedy: string,
  unless: readonly string[] = [],
): Rule<unknown> {
  return reporting("not_carried", message, remedy, (words) => unless.includes(words.join(" ")));
}

/** A keyword whose purpose vipd serves in its own way. */
export function builtIn(message: string, remedy = NOTHING_TO_DO): Rule<unknown> {
  return reporting("carried_differently", message, remedy, () => false);
}

/** A keyword of a job that vipd does not do. */
export function outOfScope(message: string, remedy: string): Rule<unknown> {
  return reporting("out_of_scope", message, remedy, () => false);
}

function reporting(
  severity: "carried_differently" | "not_carried" | "out_of_scope",
  message: string,
  remedy: string,
  isDefault: (words: readonly string[]) => boolean,
): Rule<unknown> {
  return {
    fate: severity,
    key: "",
    note: remedy === NOTHING_TO_DO ? message : remedy,
    maxWords: Infinity,
    adds: true,
    first: false,
    takesBlock: false,
    apply(_, statement, report) {
      if (isDefault(statement.words)) return;
      report.add(severity, statement, message, remedy);
    },
  };
}

/** One rule for several keywords. */
export function each<T>(keywords: string, rule: Rule<T>): Record<string, Rule<T>> {
  return Object.fromEntries(keywords.split(" ").map((keyword) => [keyword, rule]));
}

/** Finds the blocks that know a keyword, for one in the wrong block. */
export type FindHomes = (keyword: string) => readonly string[];

/** The name of the place outside of all blocks in messages. */
export const FILE = "the file";

/** The context for reading a block, in addition to its table. */
export interface Reading {
  readonly report: Report;
  readonly homesOf: FindHomes;
  readonly scriptText: ScriptText;
  /** Whether this machine has the user; `undefined` where nobody knows. */
  readonly isUser: (name: string) => boolean | undefined;
  /** The known keyword that was probably meant. */
  readonly guess: (keyword: string, known: readonly string[]) => string | null;
  /** Called with each statement of a known keyword: vipd's key, or empty, and what the reference says. */
  readonly known: (statement: Statement, key: string, note: string) => void;
}

/** Applies the rules to each statement of a block. `block` names it in messages. */
export function applyRules<T>(
  statements: readonly Statement[],
  rules: Rules<T>,
  target: T,
  block: string,
  reading: Reading,
): void {
  const { report } = reading;
  const seen = new Map<string, Statement>();
  const nearestKnown = (keyword: string) => reading.guess(keyword, Object.keys(rules));
  for (const statement of statements) {
    const { keyword } = statement;
    const rule = Object.hasOwn(rules, keyword) ? rules[keyword]! : null;
    if (rule === null) {
      unknownKeyword(
        statement,
        (keyword) => Object.hasOwn(rules, keyword),
        nearestKnown,
        block,
        reading,
      );
      continue;
    }
    const earlier = seen.get(keyword);
    if (earlier && rule.first) {
      const message = `stands in line ${earlier.line} already; the first one counts`;
      report.add("ignored", statement, message, "keep one of the two");
      for (const inner of statement.block ?? []) reading.known(inner, "", WITHOUT_EFFECT);
      continue;
    }
    if (earlier && !rule.adds) {
      const message = `stands in line ${earlier.line} already; the last one counts`;
      report.add("advice", statement, message, "keep one of the two");
    }
    seen.set(keyword, statement);
    if (rule.fate === "carried" && !(rule.takesBlock && statement.block === null)) {
      inspectWords(statement, rule.maxWords, report);
    }
    reading.known(statement, rule.key, rule.note);
    if (rule.takesBlock && statement.block === null) {
      const message = "its { is missing, and keepalived takes the lines below it for its block";
      report.add("error", statement, message, `write \`${keyword} { ... }\` and import again`);
      continue;
    }
    if (rule.apply(target, statement, report, reading) === false) seen.delete(keyword);
  }
}

function inspectWords(statement: Statement, maxWords: number, report: Report): void {
  const { words } = statement;
  if (words.length > maxWords) {
    report.add(
      "ignored",
      statement,
      `what follows its value is not looked at: ${quote(words.slice(maxWords).join(" "))}`,
      "put each keyword on a line of its own",
    );
  }
  for (const word of words.slice(0, maxWords)) {
    if (word.endsWith(";") && maxWords < Infinity) {
      const message = "the ; at its end is part of the value";
      report.add("advice", statement, message, "remove it: a line's end ends a statement");
    }
    const lookalike = describeLookalike(word);
    if (lookalike === null) continue;
    const remedy = "type the word again if that is not meant";
    report.add("advice", statement, `the value has ${lookalike}`, remedy);
  }
}

/** Explains a line of a block that has no effect. */
export const WITHOUT_EFFECT = "without effect, as its block";

/** keepalived silently ignores a keyword that it does not know; the import ignores it with a report. */
function unknownKeyword(
  statement: Statement,
  isKnown: (keyword: string) => boolean,
  nearestKnown: (keyword: string) => string | null,
  block: string,
  { report, homesOf, known: explained }: Reading,
): void {
  for (const inner of statement.block ?? []) explained(inner, "", WITHOUT_EFFECT);
  const { keyword } = statement;
  const what = statement.block === null ? "the line is" : "the whole block is";
  const lookalike = describeLookalike(keyword);
  const plain = withoutLookalikes(keyword).replace(/[;:=,]+$/, "");
  const homes = homesOf(plain).filter((home) => home !== block);
  const meant = nearestKnown(plain);
  const certain = isKnown(plain);
  const remedy = certain || (meant !== null && homes.length === 0)
    ? `did you mean ${certain ? plain : meant}? correct it and import again`
    : homes.length > 0
    ? `it belongs into ${homes.join(" or ")}${meant === null ? "" : `; did you mean ${meant}?`}`
    : "check its spelling, or remove it";
  const why = lookalike !== null
    ? `it has ${lookalike}`
    : homes.length > 0
    ? `keepalived does not know it in ${block}`
    : "keepalived does not know it";
  report.add(
    isIgnored(statement, block, homesOf) ? "ignored" : "not_carried",
    statement,
    `${why}; ${what} without effect`,
    remedy,
  );
}

/**
 * True if keepalived ignores an unknown statement whole. An unknown block within another one closes that one, so what
 * follows means something else there; of one outside of all blocks keepalived reads the lines, as if no brace preceded.
 */
function isIgnored({ block }: Statement, around: string, homesOf: FindHomes): boolean {
  if (block === null) return true;
  const means = (statement: Statement): boolean =>
    homesOf(statement.keyword).includes(FILE) || (statement.block ?? []).some(means);
  return around === FILE && !block.some(means);
}

/** Guesses in one import. Nobody reads more, and a file may have a wrong keyword in each of a hundred thousand lines. */
const MAX_GUESSES = 200;

/** Guesses what was meant, as long as somebody reads it. */
export function guesser(): Reading["guess"] {
  const made = new Map<string, string | null>();
  return (keyword, known) => {
    const key = `${keyword}\n${known[0]}`;
    if (!made.has(key)) {
      if (made.size >= MAX_GUESSES) return null;
      made.set(key, nearest(keyword, known));
    }
    return made.get(key)!;
  };
}
