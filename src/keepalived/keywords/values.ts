/**
 * Values of keepalived's keywords. If keepalived replaces a wrong value by its default, so does the import, and it
 * reports that.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { readName } from "../../config/values/values.ts";
import type { Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";

/** keepalived's default (keepalived.conf(5), `priority`). */
export const DEFAULT_PRIORITY = 100;

/** The valid numbers. */
export interface NumberRange {
  /** keepalived's limits. */
  readonly min: number;
  readonly max: number;
  /** vipd's limits, if they are narrower. */
  readonly vipdMin?: number;
  readonly vipdMax?: number;
  /** True if fractions such as `0.5` are valid. */
  readonly fractions?: boolean;
  /** True if there is no default. */
  readonly needed?: boolean;
}

/** The number that follows a keyword; `null`, with a finding, if keepalived would not accept it. */
export function readNumber(
  statement: Statement,
  range: NumberRange,
  report: Report,
): number | null {
  const text = statement.words[0];
  const { min, max, fractions = false, needed = false } = range;
  const pattern = fractions ? /^[+-]?(\d+\.?\d*|\.\d+)$/ : /^[+-]?\d+$/;
  const value = text !== undefined && pattern.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return limited(value, statement, range, report);
  const what = fractions ? "a number" : "a whole number";
  report.add(
    needed ? "error" : "ignored",
    statement,
    text === undefined
      ? "its value is missing"
      : `${quote(text)} is not ${what} from ${min} to ${max}${seenReason(text)}`,
    `${needed ? "" : "the default counts, as in keepalived; "}correct it and import again`,
  );
  return null;
}

/** The reason that can be seen: a parameter that is not defined, whose name keepalived takes, or a template. */
function seenReason(text: string): string {
  if (/^\$\w+$/.test(text)) return ", and no line above it defines a parameter of this name";
  return /^(?:@\w+@|%\w+%|__\w+__|<.*|\[.*\])$/.test(text)
    ? ", it looks like a place of a template that a program fills in"
    : "";
}

function limited(
  value: number,
  statement: Statement,
  { min, max, vipdMin = min, vipdMax = max }: NumberRange,
  report: Report,
): number {
  const taken = Math.max(vipdMin, Math.min(vipdMax, value));
  if (taken !== value) {
    report.add(
      "carried_differently",
      statement,
      `${value} is not between ${vipdMin} and ${vipdMax}, which vipd takes; it becomes ${taken}`,
      "choose another in the result if that is not right",
    );
  }
  return taken;
}

/** The word that follows a keyword; `null`, with a finding, if there is none. */
export function readWord(statement: Statement, report: Report): string | null {
  const word = statement.words[0];
  if (word !== undefined && word !== "") return word;
  report.add("ignored", statement, "its value is missing", "add it and import again");
  return null;
}

/** Value of an on/off keyword, which alone means on; `null`, with a finding, for anything else. */
export function readFlag(statement: Statement, report: Report): boolean | null {
  const word = statement.words[0] ?? "on";
  if (["on", "true", "yes"].includes(word)) return true;
  if (["off", "false", "no"].includes(word)) return false;
  const remedy = "write on or off and import again";
  report.add("ignored", statement, `${quote(word)} is neither on nor off`, remedy);
  return null;
}

/** `name` as a valid name in vipd: other characters become `_`. */
export function vipdName(name: string): string {
  if (readName(name).ok) return name;
  const plain = name.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 60);
  return /^[A-Za-z0-9]/.test(plain) ? plain : `n${plain}`;
}

/** A block's name: `null`, with an error, if it has none. */
export function blockName(statement: Statement, report: Report): string | null {
  const name = statement.words[0];
  if (name !== undefined && name !== "") return name;
  report.add("error", statement, "its name is missing", "write it before the { and import again");
  return null;
}

/** The finding about a block whose name another one above has: message and remedy. */
export const SECOND_OF_NAME = [
  "there is a block of this name above; this one has no effect",
  "give each a name of its own",
] as const;

/** Reports that a name had to change. */
export function reportRenamed(
  statement: Statement,
  from: string,
  to: string,
  report: Report,
): void {
  if (from === to) return;
  report.add(
    "carried_differently",
    statement,
    `${quote(from)} is named ${quote(to)}`,
    "names in vipd have letters, digits, `_`, `.` and `-`; nothing to do if nobody uses the old one",
  );
}
