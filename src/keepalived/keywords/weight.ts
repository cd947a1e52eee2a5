/**
 * `weight NUMBER [reverse]`, in definitions and in the entries that use them.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";

/** The weight of a tracked object. Weight 0: its failure means fault. */
export interface Weight {
  readonly weight: number;
  /** Success and failure are swapped. */
  readonly reverse: boolean;
}

const NO_WEIGHT: Weight = { weight: 0, reverse: false };

/** vipd's highest weight; `vrrp_track_process` allows one more. */
const MAX_WEIGHT = 253;

/** Reads the words after `weight`; 0, with a finding, if keepalived would not accept them, beyond `highest`. */
export function readWeight(
  words: readonly string[],
  statement: Statement,
  report: Report,
  highest: number,
  instead = "it counts without weight, so its failure means fault",
): Weight {
  const [text = "", direction, ...more] = words;
  const weight = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  const known = direction === undefined ||
    ["reverse", "noreverse", "no_reverse"].includes(direction);
  if (!(Math.abs(weight) <= highest) || !known || more.length > 0) {
    report.add(
      "ignored",
      statement,
      `${quote(words.join(" "))} is not a weight from -${MAX_WEIGHT} to ${MAX_WEIGHT}`,
      `${instead}; correct it and import again`,
    );
    return NO_WEIGHT;
  }
  const limited = Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight));
  if (limited !== weight) {
    const message = `${weight} becomes ${limited}, which is as far as priorities reach`;
    report.add("carried_differently", statement, message, NOTHING_TO_DO);
  }
  // Converts -0 to 0.
  return { weight: limited || 0, reverse: direction === "reverse" };
}

/** An entry of `track_script` and similar: `NAME [weight NUMBER [reverse]]`. */
export interface TrackEntry {
  readonly name: string;
  /** `null` if the entry gives none. */
  readonly weight: Weight | null;
}

/** Reads such an entry. Reports words that keepalived ignores. */
export function readTrackEntry(statement: Statement, report: Report): TrackEntry {
  const { keyword: name, words } = statement;
  if (words.length === 0) return { name, weight: null };
  if (words[0] === "weight") {
    const weight = readWeight(
      words.slice(1),
      statement,
      report,
      MAX_WEIGHT + 1,
      "the weight of its definition counts, of an interface none",
    );
    // keepalived ignores a wrong one here, so the definition's counts.
    return { name, weight: weight === NO_WEIGHT ? null : weight };
  }
  report.add(
    "ignored",
    statement,
    `${quote(words.join(" "))} after the name is not looked at`,
    "write each name on a line of its own, a weight as `NAME weight NUMBER`",
  );
  return { name, weight: null };
}
